package dev.samgs.surgery;

import dev.samgs.spec.Setting;

/**
 * MGDA, the multiple-gradient descent algorithm: the shortest vector in the convex hull of the
 * gradients, the steepest common descent. J.-A. Désidéri, <em>Multiple-gradient descent
 * algorithm</em>, C. R. Acad. Sci. Paris 350 (2012); O. Sener, V. Koltun, arXiv:1810.04650, who
 * approach by Frank–Wolfe steps what is solved exactly here. A task whose gradient is zero makes
 * the direction zero: nothing can improve without spoiling it. Stateless.
 */
public final class Mgda implements Weighting {
  /** Settings of MGDA. */
  public record Settings(
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** No clipping. */
    public static Settings defaults() {
      return new Settings(0);
    }
  }

  private final NonNegativeProgram program;

  Mgda(int tasks) {
    program = new NonNegativeProgram(tasks);
  }

  /**
   * With w_i = d_i β_i, d_i = min ‖g‖/‖g_i‖ and the matrix C of cosines, the minimum of ½βᵀCβ +
   * ½(dᵀβ − 1)² over β ≥ 0 points where the shortest convex combination does.
   */
  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    int count = tasks.count();
    double shortest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      shortest = Math.min(shortest, tasks.norm(i));
    }
    if (shortest == 0) {
      onlyZeroGradients(tasks, weights);
      return;
    }
    for (int i = 0; i < count; i++) {
      double di = shortest / tasks.norm(i);
      program.setLinear(i, di);
      for (int j = 0; j <= i; j++) {
        program.setQuadratic(i, j, tasks.cosine(i, j) + di * (shortest / tasks.norm(j)));
      }
    }
    double[] beta = program.solve(count);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      weights[i] = beta[i] * (shortest / tasks.norm(i));
      sum += weights[i];
    }
    for (int i = 0; i < count; i++) {
      weights[i] /= sum;
    }
  }

  private static void onlyZeroGradients(PresentTasks tasks, double[] weights) {
    int zeros = 0;
    for (int i = 0; i < tasks.count(); i++) {
      zeros += tasks.norm(i) == 0 ? 1 : 0;
    }
    for (int i = 0; i < tasks.count(); i++) {
      weights[i] = tasks.norm(i) == 0 ? 1.0 / zeros : 0;
    }
  }
}
