package dev.samgs.surgery;

import java.util.Arrays;

/**
 * The last step of every method: direction = Σ factor_i · g_i, where a row may be modulated by its
 * momentum, g_i ⊙ |m_i|, then clipped. Fast in float where the factors and the sum fit; otherwise
 * the same formula in double, held inside the range of float when it is stored.
 */
final class GradientSum {
  /** Added to the direction's norm before clipping divides by it, as PyTorch does. */
  private static final double CLIP_EPSILON = 1e-6;

  /** Factors inside these bounds are safe to multiply in float. */
  private static final double SAFE_LOW = 1e-18;

  private static final double SAFE_HIGH = 1e18;

  private final int tasks;
  private final int parameters;
  private final double maxNorm;
  private final double[] factors;
  private final boolean[] modulated;

  /**
   * @param maxNorm largest norm of the direction; 0 for no clipping
   */
  GradientSum(int tasks, int parameters, double maxNorm) {
    this.tasks = tasks;
    this.parameters = parameters;
    this.maxNorm = maxNorm;
    this.factors = new double[tasks];
    this.modulated = new boolean[tasks];
  }

  /** Forgets the factors of the last step; a task without a factor adds nothing. */
  void begin() {
    Arrays.fill(factors, 0);
    Arrays.fill(modulated, false);
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
   * @param momentum of the modulated rows; null if there are none
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
    if (!(factorsFitFloat() && sumInFloat(gradients, momentum, step, direction))) {
      sumInDouble(gradients, momentum, step, direction);
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

  /** Returns false, leaving the direction useless, if the sum leaves the range of float. */
  private boolean sumInFloat(
      TaskGradients gradients, TaskMomentum momentum, SurgeryStep step, float[] direction) {
    Arrays.fill(direction, 0f);
    for (int task = 0; task < tasks; task++) {
      float factor = (float) factors[task];
      if (factor != 0) {
        int row = gradients.row(task);
        if (modulated[task]) {
          momentum.addModulated(task, gradients.values(), row, factor, direction);
        } else {
          add(gradients.values(), row, factor, direction);
        }
      }
    }
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

  private void add(float[] g, int row, float factor, float[] direction) {
    for (int j = 0; j < parameters; j++) {
      direction[j] += factor * g[row + j];
    }
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
        double element = gradients.values()[gradients.row(task) + j] * factors[task];
        sum += modulated[task] ? element * momentum.size(task, j) : element;
      }
    }
    return sum;
  }
}
