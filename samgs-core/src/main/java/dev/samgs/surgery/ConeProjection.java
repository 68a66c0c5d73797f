package dev.samgs.surgery;

/**
 * Projection onto the dual cone of the gradients, the directions with no negative inner product.
 * The projection of Σ u_i g_i is Σ v_i g_i, where v minimises vᵀHv over v ≥ u, H being the Gramian
 * divided by its trace, with a small multiple of the identity added.
 */
final class ConeProjection {
  private final double regularisation;
  private final double[] h;
  private final int capacity;
  private final NonNegativeProgram program;
  private int count;

  ConeProjection(int capacity, double regularisation) {
    this.capacity = capacity;
    this.regularisation = regularisation;
    h = new double[capacity * capacity];
    program = new NonNegativeProgram(capacity);
  }

  /** Takes the gradients of a step. */
  void prepare(PresentTasks tasks) {
    count = tasks.count();
    double trace = tasks.trace();
    for (int i = 0; i < count; i++) {
      for (int j = 0; j <= i; j++) {
        double value =
            (trace > 0 ? tasks.product(i, j) / trace : 0) + (i == j ? regularisation : 0);
        h[i * capacity + j] = value;
        h[j * capacity + i] = value;
        program.setQuadratic(i, j, value);
      }
    }
  }

  /** weights += v, by the program of y = v − u ≥ 0. */
  void addProjected(double[] u, double[] weights) {
    for (int i = 0; i < count; i++) {
      double slope = 0;
      for (int j = 0; j < count; j++) {
        slope += h[i * capacity + j] * u[j];
      }
      program.setLinear(i, -slope);
    }
    double[] y = program.solve(count);
    for (int i = 0; i < count; i++) {
      weights[i] += u[i] + y[i];
    }
  }
}
