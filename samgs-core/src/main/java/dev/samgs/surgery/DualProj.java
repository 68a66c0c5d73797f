package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * DualProj: the mean gradient projected onto the cone of directions that conflict with no gradient.
 * D. Lopez-Paz, M. Ranzato, <em>Gradient Episodic Memory for Continual Learning</em>,
 * arXiv:1706.08840, equation 11; named so by P. Quinton, V. Rey, arXiv:2406.16232. Stateless.
 */
public final class DualProj implements Weighting {
  /** Settings of DualProj. */
  public record Settings(
      @Setting(
              value = "added to the diagonal of the Gramian, in shares of its trace",
              min = 1e-12,
              max = 1)
          double regularisation,
      @Setting("preference of each task, in the order of the tasks; empty for equal ones")
          List<Double> preference,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** Regularisation 0.0001; no clipping. */
    public static Settings defaults() {
      return new Settings(1e-4, List.of(), 0);
    }

    public Settings {
      preference = List.copyOf(preference);
    }
  }

  private final ConeProjection projection;
  private final Preference preference;
  private final double[] wanted;

  DualProj(Settings settings, int tasks) {
    projection = new ConeProjection(tasks, settings.regularisation());
    preference = new Preference(settings.preference(), tasks);
    wanted = new double[tasks];
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    projection.prepare(tasks);
    Arrays.fill(weights, 0, tasks.count(), 0);
    for (int i = 0; i < tasks.count(); i++) {
      wanted[i] = preference.of(tasks.task(i), 1.0 / tasks.count());
    }
    projection.addProjected(wanted, weights);
  }
}
