package dev.samgs.surgery;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import dev.samgs.surgery.SurgeryStep.Branch;
import java.io.IOException;
import java.util.Arrays;

/**
 * SAM-GS, Similarity-Aware Momentum Gradient Surgery: T. Borsani, A. Rosani, G. Nicosia, G. Di
 * Fatta, <em>Gradient Similarity Surgery in Multi-Task Deep Learning</em>, arXiv:2506.06130.
 *
 * <p>With g_i the gradient of task i over the shared parameters and K tasks taking part:
 *
 * <ol>
 *   <li>gradient magnitude similarity of a pair, s_ij = 2‖g_i‖‖g_j‖ / (‖g_i‖² + ‖g_j‖²), and its
 *       mean s̄ over the pairs;
 *   <li>first moment of each task, m_i ← β₁ m_i + (1 − β₁) g_i, and one scalar second moment of the
 *       dissimilarity, v ← β₂ v + (1 − β₂)(1 − s̄)² + 10⁻⁸; both corrected for their bias (m̂_i by
 *       the task's own step count, v̂ by the common one) and updated on every step, whichever
 *       branch is taken;
 *   <li>if s̄ &lt; γ (or, with the any-pair trigger, some s_ij &lt; γ), <em>equalisation</em>: g_i'
 *       = g_i/‖g_i‖ · mean_j ‖g_j‖; otherwise <em>momentum modulation</em>: g_i' = g_i ⊙ |m̂_i| /
 *       √v̂;
 *   <li>direction Σ g_i', times K with scale {@code tasks}, then clipped to {@code maxNorm}.
 * </ol>
 *
 * <p>Where the published code divides by zero, this one is defined. An absent task takes no part
 * and keeps its moment. K, s̄ and the mean norm run over the present tasks with a non-zero
 * gradient; a present zero gradient decays its own moment and adds nothing. With fewer than two
 * such tasks the direction is the plain sum with the same clipping, and all state is left alone.
 * Norms are accumulated in double, so no finite float gradient overflows or underflows them; where
 * a factor or the direction itself would leave the range of float, the same formula is evaluated in
 * double and scaled down before it is stored.
 *
 * <p>The modulated branch is quadratic in the gradient and divides by √v̂, which tends to 10⁻⁴/√(1
 * − β₂) for equal norms: it needs an optimiser that rescales (Adam) or clipping behind it.
 */
public final class SamGs implements GradientAggregator {
  /** Which similarities start an equalisation. */
  public enum Trigger {
    /** The mean over all pairs is below γ (the authors' image code). */
    MEAN,
    /** At least one pair is below γ (the authors' reinforcement-learning code). */
    ANY_PAIR
  }

  /** What the sum of the adjusted gradients is multiplied by. */
  public enum Scale {
    /** The number of tasks that took part (the authors' image code). */
    TASKS,
    /** Nothing (the authors' reinforcement-learning code). */
    NONE
  }

  /** Settings of SAM-GS. */
  public record Settings(
      @Setting(
              "mean: the mean similarity starts an equalisation; any-pair: one dissimilar pair does")
          Trigger trigger,
      @Setting("tasks: multiply the direction by the number of tasks; none: do not") Scale scale,
      @Setting(value = "magnitude similarity below which gradients are equalised", min = 0, max = 1)
          double gamma,
      @Setting(value = "decay of each task's momentum", min = 0, max = 0.9999999) double beta1,
      @Setting(value = "decay of the dissimilarity's second moment", min = 0, max = 0.9999999)
          double beta2,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements SurgerySpec {

    /** As published for images, with the threshold of that code. */
    public static Settings defaults() {
      return new Settings(Trigger.MEAN, Scale.TASKS, 0.7, 0.9, 0.99, 1.0);
    }

    public Settings {
      if (Double.isNaN(gamma)) {
        throw new InvalidSettingException("gamma", "gamma must be a number between 0 and 1");
      }
    }
  }

  /** Added to v in each step, as in the published code. */
  private static final double V_EPSILON = 1e-8;

  /** Added to the direction's norm before clipping divides by it, as in the published code. */
  private static final double CLIP_EPSILON = 1e-6;

  /** Factors inside these bounds are safe to multiply in float. */
  private static final double SAFE_LOW = 1e-18;

  private static final double SAFE_HIGH = 1e18;

  private final Settings settings;
  private final int tasks;
  private final int parameters;
  private final SurgeryStep step;
  private final double[] factors;

  private float[] momentum;
  private long[] momentumSteps;
  private double v;
  private long steps;

  /**
   * @param tasks number of tasks, rows of the gradients
   * @param parameters number of shared parameters, columns of the gradients
   */
  public SamGs(Settings settings, int tasks, int parameters) {
    this.settings = settings;
    this.tasks = tasks;
    this.parameters = parameters;
    this.step = new SurgeryStep(tasks);
    this.factors = new double[tasks];
    this.momentum = new float[Math.multiplyExact(tasks, parameters)];
    this.momentumSteps = new long[tasks];
  }

  @Override
  public SurgeryStep aggregate(TaskGradients gradients, float[] direction) {
    step.begin();
    int active = measureNorms(gradients);
    Arrays.fill(direction, 0f);
    if (active < 2) {
      for (int task = 0; task < tasks; task++) {
        factors[task] = gradients.present(task) ? 1 : 0;
      }
      combineRows(gradients, direction);
      return step;
    }

    double similarity = meanSimilarity();
    boolean equalise =
        switch (settings.trigger()) {
          case MEAN -> similarity < settings.gamma();
          case ANY_PAIR -> smallestPairSimilarity() < settings.gamma();
        };
    updateMoments(gradients, similarity);
    double scale = settings.scale() == Scale.TASKS ? active : 1;
    if (equalise) {
      step.setBranch(Branch.EQUALISED, similarity);
      double meanNorm = meanNorm(active);
      for (int task = 0; task < tasks; task++) {
        double norm = step.norm(task);
        factors[task] = norm > 0 ? scale * (meanNorm / norm) : 0;
      }
      combineRows(gradients, direction);
    } else {
      step.setBranch(Branch.MODULATED, similarity);
      double root = Math.sqrt(v / biasCorrection(settings.beta2(), steps));
      for (int task = 0; task < tasks; task++) {
        factors[task] =
            step.norm(task) > 0
                ? scale / (root * biasCorrection(settings.beta1(), momentumSteps[task]))
                : 0;
      }
      combineModulatedRows(gradients, direction);
    }
    return step;
  }

  private int measureNorms(TaskGradients gradients) {
    int active = 0;
    for (int task = 0; task < tasks; task++) {
      if (gradients.present(task)) {
        double norm = Vectors.norm(gradients.values(), gradients.row(task), parameters);
        if (!(norm <= Double.MAX_VALUE)) {
          throw TaskGradients.notFinite(task);
        }
        step.setNorm(task, norm);
        if (norm > 0) {
          active++;
        }
      }
    }
    return active;
  }

  private double meanSimilarity() {
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < tasks; i++) {
      for (int j = i + 1; j < tasks; j++) {
        if (step.norm(i) > 0 && step.norm(j) > 0) {
          sum += Similarity.magnitude(step.norm(i), step.norm(j));
          pairs++;
        }
      }
    }
    return sum / pairs;
  }

  /**
   * The similarity of a pair falls as its norms part, so the smallest belongs to the extreme norms.
   */
  private double smallestPairSimilarity() {
    double low = Double.POSITIVE_INFINITY;
    double high = 0;
    for (int task = 0; task < tasks; task++) {
      double norm = step.norm(task);
      if (norm > 0) {
        low = Math.min(low, norm);
        high = Math.max(high, norm);
      }
    }
    return Similarity.magnitude(low, high);
  }

  private double meanNorm(int active) {
    double sum = 0;
    for (int task = 0; task < tasks; task++) {
      double norm = step.norm(task);
      if (norm > 0) {
        sum += norm;
      }
    }
    return sum / active;
  }

  private void updateMoments(TaskGradients gradients, double similarity) {
    steps++;
    double dissimilarity = 1 - similarity;
    v = settings.beta2() * v + (1 - settings.beta2()) * dissimilarity * dissimilarity + V_EPSILON;
    float keep = (float) settings.beta1();
    float add = (float) (1 - settings.beta1());
    float[] g = gradients.values();
    float[] m = momentum;
    for (int task = 0; task < tasks; task++) {
      if (gradients.present(task)) {
        momentumSteps[task]++;
        int from = gradients.row(task);
        for (int j = from; j < from + parameters; j++) {
          m[j] = keep * m[j] + add * g[j];
        }
      }
    }
  }

  private static double biasCorrection(double beta, long count) {
    return 1 - Math.pow(beta, count);
  }

  /** direction = Σ factor_i · g_i, clipped. */
  private void combineRows(TaskGradients gradients, float[] direction) {
    float[] g = gradients.values();
    if (factorsFitFloat()) {
      for (int task = 0; task < tasks; task++) {
        float factor = (float) factors[task];
        if (factor != 0) {
          int row = gradients.row(task);
          for (int j = 0; j < parameters; j++) {
            direction[j] += factor * g[row + j];
          }
        }
      }
      if (clipInPlace(direction)) {
        return;
      }
    }
    combineInDouble(gradients, false, direction);
  }

  /** direction = Σ factor_i · g_i ⊙ |m_i|, clipped. */
  private void combineModulatedRows(TaskGradients gradients, float[] direction) {
    float[] g = gradients.values();
    float[] m = momentum;
    if (factorsFitFloat()) {
      for (int task = 0; task < tasks; task++) {
        float factor = (float) factors[task];
        if (factor != 0) {
          int row = gradients.row(task);
          for (int j = 0; j < parameters; j++) {
            direction[j] += g[row + j] * (Math.abs(m[row + j]) * factor);
          }
        }
      }
      if (clipInPlace(direction)) {
        return;
      }
    }
    combineInDouble(gradients, true, direction);
  }

  private boolean factorsFitFloat() {
    for (double factor : factors) {
      if (factor != 0 && (factor < SAFE_LOW || factor > SAFE_HIGH)) {
        return false;
      }
    }
    return true;
  }

  /** Clips the direction; returns false, leaving it useless, if it left the range of float. */
  private boolean clipInPlace(float[] direction) {
    double norm = Vectors.norm(direction, 0, parameters);
    if (!(norm <= Float.MAX_VALUE)) {
      return false;
    }
    double clip = clipFactor(norm);
    step.setDirection(norm, clip);
    if (clip < 1) {
      float factor = (float) clip;
      for (int j = 0; j < parameters; j++) {
        direction[j] *= factor;
      }
    }
    return true;
  }

  private double clipFactor(double norm) {
    return settings.maxNorm() > 0 ? Math.min(1, settings.maxNorm() / (norm + CLIP_EPSILON)) : 1;
  }

  /**
   * The rare road for extreme scales: both passes in double, the result held inside the range of
   * float.
   */
  private void combineInDouble(TaskGradients gradients, boolean modulated, float[] direction) {
    double squares = 0;
    for (int j = 0; j < parameters; j++) {
      double sum = elementInDouble(gradients, modulated, j);
      squares += sum * sum;
    }
    double norm = Math.sqrt(squares);
    double clip = clipFactor(norm);
    step.setDirection(norm, clip);
    for (int j = 0; j < parameters; j++) {
      double element = clip * elementInDouble(gradients, modulated, j);
      direction[j] = (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, element));
    }
  }

  private double elementInDouble(TaskGradients gradients, boolean modulated, int j) {
    double sum = 0;
    for (int task = 0; task < tasks; task++) {
      if (factors[task] != 0) {
        int at = gradients.row(task) + j;
        double element = gradients.values()[at] * factors[task];
        sum += modulated ? element * Math.abs(momentum[at]) : element;
      }
    }
    return sum;
  }

  @Override
  public void write(StateWriter out) throws IOException {
    out.writeFloats(momentum);
    out.writeLongs(momentumSteps);
    out.writeDouble(v);
    out.writeLong(steps);
  }

  @Override
  public void read(StateReader in) throws IOException {
    float[] savedMomentum = in.readFloats();
    long[] savedSteps = in.readLongs();
    if (savedMomentum.length != momentum.length || savedSteps.length != tasks) {
      throw new StateFormatException(
          "the saved SAM-GS momentum is of "
              + savedSteps.length
              + " tasks and "
              + savedMomentum.length
              + " elements, but this model has "
              + tasks
              + " tasks and "
              + momentum.length
              + " elements");
    }
    momentum = savedMomentum;
    momentumSteps = savedSteps;
    v = in.readDouble();
    steps = in.readLong();
  }
}
