package dev.samgs.surgery;

import dev.samgs.spec.Setting;

/** The mean of the present tasks' gradients: a sum that does not grow with the tasks. Stateless. */
public final class Mean implements Weighting {
  /** Settings of the mean. */
  public record Settings(
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** No clipping. */
    public static Settings defaults() {
      return new Settings(0);
    }
  }

  @Override
  public boolean usesProducts() {
    return false;
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    for (int i = 0; i < tasks.count(); i++) {
      weights[i] = 1.0 / tasks.count();
    }
  }
}
