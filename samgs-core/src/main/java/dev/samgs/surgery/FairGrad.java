package dev.samgs.surgery;

import dev.samgs.spec.Setting;

/**
 * FairGrad: the direction of the largest α-fair total utility, the utility of a task being the fall
 * of its loss; its weights solve (G w)_i = w_i^(−1/α). α = 1 is proportional fairness, the solution
 * of {@link NashMtl}; larger α favours the tasks that gain least. H. Ban, K. Ji, <em>Fair Resource
 * Allocation in Multi-Task Learning</em>, arXiv:2402.15638. Zero gradients are left out. Stateless.
 */
public final class FairGrad implements Weighting {
  /** Settings of FairGrad. */
  public record Settings(
      @Setting(value = "degree of fairness", min = 0.25, max = 50) double alpha,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** α = 2, clipped to norm 1. */
    public static Settings defaults() {
      return new Settings(2, 1);
    }
  }

  private final FairShares shares;

  FairGrad(Settings settings, int tasks) {
    shares = new FairShares(tasks, settings.alpha());
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    shares.solve(tasks, weights);
  }
}
