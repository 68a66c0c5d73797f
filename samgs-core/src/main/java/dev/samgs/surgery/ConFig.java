package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * ConFIG, conflict-free inverse gradients: the direction whose cosines with the gradients are in
 * the proportion of the preferences p, equal by default, as long as the sum of the gradients'
 * projections onto it. Q. Liu, M. Chu, N. Thuerey, <em>ConFIG: Towards Conflict-free Training of
 * Physics Informed Neural Networks</em>, arXiv:2408.11104.
 *
 * <p>With the unit gradients u_i and the matrix C of their cosines the direction points along Σ x_i
 * u_i, C x = p, by the pseudo-inverse. Zero gradients are left out. Stateless.
 */
public final class ConFig implements Weighting {
  /** Settings of ConFIG. */
  public record Settings(
      @Setting("preference of each task, in the order of the tasks; empty for equal ones")
          List<Double> preference,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** No clipping. */
    public static Settings defaults() {
      return new Settings(List.of(), 0);
    }

    public Settings {
      preference = List.copyOf(preference);
    }
  }

  private final PseudoInverse inverse;
  private final int[] moving;
  private final Preference preference;
  private final double[] wanted;
  private final double[] x;

  ConFig(Settings settings, int tasks) {
    inverse = new PseudoInverse(tasks);
    moving = new int[tasks];
    preference = new Preference(settings.preference(), tasks);
    wanted = new double[tasks];
    x = new double[tasks];
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    Arrays.fill(weights, 0, tasks.count(), 0);
    int count = 0;
    for (int i = 0; i < tasks.count(); i++) {
      if (tasks.norm(i) > 0) {
        moving[count] = i;
        wanted[count] = preference.of(tasks.task(i), 1);
        for (int k = 0; k <= count; k++) {
          inverse.set(count, k, tasks.cosine(moving[k], i));
        }
        count++;
      }
    }
    inverse.apply(wanted, x, count);
    double square = 0;
    double projections = 0;
    for (int k = 0; k < count; k++) {
      double along = 0;
      for (int l = 0; l < count; l++) {
        along += x[l] * tasks.cosine(moving[k], moving[l]);
      }
      square += x[k] * along;
      projections += tasks.norm(moving[k]) * along;
    }
    if (square > 0) {
      for (int k = 0; k < count; k++) {
        weights[moving[k]] = projections / square * x[k] / tasks.norm(moving[k]);
      }
    }
  }
}
