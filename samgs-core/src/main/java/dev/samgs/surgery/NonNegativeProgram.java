package dev.samgs.surgery;

import java.util.Arrays;

/**
 * Minimises ½·yᵀHy − fᵀy over y ≥ 0, for a positive semi-definite H of a few dozen rows: the active
 * set method of C. Lawson and R. Hanson, <em>Solving Least Squares Problems</em> (1974), chapter
 * 23, in the normal-equation form of R. Bro and S. de Jong (1997). It ends after finitely many
 * steps at the exact solution. Reused from step to step.
 */
final class NonNegativeProgram {
  /** Violations of the optimality conditions below this, relative to the terms, are rounding. */
  private static final double TOLERANCE = 1e-13;

  /** Pivots below this share of their diagonal mark a singular H; they are lifted to it. */
  private static final double SMALLEST_PIVOT = 1e-13;

  private final int capacity;
  private final double[] h;
  private final double[] f;
  private final double[] solution;
  private final double[] trial;
  private final double[] factor;
  private final int[] free;
  private final boolean[] isFree;

  NonNegativeProgram(int capacity) {
    this.capacity = capacity;
    h = new double[capacity * capacity];
    f = new double[capacity];
    solution = new double[capacity];
    trial = new double[capacity];
    factor = new double[capacity * capacity];
    free = new int[capacity];
    isFree = new boolean[capacity];
  }

  /** Sets H at both places. */
  void setQuadratic(int i, int j, double value) {
    h[i * capacity + j] = value;
    h[j * capacity + i] = value;
  }

  void setLinear(int i, double value) {
    f[i] = value;
  }

  /**
   * Solves the program of the first {@code n} variables.
   *
   * @return y; the live array, valid until the next call
   */
  double[] solve(int n) {
    Arrays.fill(solution, 0, n, 0);
    Arrays.fill(isFree, 0, n, false);
    int freeCount = 0;
    for (int round = 0; round < 10 * n + 10; round++) {
      int entering = mostViolated(n);
      if (entering < 0) {
        break;
      }
      isFree[entering] = true;
      free[freeCount++] = entering;
      while (freeCount > 0 && !moveToMinimum(freeCount)) {
        freeCount = dropZeros(freeCount);
      }
    }
    return solution;
  }

  /** The bound variable along which the objective falls most steeply; −1 at the optimum. */
  private int mostViolated(int n) {
    int worst = -1;
    double steepest = 0;
    for (int i = 0; i < n; i++) {
      if (!isFree[i]) {
        double slope = f[i];
        double size = Math.abs(f[i]);
        for (int j = 0; j < n; j++) {
          double term = h[i * capacity + j] * solution[j];
          slope -= term;
          size += Math.abs(term);
        }
        if (slope > TOLERANCE * size && slope > steepest) {
          steepest = slope;
          worst = i;
        }
      }
    }
    return worst;
  }

  /**
   * Moves towards the minimum over the free variables.
   *
   * @return whether it was reached; otherwise some free variable has become zero
   */
  private boolean moveToMinimum(int count) {
    minimumOverFree(count);
    double reach = 1;
    int blocking = -1;
    for (int k = 0; k < count; k++) {
      if (trial[k] <= 0) {
        double now = solution[free[k]];
        double share = now / (now - trial[k]);
        if (blocking < 0 || share < reach) {
          reach = share;
          blocking = k;
        }
      }
    }
    for (int k = 0; k < count; k++) {
      int i = free[k];
      solution[i] = blocking < 0 ? trial[k] : solution[i] + reach * (trial[k] - solution[i]);
    }
    if (blocking >= 0) {
      solution[free[blocking]] = 0;
    }
    return blocking < 0;
  }

  private int dropZeros(int count) {
    int kept = 0;
    for (int k = 0; k < count; k++) {
      int i = free[k];
      if (solution[i] > 0) {
        free[kept++] = i;
      } else {
        solution[i] = 0;
        isFree[i] = false;
      }
    }
    return kept;
  }

  /** trial ← H_FF⁻¹ f_F by Cholesky. */
  private void minimumOverFree(int count) {
    for (int r = 0; r < count; r++) {
      for (int c = 0; c <= r; c++) {
        double diagonal = h[free[r] * capacity + free[c]];
        double sum = diagonal;
        for (int k = 0; k < c; k++) {
          sum -= factor[r * capacity + k] * factor[c * capacity + k];
        }
        factor[r * capacity + c] =
            r == c
                ? Math.sqrt(Math.max(sum, SMALLEST_PIVOT * diagonal))
                : sum / factor[c * capacity + c];
      }
    }
    for (int r = 0; r < count; r++) {
      double sum = f[free[r]];
      for (int k = 0; k < r; k++) {
        sum -= factor[r * capacity + k] * trial[k];
      }
      trial[r] = sum / factor[r * capacity + r];
    }
    for (int r = count - 1; r >= 0; r--) {
      double sum = trial[r];
      for (int k = r + 1; k < count; k++) {
        sum -= factor[k * capacity + r] * trial[k];
      }
      trial[r] = sum / factor[r * capacity + r];
    }
  }
}
