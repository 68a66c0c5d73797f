package dev.samgs.surgery;

import java.util.Arrays;

/**
 * Solves (G w)_i = w_i^(−1/α), w &gt; 0, the optimality condition of α-fair gradients.
 *
 * <p>With w_i = β_i/‖g_i‖ and the matrix C of cosines it reads (C β)_i = b_i β_i^(−1/α), b_i =
 * ‖g_i‖^(1/α − 1), the condition for a minimum of the strictly convex ½βᵀCβ − Σ b_i ∫β_i^(−1/α); a
 * damped Newton iteration finds it. Where some convex combination of the gradients is zero there is
 * no minimum; a small multiple of the identity added to C keeps the weights finite, and the
 * direction, which then ought to be zero, small.
 */
final class FairShares {
  private static final double REGULARISATION = 1e-8;
  private static final int MOST_STEPS = 200;

  private final double inverseAlpha;
  private final int capacity;
  private final int[] moving;
  private final double[] c;
  private final double[] b;
  private final double[] beta;
  private final double[] step;
  private final double[] trial;
  private final double[] slope;
  private final double[] factor;
  private int count;

  FairShares(int capacity, double alpha) {
    this.capacity = capacity;
    this.inverseAlpha = 1 / alpha;
    moving = new int[capacity];
    c = new double[capacity * capacity];
    b = new double[capacity];
    beta = new double[capacity];
    step = new double[capacity];
    trial = new double[capacity];
    slope = new double[capacity];
    factor = new double[capacity * capacity];
  }

  void solve(PresentTasks tasks, double[] weights) {
    take(tasks);
    for (int k = 0; k < count; k++) {
      // The solution for orthogonal gradients.
      beta[k] = power(b[k], 1 / (1 + inverseAlpha));
    }
    for (int round = 0; round < MOST_STEPS; round++) {
      double value = objective(beta);
      double decrement = newtonStep();
      double length = longestStep();
      double moved = move(length);
      // Close to the minimum the objective is too flat to compare.
      while (decrement > 1e-9 && !(moved <= value - 0.1 * length * decrement) && length > 1e-12) {
        length /= 2;
        moved = move(length);
      }
      System.arraycopy(trial, 0, beta, 0, count);
      if (decrement < 1e-28) {
        break;
      }
    }
    Arrays.fill(weights, 0, tasks.count(), 0);
    for (int k = 0; k < count; k++) {
      weights[moving[k]] = beta[k] / tasks.norm(moving[k]);
    }
  }

  private void take(PresentTasks tasks) {
    count = 0;
    for (int i = 0; i < tasks.count(); i++) {
      if (tasks.norm(i) > 0) {
        moving[count] = i;
        b[count] = power(tasks.norm(i), inverseAlpha - 1);
        for (int k = 0; k < count; k++) {
          double cosine = tasks.cosine(moving[k], i);
          c[k * capacity + count] = cosine;
          c[count * capacity + k] = cosine;
        }
        c[count * capacity + count] = 1 + REGULARISATION;
        count++;
      }
    }
  }

  /** Newton's step and its squared decrement, relative to the objective's own size. */
  private double newtonStep() {
    double size = 0;
    for (int k = 0; k < count; k++) {
      double power = b[k] * power(beta[k], -inverseAlpha);
      slope[k] = timesC(beta, k) - power;
      size += power * beta[k];
      for (int l = 0; l < count; l++) {
        factor[k * capacity + l] = c[k * capacity + l];
      }
      factor[k * capacity + k] += inverseAlpha * power / beta[k];
    }
    solveNewton();
    double decrement = 0;
    for (int k = 0; k < count; k++) {
      decrement -= slope[k] * step[k];
    }
    return Math.max(0, decrement) / size;
  }

  /** step ← −H⁻¹ slope by Cholesky; H is scaled to a unit diagonal first. */
  private void solveNewton() {
    for (int k = 0; k < count; k++) {
      trial[k] = 1 / Math.sqrt(factor[k * capacity + k]);
    }
    for (int r = 0; r < count; r++) {
      for (int q = 0; q <= r; q++) {
        double sum = r == q ? 1 : factor[r * capacity + q] * trial[r] * trial[q];
        for (int k = 0; k < q; k++) {
          sum -= factor[r * capacity + k] * factor[q * capacity + k];
        }
        factor[r * capacity + q] =
            r == q ? Math.sqrt(Math.max(sum, 1e-15)) : sum / factor[q * capacity + q];
      }
    }
    for (int r = 0; r < count; r++) {
      double sum = -slope[r] * trial[r];
      for (int k = 0; k < r; k++) {
        sum -= factor[r * capacity + k] * step[k];
      }
      step[r] = sum / factor[r * capacity + r];
    }
    for (int r = count - 1; r >= 0; r--) {
      double sum = step[r];
      for (int k = r + 1; k < count; k++) {
        sum -= factor[k * capacity + r] * step[k];
      }
      step[r] = sum / factor[r * capacity + r];
    }
    for (int r = 0; r < count; r++) {
      step[r] *= trial[r];
    }
  }

  /** At most 1, and not so long that a share reaches zero. */
  private double longestStep() {
    double longest = 1;
    for (int k = 0; k < count; k++) {
      if (step[k] < 0) {
        longest = Math.min(longest, -0.95 * beta[k] / step[k]);
      }
    }
    return longest;
  }

  private double move(double length) {
    for (int k = 0; k < count; k++) {
      trial[k] = beta[k] + length * step[k];
    }
    return objective(trial);
  }

  /** Relative to the size of its terms at {@link #beta}. */
  private double objective(double[] at) {
    double value = 0;
    double size = 0;
    for (int k = 0; k < count; k++) {
      value += at[k] * timesC(at, k) / 2;
      double exponent = 1 - inverseAlpha;
      value -= b[k] * (exponent == 0 ? StrictMath.log(at[k]) : power(at[k], exponent) / exponent);
      size += b[k] * power(beta[k], exponent);
    }
    return value / size;
  }

  private double timesC(double[] at, int k) {
    double sum = 0;
    for (int l = 0; l < count; l++) {
      sum += c[k * capacity + l] * at[l];
    }
    return sum;
  }

  /** StrictMath.pow would allocate. */
  private static double power(double positive, double exponent) {
    return StrictMath.exp(exponent * StrictMath.log(positive));
  }
}
