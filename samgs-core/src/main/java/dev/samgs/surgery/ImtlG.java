package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import java.util.Arrays;

/**
 * IMTL-G, impartial multi-task learning on gradients: the weights, summing to one, for which the
 * direction has the same projection onto every gradient. L. Liu et al., <em>Towards Impartial
 * Multi-task Learning</em>, ICLR 2021. The linear system G v = ‖g‖, w = v/Σv, is solved by the
 * pseudo-inverse, so that dependent gradients have an answer too; weights may be negative. Where Σv
 * is zero, so is the direction. Stateless.
 */
public final class ImtlG implements Weighting {
  /** Settings of IMTL-G. */
  public record Settings(
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** No clipping. */
    public static Settings defaults() {
      return new Settings(0);
    }
  }

  /** |Σv| below this share of Σ|v| is cancellation. */
  private static final double VANISHING = 1e-12;

  private final PseudoInverse inverse;
  private final double[] norms;

  ImtlG(int tasks) {
    inverse = new PseudoInverse(tasks);
    norms = new double[tasks];
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    int count = tasks.count();
    double longest = 0;
    for (int i = 0; i < count; i++) {
      longest = Math.max(longest, tasks.norm(i));
    }
    Arrays.fill(weights, 0, count, 0);
    if (longest == 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      norms[i] = tasks.norm(i) / longest;
      for (int j = 0; j <= i; j++) {
        inverse.set(i, j, tasks.product(i, j) / longest / longest);
      }
    }
    inverse.apply(norms, weights, count);
    double sum = 0;
    double size = 0;
    for (int i = 0; i < count; i++) {
      sum += weights[i];
      size += Math.abs(weights[i]);
    }
    for (int i = 0; i < count; i++) {
      weights[i] = Math.abs(sum) > VANISHING * size ? weights[i] / sum : 0;
    }
  }
}
