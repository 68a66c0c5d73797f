package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * Dynamic weight average: K · softmax(r_i / temperature), where r_i is the task's mean loss over
 * the last {@code window} steps divided by that over the {@code window} before: a task whose loss
 * falls slowly gains weight. S. Liu, E. Johns, A. Davison, <em>End-to-End Multi-Task Learning with
 * Attention</em>, arXiv:1803.10704, where the window is an epoch.
 *
 * <p>State: twice {@code window} losses per task. A task counts only the steps it was present in;
 * until it has twice {@code window} of them its r_i is 1.
 */
public final class DynamicWeightAverage implements Weighting {
  /** Settings of dynamic weight average. */
  public record Settings(
      @Setting(value = "steps of a task that its mean loss runs over", min = 1, max = 65536)
          int window,
      @Setting(value = "softmax temperature; large values even the weights out", min = 1e-3)
          double temperature,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** Window 25, temperature 2 as published, no clipping. */
    public static Settings defaults() {
      return new Settings(25, 2, 0);
    }
  }

  private final Settings settings;

  /** The latest losses of each task, {@code tasks × 2 window}, as a ring. */
  private double[] losses;

  private long[] counts;

  DynamicWeightAverage(Settings settings, int tasks) {
    this.settings = settings;
    this.losses = new double[Math.multiplyExact(tasks, 2 * settings.window())];
    this.counts = new long[tasks];
  }

  @Override
  public boolean usesProducts() {
    return false;
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    int ring = 2 * settings.window();
    for (int i = 0; i < tasks.count(); i++) {
      int task = tasks.task(i);
      losses[task * ring + (int) (counts[task]++ % ring)] = tasks.loss(i);
      weights[i] = descent(task) / settings.temperature();
    }
    Softmax.apply(weights, tasks.count());
    for (int i = 0; i < tasks.count(); i++) {
      weights[i] *= tasks.count();
    }
  }

  /** r: the mean of the newer half of the losses by that of the older half. */
  private double descent(int task) {
    int window = settings.window();
    int ring = 2 * window;
    if (counts[task] < ring) {
      return 1;
    }
    int oldest = (int) (counts[task] % ring);
    double older = 0;
    double newer = 0;
    for (int k = 0; k < window; k++) {
      older += losses[task * ring + (oldest + k) % ring];
      newer += losses[task * ring + (oldest + window + k) % ring];
    }
    return older > 0 ? Math.min(newer / older, Double.MAX_VALUE) : 1;
  }

  @Override
  public void write(StateWriter out) throws IOException {
    out.writeLongs(counts);
    out.writeDoubles(losses);
  }

  /** A window of another length starts afresh. */
  @Override
  public void read(StateReader in) throws IOException {
    long[] savedCounts = in.readLongs();
    double[] savedLosses = in.readDoubles();
    if (savedCounts.length != counts.length) {
      throw new StateFormatException(
          "the saved losses are of "
              + savedCounts.length
              + " tasks, but this model has "
              + counts.length);
    }
    if (savedLosses.length == losses.length) {
      counts = savedCounts;
      losses = savedLosses;
    }
  }
}
