package dev.samgs.surgery;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.util.List;

/**
 * Linear scalarisation with a constant weight per task. Unlike the weight in a task's own settings,
 * which scales its loss everywhere, this one acts on the shared parameters only. Stateless.
 */
public final class ConstantWeights implements Weighting {
  /** Settings of the weighted sum. */
  public record Settings(
      @Setting("weight of each task, in the order of the tasks; empty for 1 each")
          List<Double> weights,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** All weights 1, no clipping. */
    public static Settings defaults() {
      return new Settings(List.of(), 0);
    }

    public Settings {
      weights = List.copyOf(weights);
      for (double weight : weights) {
        if (!Double.isFinite(weight)) {
          throw new InvalidSettingException("weights", "a weight must be a finite number");
        }
      }
    }
  }

  private final Settings settings;

  ConstantWeights(Settings settings, int tasks) {
    if (!settings.weights().isEmpty() && settings.weights().size() != tasks) {
      throw new InvalidSettingException(
          "weights",
          "expected "
              + tasks
              + " weights, one for each task, but found "
              + settings.weights().size());
    }
    this.settings = settings;
  }

  @Override
  public boolean usesProducts() {
    return false;
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    for (int i = 0; i < tasks.count(); i++) {
      weights[i] = settings.weights().isEmpty() ? 1 : settings.weights().get(tasks.task(i));
    }
  }
}
