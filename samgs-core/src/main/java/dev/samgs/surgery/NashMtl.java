package dev.samgs.surgery;

import dev.samgs.spec.Setting;

/**
 * Nash-MTL: the tasks bargain for the direction; the Nash solution has weights with G α = 1/α. A.
 * Navon et al., <em>Multi-Task Learning as a Bargaining Game</em>, arXiv:2202.01017, who approach
 * by a sequence of convex programs what Newton's method solves here. Zero gradients are left out.
 * Invariant to the scale of each gradient; without clipping the direction grows as they shrink.
 * Stateless.
 */
public final class NashMtl implements Weighting {
  /** Settings of Nash-MTL. */
  public record Settings(
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** Clipped to norm 1, as published. */
    public static Settings defaults() {
      return new Settings(1);
    }
  }

  private final FairShares shares;

  NashMtl(int tasks) {
    shares = new FairShares(tasks, 1);
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    shares.solve(tasks, weights);
  }
}
