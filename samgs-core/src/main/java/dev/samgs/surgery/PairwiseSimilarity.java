package dev.samgs.surgery;

import java.util.Arrays;

/**
 * The similarity measures of every pair of tasks in one step, for metrics. Reused from step to
 * step; costs one inner product per pair, so it is measured when somebody looks and not by the
 * aggregators themselves. Not safe for use by several threads.
 */
public final class PairwiseSimilarity {
  private final int tasks;
  private final double[] norms;
  private final double[] cosines;

  public PairwiseSimilarity(int tasks) {
    this.tasks = tasks;
    this.norms = new double[tasks];
    this.cosines = new double[tasks * tasks];
    clear();
  }

  /** Forgets what was measured: no pair is comparable. */
  public void clear() {
    Arrays.fill(norms, Double.NaN);
    Arrays.fill(cosines, Double.NaN);
  }

  /** Measures the gradients of a step; replaces what was measured before. */
  public void measure(TaskGradients gradients) {
    Arrays.fill(cosines, Double.NaN);
    for (int i = 0; i < tasks; i++) {
      float[] row = gradients.row(i);
      norms[i] = gradients.present(i) ? gradients.norm(i) : Double.NaN;
      for (int j = 0; j < i; j++) {
        if (comparable(i, j)) {
          double product = Vectors.dot(gradients.row(j), row);
          // Rounding must not carry the cosine of parallel gradients past 1.
          double cosine = Math.max(-1, Math.min(1, Similarity.cosine(product, norms[j], norms[i])));
          cosines[i * tasks + j] = cosine;
          cosines[j * tasks + i] = cosine;
        }
      }
    }
  }

  /** Whether both tasks were present with a gradient that is not zero. */
  public boolean comparable(int taskA, int taskB) {
    return norms[taskA] > 0 && norms[taskB] > 0;
  }

  /** Gradient magnitude similarity of two tasks; NaN where they are not {@link #comparable}. */
  public double magnitude(int taskA, int taskB) {
    return comparable(taskA, taskB) ? Similarity.magnitude(norms[taskA], norms[taskB]) : Double.NaN;
  }

  /**
   * Cosine of the angle between the gradients of two different tasks; NaN where they are not {@link
   * #comparable}. Negative: the tasks conflict.
   */
  public double cosine(int taskA, int taskB) {
    return cosines[taskA * tasks + taskB];
  }

  /**
   * Curvature bounding measure of two different tasks; NaN where they are not {@link #comparable}
   * or exactly opposite.
   */
  public double curvature(int taskA, int taskB) {
    return Similarity.curvature(cosine(taskA, taskB), norms[taskA], norms[taskB]);
  }
}
