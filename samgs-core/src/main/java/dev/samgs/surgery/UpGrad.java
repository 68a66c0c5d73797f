package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * UPGrad, unconflicting projection of gradients: each gradient is projected onto the cone of
 * directions that conflict with none, and the projections are averaged. P. Quinton, V. Rey,
 * <em>Jacobian Descent for Multi-Objective Optimization</em>, arXiv:2406.16232.
 *
 * <p>The projection of g_i/K is Σ_j v_j g_j, where v minimises vᵀGv over v ≥ e_i/K: one small
 * quadratic program per task. Stateless.
 */
public final class UpGrad implements Weighting {
  /** Settings of UPGrad. */
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
  private final double[] own;

  UpGrad(Settings settings, int tasks) {
    projection = new ConeProjection(tasks, settings.regularisation());
    preference = new Preference(settings.preference(), tasks);
    own = new double[tasks];
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    projection.prepare(tasks);
    Arrays.fill(weights, 0, tasks.count(), 0);
    for (int i = 0; i < tasks.count(); i++) {
      Arrays.fill(own, 0, tasks.count(), 0);
      own[i] = preference.of(tasks.task(i), 1.0 / tasks.count());
      projection.addProjected(own, weights);
    }
  }
}
