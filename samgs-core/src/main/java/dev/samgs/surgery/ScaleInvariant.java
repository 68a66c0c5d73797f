package dev.samgs.surgery;

import dev.samgs.spec.Setting;

/**
 * Scale-invariant linear scalarisation: the sum of the logarithms of the losses, so that a task's
 * gradient enters with weight 1/L_i and its unit does not matter. The baseline of A. Navon et al.,
 * <em>Multi-Task Learning as a Bargaining Game</em>, arXiv:2202.01017. Stateless.
 */
public final class ScaleInvariant implements Weighting {
  /** Settings of scale-invariant scalarisation. */
  public record Settings(
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** No clipping. */
    public static Settings defaults() {
      return new Settings(0);
    }
  }

  /** Losses below this weigh like it. */
  private static final double SMALLEST_LOSS = 1e-8;

  @Override
  public boolean usesProducts() {
    return false;
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    for (int i = 0; i < tasks.count(); i++) {
      weights[i] = 1 / Math.max(SMALLEST_LOSS, tasks.loss(i));
    }
  }
}
