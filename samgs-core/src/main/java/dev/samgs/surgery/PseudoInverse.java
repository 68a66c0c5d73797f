package dev.samgs.surgery;

import java.util.Arrays;

/**
 * Moore–Penrose pseudo-inverse of a Gramian, applied to a vector. An eigenvalue counts as zero when
 * it is rounding noise beside the diagonal where its eigenvector lives, so that gradients of very
 * different length keep their rank.
 */
final class PseudoInverse {
  private static final double NOISE = 0x1p-48;

  private final int capacity;
  private final SymmetricEigen eigen;
  private final double[] diagonal;

  PseudoInverse(int capacity) {
    this.capacity = capacity;
    eigen = new SymmetricEigen(capacity);
    diagonal = new double[capacity];
  }

  /** Sets the matrix at both places; {@link #apply} uses it up. */
  void set(int i, int j, double value) {
    eigen.set(i, j, value);
    if (i == j) {
      diagonal[i] = value;
    }
  }

  /** to ← G⁺ from, for the first {@code n} rows and columns. */
  void apply(double[] from, double[] to, int n) {
    eigen.decompose(n);
    Arrays.fill(to, 0, n, 0);
    for (int k = 0; k < n; k++) {
      double local = 0;
      double along = 0;
      for (int i = 0; i < n; i++) {
        double component = eigen.vector(k, i);
        local += component * component * diagonal[i];
        along += component * from[i];
      }
      if (eigen.value(k) > capacity * NOISE * local) {
        double share = along / eigen.value(k);
        for (int i = 0; i < n; i++) {
          to[i] += share * eigen.vector(k, i);
        }
      }
    }
  }
}
