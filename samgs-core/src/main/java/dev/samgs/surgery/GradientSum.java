package dev.samgs.surgery;

import java.util.Arrays;

/**
 * The last step of every method: direction = Σ factor_i · g_i, where a row may be modulated by its
 * momentum, g_i ⊙ |m_i|, then clipped. Fast in float where the factors and the sum fit; otherwise
 * the same formula in double, held inside the range of float when it is stored.
 *
 * <p>One pass over the gradients, in blocks that stay in the cache while each task's moments are
 * brought up to date, its row is added, and the norm of what came out is taken.
 */
final class GradientSum {
  /** Added to the direction's norm before clipping divides by it, as PyTorch does. */
  private static final double CLIP_EPSILON = 1e-6;

  /** Factors inside these bounds are safe to multiply in float. */
  private static final double SAFE_LOW = 1e-18;

  private static final double SAFE_HIGH = 1e18;

  /** Parameters of a block: 32 KiB of each of the three arrays it touches at a time. */
  private static final int BLOCK = 8192;

  private final int tasks;
  private final int parameters;
  private final double maxNorm;
  private final double[] factors;
  private final boolean[] modulated;
  private final boolean[] updating;
  private final Vectors vectors = new Vectors();

  /**
   * @param maxNorm largest norm of the direction; 0 for no clipping
   */
  GradientSum(int tasks, int parameters, double maxNorm) {
    this.tasks = tasks;
    this.parameters = parameters;
    this.maxNorm = maxNorm;
    this.factors = new double[tasks];
    this.modulated = new boolean[tasks];
    this.updating = new boolean[tasks];
  }

  /** Forgets the factors of the last step; a task without a factor adds nothing. */
  void begin() {
    Arrays.fill(factors, 0);
    Arrays.fill(modulated, false);
    Arrays.fill(updating, false);
  }

  /** Has the task's moments, which cover all parameters, updated before its row is added. */
  void updateMomentum(int task) {
    updating[task] = true;
  }

  /** Adds {@code factor · g}. */
  void add(int task, double factor) {
    factors[task] = factor;
    modulated[task] = false;
  }

  /** Adds {@code factor · g ⊙ |m|}. */
  void addModulated(int task, double factor) {
    factors[task] = factor;
    modulated[task] = true;
  }

  /**
   * Writes the sum.
   *
   * @param momentum of the updated and the modulated rows; null if there are none
   * @param step receives the factors, the direction's norm and the clip factor
   */
  void write(TaskGradients gradients, TaskMomentum momentum, SurgeryStep step, float[] direction) {
    for (int task = 0; task < tasks; task++) {
      if (modulated[task]) {
        step.setModulated(task, factors[task], momentum);
      } else {
        step.setFactor(task, factors[task]);
      }
    }
    boolean inFloat = factorsFitFloat();
    double squares = 0;
    for (int from = 0; from < parameters; from += BLOCK) {
      int to = Math.min(parameters, from + BLOCK);
      Arrays.fill(direction, from, to, 0f);
      for (int task = 0; task < tasks; task++) {
        if (updating[task]) {
          momentum.update(task, gradients.row(task), 0, from, to);
        }
        if (inFloat && factors[task] != 0) {
          addRow(task, gradients.row(task), momentum, from, to, direction);
        }
      }
      squares += vectors.squares(direction, from, to);
    }
    double norm = Math.sqrt(squares);
    if (inFloat && norm <= Float.MAX_VALUE) {
      clip(norm, step, direction);
    } else {
      sumInDouble(gradients, momentum, step, direction);
    }
  }

  private void addRow(
      int task, float[] g, TaskMomentum momentum, int from, int to, float[] direction) {
    if (modulated[task]) {
      momentum.addModulated(task, g, from, to, (float) factors[task], direction);
    } else {
      add(g, from, to, (float) factors[task], direction);
    }
  }

  private static void add(float[] g, int from, int to, float factor, float[] direction) {
    for (int j = from; j < to; j++) {
      direction[j] += factor * g[j];
    }
  }

  private void clip(double norm, SurgeryStep step, float[] direction) {
    double clip = clipFactor(norm);
    step.setDirection(norm, clip);
    if (clip < 1) {
      float factor = (float) clip;
      for (int j = 0; j < parameters; j++) {
        direction[j] *= factor;
      }
    }
  }

  private boolean factorsFitFloat() {
    for (double factor : factors) {
      double size = Math.abs(factor);
      if (size != 0 && (size < SAFE_LOW || size > SAFE_HIGH)) {
        return false;
      }
    }
    return true;
  }

  private double clipFactor(double norm) {
    return maxNorm > 0 ? Math.min(1, maxNorm / (norm + CLIP_EPSILON)) : 1;
  }

  private void sumInDouble(
      TaskGradients gradients, TaskMomentum momentum, SurgeryStep step, float[] direction) {
    double squares = 0;
    for (int j = 0; j < parameters; j++) {
      double sum = elementInDouble(gradients, momentum, j);
      squares += sum * sum;
    }
    double norm = Math.sqrt(squares);
    double clip = clipFactor(norm);
    step.setDirection(norm, clip);
    for (int j = 0; j < parameters; j++) {
      double element = clip * elementInDouble(gradients, momentum, j);
      direction[j] = (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, element));
    }
  }

  private double elementInDouble(TaskGradients gradients, TaskMomentum momentum, int j) {
    double sum = 0;
    for (int task = 0; task < tasks; task++) {
      if (factors[task] != 0) {
        double element = gradients.row(task)[j] * factors[task];
        sum += modulated[task] ? element * momentum.size(task, j) : element;
      }
    }
    return sum;
  }
}
