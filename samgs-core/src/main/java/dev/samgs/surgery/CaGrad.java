package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import java.util.Arrays;

/**
 * CAGrad, conflict-averse gradient: in the ball of radius c‖g₀‖ around the mean gradient g₀, the
 * direction whose worst inner product with a task's gradient is largest. B. Liu, X. Liu, X. Jin, P.
 * Stone, Q. Liu, <em>Conflict-Averse Gradient Descent</em>, arXiv:2110.14048.
 *
 * <p>By duality the direction is g₀ + (c‖g₀‖/‖g_w‖) g_w, where g_w = Σ w_i g_i and w minimises
 * ⟨g_w, g₀⟩ + c‖g₀‖‖g_w‖ over the simplex. Where g_w vanishes, no direction helps all tasks: it is
 * g₀, or zero if c ≥ 1. Tasks with a zero gradient count in the mean only. Not divided by 1 + c²,
 * as some codes do. Stateless.
 */
public final class CaGrad implements Weighting {
  /** Settings of CAGrad. */
  public record Settings(
      @Setting(value = "radius of the ball, in norms of the mean gradient", min = 0, max = 100)
          double c,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** c = 0.4; no clipping. */
    public static Settings defaults() {
      return new Settings(0.4, 0);
    }
  }

  /** Relative to the largest gradient; a shorter g_w has no direction. */
  private static final double VANISHING = 1e-7;

  private static final int MOST_ROUNDS = 200;

  private final Settings settings;
  private final NonNegativeProgram program;
  private final int[] moving;
  private final double[] towardsMean;
  private final double[] simplex;

  CaGrad(Settings settings, int tasks) {
    this.settings = settings;
    this.program = new NonNegativeProgram(tasks);
    this.moving = new int[tasks];
    this.towardsMean = new double[tasks];
    this.simplex = new double[tasks];
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    int count = tasks.count();
    Arrays.fill(weights, 0, count, 1.0 / count);
    int movingCount = 0;
    double longest = 0;
    double meanSquare = 0;
    for (int i = 0; i < count; i++) {
      if (tasks.norm(i) > 0) {
        double sum = 0;
        for (int j = 0; j < count; j++) {
          sum += tasks.product(i, j);
        }
        towardsMean[movingCount] = sum / count;
        moving[movingCount++] = i;
        meanSquare += sum / count / count;
        longest = Math.max(longest, tasks.norm(i));
      }
    }
    double meanNorm = Math.sqrt(Math.max(0, meanSquare));
    if (settings.c() == 0 || meanNorm <= VANISHING * longest) {
      return;
    }
    double length = dualLength(tasks, movingCount, meanNorm, longest);
    if (length <= VANISHING * longest) {
      // Pareto-stationary: no direction helps all tasks, and the ball holds zero if c ≥ 1.
      Arrays.fill(weights, 0, count, settings.c() >= 1 ? 0 : 1.0 / count);
    } else {
      for (int k = 0; k < movingCount; k++) {
        weights[moving[k]] += settings.c() * (meanNorm / length) * simplex[k];
      }
    }
  }

  /**
   * Solves the dual. For a guess s of ‖g_w‖ the norm may be replaced by (‖g_w‖²/s + s)/2, which
   * leaves a quadratic program; the right guess is the one that its solution confirms, and it is
   * bracketed because ‖g_w(s)‖/s falls with s.
   *
   * @return ‖g_w‖; w is then in {@link #simplex}
   */
  private double dualLength(PresentTasks tasks, int count, double meanNorm, double longest) {
    double low = 0.5 * VANISHING * longest;
    double high = longest;
    double lowExcess = solveFor(tasks, count, low, meanNorm) - low;
    if (lowExcess <= 0) {
      return 0;
    }
    double highExcess = solveFor(tasks, count, high, meanNorm) - high;
    if (highExcess >= 0) {
      return high;
    }
    double guess = high;
    for (int round = 0; round < MOST_ROUNDS && high - low > 1e-15 * high; round++) {
      // False position with the Illinois correction, every third time a bisection.
      guess =
          round % 3 == 2
              ? (low + high) / 2
              : low + (high - low) * (lowExcess / (lowExcess - highExcess));
      double excess = solveFor(tasks, count, guess, meanNorm) - guess;
      if (Math.abs(excess) <= 1e-15 * guess) {
        break;
      }
      if (excess > 0) {
        low = guess;
        lowExcess = excess;
        highExcess /= 2;
      } else {
        high = guess;
        highExcess = excess;
        lowExcess /= 2;
      }
    }
    return guess;
  }

  /**
   * Minimises ⟨g_w, g₀⟩ + c‖g₀‖‖g_w‖²/2s over the simplex: the shortest convex combination of the
   * gradients g_i + g₀·s/(c‖g₀‖).
   *
   * @return ‖g_w‖
   */
  private double solveFor(PresentTasks tasks, int count, double s, double meanNorm) {
    double shift = s / (settings.c() * meanNorm);
    double shiftSquare = shift * meanNorm * shift * meanNorm;
    double largest = 0;
    for (int k = 0; k < count; k++) {
      largest = Math.max(largest, shifted(tasks, k, k, shift, shiftSquare));
    }
    for (int k = 0; k < count; k++) {
      program.setLinear(k, 1);
      for (int l = 0; l <= k; l++) {
        program.setQuadratic(k, l, 1 + shifted(tasks, k, l, shift, shiftSquare) / largest);
      }
    }
    double[] y = program.solve(count);
    double sum = 0;
    for (int k = 0; k < count; k++) {
      sum += y[k];
    }
    double square = 0;
    for (int k = 0; k < count; k++) {
      simplex[k] = y[k] / sum;
      for (int l = 0; l < k; l++) {
        square += 2 * simplex[k] * simplex[l] * tasks.product(moving[k], moving[l]);
      }
      square += simplex[k] * simplex[k] * tasks.product(moving[k], moving[k]);
    }
    return Math.sqrt(Math.max(0, square));
  }

  private double shifted(PresentTasks tasks, int k, int l, double shift, double shiftSquare) {
    return tasks.product(moving[k], moving[l])
        + shift * (towardsMean[k] + towardsMean[l])
        + shiftSquare;
  }
}
