package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * Uncertainty weighting: each task has a learnt log-variance s_i, which minimises ½(e^(−s_i) L_i +
 * s_i); its gradient enters with weight ½ e^(−s_i). A. Kendall, Y. Gal, R. Cipolla, <em>Multi-Task
 * Learning Using Uncertainty to Weigh Losses</em>, arXiv:1705.07115.
 *
 * <p>State: s_i and its Adam moments. The log-variances are stepped after the weights were taken,
 * those of present tasks only. The heads keep their own plain gradients.
 */
public final class UncertaintyWeighting implements Weighting {
  /** Settings of uncertainty weighting. */
  public record Settings(
      @Setting(value = "step size of the log-variances", min = 0, max = 10) double rate,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** Step size 0.01, no clipping. */
    public static Settings defaults() {
      return new Settings(0.01, 0);
    }
  }

  /** Bounds of s that keep its exponential finite and its loss from being forgotten. */
  private static final double LARGEST = 60;

  private final TaskAdam logVariances;

  UncertaintyWeighting(Settings settings, int tasks) {
    logVariances = new TaskAdam(tasks, settings.rate(), 0);
  }

  @Override
  public boolean usesProducts() {
    return false;
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    for (int i = 0; i < tasks.count(); i++) {
      int task = tasks.task(i);
      double s = Math.max(-LARGEST, Math.min(LARGEST, logVariances.value(task)));
      weights[i] = 0.5 * StrictMath.exp(-s);
      logVariances.step(task, 0.5 - weights[i] * tasks.loss(i));
    }
  }

  @Override
  public void write(StateWriter out) throws IOException {
    logVariances.write(out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    logVariances.read(in);
  }
}
