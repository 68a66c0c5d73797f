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
 * such tasks the direction is the plain sum with the same clipping, and all state is left alone. No
 * finite float gradient makes a norm over- or underflow; where a factor or the direction itself
 * would leave the range of float, the same formula is evaluated in double and scaled down before it
 * is stored.
 *
 * <p>The modulated branch is quadratic in the gradient and divides by √v̂, which tends to 10⁻⁴/√(1
 * − β₂) for equal norms: it needs an optimiser that rescales (Adam) or clipping behind it.
 *
 * <p>Without modulation ({@code equalise-only}) there are no moments: nothing would read them.
 *
 * <p>Beyond the paper, each by a setting: a threshold that follows the recent similarities;
 * equalising only the tasks that stick out of a similar group; either branch alone; measuring on
 * the last shared layer only; moments in half precision.
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

  /** Which branches there are; a step of a missing branch sums the plain gradients. */
  public enum Mode {
    /** Both, as published. */
    FULL,
    /** Equalisation only. */
    EQUALISE_ONLY,
    /** Momentum modulation only. */
    MODULATE_ONLY
  }

  /** Which tasks an equalisation rescales. */
  public enum Equalise {
    /** All of them, as published. */
    ALL,
    /**
     * Those outside the largest group whose members are pairwise similar (s_ij ≥ γ). The group
     * keeps its modulation, the others are given the mean norm of the group's modulated gradients.
     * Without a group of at least two, all are equalised; without modulation, the group keeps its
     * plain gradients.
     */
    OUTLIERS,
    /**
     * Of those outside the group only the louder ones, whose norm is above the group's. The quieter
     * ones are left as they are, like the group: often they are the tasks that are learnt already,
     * and rescaling would amplify their noise.
     */
    LOUD
  }

  /** Where γ comes from. */
  public enum Threshold {
    /** The setting {@code gamma}. */
    FIXED,
    /** A quantile of the recent similarities. */
    QUANTILE,
    /** The mean of the recent similarities minus some of their standard deviations. */
    DEVIATION
  }

  /** How the moments are kept. */
  public enum Precision {
    /** 32 bits. */
    FLOAT,
    /** 16 bits: the range of float with 8 significant bits. */
    BFLOAT16
  }

  /** Where norms are measured and moments kept. */
  public enum Measure {
    /** On all shared parameters, as published. */
    ALL,
    /**
     * On the last shared layer; each task's whole gradient is multiplied by the one factor that its
     * part there was. Memory and time of the moments shrink to that layer.
     */
    LAST_LAYER
  }

  /** Settings of SAM-GS. */
  public record Settings(
      @Setting(
              "mean: the mean similarity starts an equalisation; any-pair: one dissimilar pair does")
          Trigger trigger,
      @Setting("tasks: multiply the direction by the number of tasks; none: do not") Scale scale,
      @Setting(
              "full: equalise or modulate, as published; equalise-only or modulate-only: one of them")
          Mode mode,
      @Setting(
              "all: an equalisation rescales every task; outliers: those out of a similar group; loud: of these only the ones with larger gradients")
          Equalise equalise,
      @Setting("where the similarity threshold comes from: fixed, quantile or deviation")
          Threshold threshold,
      @Setting(
              value =
                  "magnitude similarity below which gradients are equalised; a dynamic threshold uses it while it warms up",
              min = 0,
              max = 1)
          double gamma,
      @Setting(value = "smallest dynamic threshold", min = 0, max = 1) double gammaFloor,
      @Setting(value = "largest dynamic threshold", min = 0, max = 1) double gammaCeiling,
      @Setting(
              value = "share of the recent similarities below a quantile threshold",
              min = 0,
              max = 1)
          double quantile,
      @Setting(
              value =
                  "standard deviations that a deviation threshold lies below the mean similarity",
              min = 0)
          double deviations,
      @Setting(value = "recent similarities that a dynamic threshold follows", min = 2, max = 65536)
          int window,
      @Setting(value = "similarities to be seen before a dynamic threshold takes effect", min = 1)
          int warmUp,
      @Setting(value = "decay of each task's momentum", min = 0, max = 0.9999999) double beta1,
      @Setting(value = "decay of the dissimilarity's second moment", min = 0, max = 0.9999999)
          double beta2,
      @Setting("how the momentum is kept: float, or bfloat16 for half the memory")
          Precision momentum,
      @Setting("all: measure on all shared parameters; last-layer: on the last shared layer only")
          Measure measure,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements SurgerySpec {

    /**
     * What serves an online learner best over many streams: where a pair of gradients is
     * dissimilar, the loud ones come down to the others; otherwise the plain sum. The published
     * rule is {@link #published}.
     */
    public static Settings defaults() {
      return new Settings(
          Trigger.ANY_PAIR,
          Scale.TASKS,
          Mode.EQUALISE_ONLY,
          Equalise.LOUD,
          Threshold.FIXED,
          0.3,
          0.1,
          0.9,
          0.25,
          1.0,
          256,
          32,
          0.9,
          0.99,
          Precision.FLOAT,
          Measure.ALL,
          1.0);
    }

    /** The published rule with the numbers that its two codes choose differently. */
    public static Settings published(
        Trigger trigger, Scale scale, double gamma, double beta1, double beta2, double maxNorm) {
      return new Settings(
          trigger,
          scale,
          Mode.FULL,
          Equalise.ALL,
          Threshold.FIXED,
          gamma,
          0.1,
          0.9,
          0.25,
          1.0,
          256,
          32,
          beta1,
          beta2,
          Precision.FLOAT,
          Measure.ALL,
          maxNorm);
    }

    public Settings {
      if (Double.isNaN(gamma)) {
        throw new InvalidSettingException("gamma", "gamma must be a number between 0 and 1");
      }
      if (gammaFloor > gammaCeiling) {
        throw new InvalidSettingException(
            "gammaFloor", "the floor of the threshold is above its ceiling; exchange them");
      }
      if (warmUp > window) {
        throw new InvalidSettingException(
            "warmUp",
            "the threshold can only wait for as many similarities as it looks back on; lower warm-up or raise window");
      }
    }
  }

  /** Added to v in each step, as in the published code. */
  private static final double V_EPSILON = 1e-8;

  private final Settings settings;
  private final int tasks;
  private final SurgeryStep step;
  private final GradientSum sum;
  private final SimilarGroup group;
  private final SimilarityWindow recent;

  /**
   * Where the last layer is measured, made by the first surgery, which knows where that begins, or
   * by {@link #read}. Null without modulation.
   */
  private TaskMomentum momentum;

  private final long[] momentumSteps;
  private double v;
  private long steps;

  /**
   * @param tasks number of tasks, rows of the gradients
   * @param parameters number of shared parameters, columns of the gradients
   */
  public SamGs(Settings settings, int tasks, int parameters) {
    this.settings = settings;
    this.tasks = tasks;
    this.step = new SurgeryStep(tasks);
    this.sum = new GradientSum(tasks, parameters, settings.maxNorm());
    this.group = new SimilarGroup(tasks);
    this.recent =
        new SimilarityWindow(settings.threshold() == Threshold.FIXED ? 0 : settings.window());
    this.momentumSteps = new long[tasks];
    if (settings.mode() != Mode.EQUALISE_ONLY && settings.measure() == Measure.ALL) {
      momentum = newMomentum(parameters);
    }
  }

  private TaskMomentum newMomentum(int length) {
    return settings.momentum() == Precision.FLOAT
        ? TaskMomentum.ofFloats(tasks, length, settings.beta1())
        : TaskMomentum.ofBfloat16(tasks, length, settings.beta1());
  }

  @Override
  public SurgeryStep aggregate(TaskGradients gradients, float[] direction) {
    int from = settings.measure() == Measure.ALL ? 0 : gradients.lastLayer();
    int active = step.begin(gradients, from);
    sum.begin();
    if (active < 2) {
      addPlain(1);
    } else {
      double statistic =
          settings.trigger() == Trigger.MEAN ? step.meanSimilarity() : smallestPairSimilarity();
      double gamma = gamma();
      if (settings.threshold() != Threshold.FIXED) {
        recent.add(statistic);
      }
      if (settings.mode() != Mode.EQUALISE_ONLY) {
        updateMoments(gradients, from);
      }
      double scale = settings.scale() == Scale.TASKS ? active : 1;
      if (statistic < gamma) {
        equalise(gradients, from, gamma, active, scale);
      } else {
        modulate(gradients, from, scale);
      }
    }
    sum.write(gradients, momentum, step, direction);
    return step;
  }

  private void addPlain(double scale) {
    for (int task = 0; task < tasks; task++) {
      if (step.norm(task) > 0) {
        sum.add(task, scale);
      }
    }
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

  /** The threshold in effect; a dynamic one looks at earlier steps only. */
  private double gamma() {
    if (settings.threshold() == Threshold.FIXED || recent.seen() < settings.warmUp()) {
      return settings.gamma();
    }
    double followed =
        settings.threshold() == Threshold.QUANTILE
            ? recent.quantile(settings.quantile())
            : recent.mean() - settings.deviations() * recent.deviation();
    return Math.max(settings.gammaFloor(), Math.min(settings.gammaCeiling(), followed));
  }

  private void updateMoments(TaskGradients gradients, int from) {
    int length = gradients.parameters() - from;
    if (momentum == null || momentum.length != length) {
      momentum = newMomentum(length);
      Arrays.fill(momentumSteps, 0);
    }
    steps++;
    double dissimilarity = 1 - step.meanSimilarity();
    v = settings.beta2() * v + (1 - settings.beta2()) * dissimilarity * dissimilarity + V_EPSILON;
    for (int task = 0; task < tasks; task++) {
      if (gradients.present(task)) {
        momentumSteps[task]++;
        if (settings.measure() == Measure.ALL && settings.equalise() == Equalise.ALL) {
          sum.updateMomentum(task);
        } else {
          momentum.update(task, gradients.row(task), from, 0, length);
        }
      }
    }
  }

  private void equalise(TaskGradients gradients, int from, double gamma, int active, double scale) {
    if (settings.mode() == Mode.MODULATE_ONLY) {
      addPlain(scale);
      return;
    }
    step.setBranch(Branch.EQUALISED);
    if (settings.equalise() != Equalise.ALL && group.find(step, gamma) >= 2) {
      equaliseOutliers(gradients, from, scale);
      return;
    }
    double normSum = 0;
    for (int task = 0; task < tasks; task++) {
      if (step.norm(task) > 0) {
        normSum += step.norm(task);
      }
    }
    double norm = normSum / active;
    for (int task = 0; task < tasks; task++) {
      if (step.norm(task) > 0) {
        sum.add(task, scale * (norm / step.norm(task)));
      }
    }
  }

  private void equaliseOutliers(TaskGradients gradients, int from, double scale) {
    double normSum = 0;
    for (int task = 0; task < tasks; task++) {
      if (group.contains(task)) {
        normSum +=
            settings.mode() == Mode.EQUALISE_ONLY
                ? step.norm(task)
                : modulationFactor(task) * modulatedNorm(gradients, from, task);
      }
    }
    double norm = normSum / group.size();
    for (int task = 0; task < tasks; task++) {
      if (step.norm(task) > 0) {
        if (rescaled(task)) {
          sum.add(task, scale * (norm / step.norm(task)));
        } else if (settings.mode() == Mode.EQUALISE_ONLY) {
          sum.add(task, scale);
        } else {
          addModulated(gradients, from, task, scale);
        }
      }
    }
  }

  private boolean rescaled(int task) {
    return settings.equalise() == Equalise.LOUD ? group.isBelow(task) : !group.contains(task);
  }

  private void modulate(TaskGradients gradients, int from, double scale) {
    if (settings.mode() == Mode.EQUALISE_ONLY) {
      addPlain(scale);
      return;
    }
    step.setBranch(Branch.MODULATED);
    for (int task = 0; task < tasks; task++) {
      if (step.norm(task) > 0) {
        addModulated(gradients, from, task, scale);
      }
    }
  }

  private void addModulated(TaskGradients gradients, int from, int task, double scale) {
    double factor = scale * modulationFactor(task);
    if (settings.measure() == Measure.ALL) {
      sum.addModulated(task, factor);
    } else {
      sum.add(task, factor * (modulatedNorm(gradients, from, task) / step.norm(task)));
    }
  }

  private double modulatedNorm(TaskGradients gradients, int from, int task) {
    return momentum.modulatedNorm(task, gradients.row(task), from);
  }

  /** What turns g ⊙ |m| into g ⊙ |m̂| / √v̂. */
  private double modulationFactor(int task) {
    double root = Math.sqrt(v / biasCorrection(settings.beta2(), steps));
    return 1 / (root * biasCorrection(settings.beta1(), momentumSteps[task]));
  }

  /** 1 − β^count; StrictMath.pow would allocate. */
  private static double biasCorrection(double beta, long count) {
    return -StrictMath.expm1(count * StrictMath.log(beta));
  }

  @Override
  public void write(StateWriter out) throws IOException {
    out.writeFloats(momentum == null ? new float[0][] : momentum.toFloats());
    out.writeLongs(momentumSteps);
    out.writeDouble(v);
    out.writeLong(steps);
    recent.write(out);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Precision, threshold and mode may have changed since. Where {@code measure} has, or where
   * there was no modulation, the moments start afresh.
   */
  @Override
  public void read(StateReader in) throws IOException {
    float[] savedMomentum = in.readFloats();
    long[] savedSteps = in.readLongs();
    if (savedSteps.length != tasks || savedMomentum.length % tasks != 0) {
      throw new StateFormatException(
          "the saved SAM-GS momentum is of "
              + savedSteps.length
              + " tasks and "
              + savedMomentum.length
              + " elements, but this model has "
              + tasks
              + " tasks");
    }
    double savedV = in.readDouble();
    long savedCount = in.readLong();
    recent.read(in);
    int length = savedMomentum.length / tasks;
    if (length > 0 && settings.mode() != Mode.EQUALISE_ONLY) {
      momentum = newMomentum(length);
      momentum.fromFloats(savedMomentum);
      System.arraycopy(savedSteps, 0, momentumSteps, 0, tasks);
      v = savedV;
      steps = savedCount;
    }
  }
}
