package dev.samgs.surgery;

/**
 * Eigenvalues and eigenvectors of a small symmetric matrix by cyclic Jacobi rotations (G. Golub, C.
 * Van Loan, <em>Matrix Computations</em>, section 8.5). Slow for hundreds of rows, but accurate for
 * the small eigenvalues of a Gramian whose rows differ by many orders of magnitude. Reused from
 * step to step.
 */
final class SymmetricEigen {
  private static final int MOST_SWEEPS = 60;

  private final int capacity;
  private final double[] a;
  private final double[] vectors;

  SymmetricEigen(int capacity) {
    this.capacity = capacity;
    a = new double[capacity * capacity];
    vectors = new double[capacity * capacity];
  }

  /** Sets the matrix at both places; {@link #decompose} overwrites it. */
  void set(int i, int j, double value) {
    a[i * capacity + j] = value;
    a[j * capacity + i] = value;
  }

  /** Decomposes the matrix of the first {@code n} rows and columns. */
  void decompose(int n) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        vectors[i * capacity + j] = i == j ? 1 : 0;
      }
    }
    boolean rotated = true;
    for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
      rotated = false;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          rotated |= rotate(p, q, n);
        }
      }
    }
  }

  /** Makes a_pq zero, unless it is negligible beside both its diagonals. */
  private boolean rotate(int p, int q, int n) {
    double off = a[p * capacity + q];
    double app = a[p * capacity + p];
    double aqq = a[q * capacity + q];
    if (Math.abs(off) <= 0x1p-54 * Math.sqrt(Math.abs(app)) * Math.sqrt(Math.abs(aqq))) {
      set(p, q, 0);
      return false;
    }
    double theta = (aqq - app) / (2 * off);
    double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
    double c = 1 / Math.hypot(t, 1);
    double s = t * c;
    set(p, p, app - t * off);
    set(q, q, aqq + t * off);
    set(p, q, 0);
    for (int k = 0; k < n; k++) {
      if (k != p && k != q) {
        double akp = a[k * capacity + p];
        double akq = a[k * capacity + q];
        set(k, p, c * akp - s * akq);
        set(k, q, s * akp + c * akq);
      }
      double vkp = vectors[k * capacity + p];
      double vkq = vectors[k * capacity + q];
      vectors[k * capacity + p] = c * vkp - s * vkq;
      vectors[k * capacity + q] = s * vkp + c * vkq;
    }
    return true;
  }

  /** The k-th eigenvalue, in no order. */
  double value(int k) {
    return a[k * capacity + k];
  }

  /** Component i of the eigenvector of the k-th eigenvalue. */
  double vector(int k, int i) {
    return vectors[i * capacity + k];
  }
}
