package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * Aligned-MTL: the gradient matrix is replaced by the nearest one whose components are orthogonal
 * and of one length, its condition number reduced to 1; the aligned gradients are averaged. D.
 * Senushkin, N. Patakin, A. Kuznetsov, A. Konushin, <em>Independent Component Alignment for
 * Multi-Task Learning</em>, arXiv:2305.19000.
 *
 * <p>With the eigen-decomposition V Λ Vᵀ of the Gramian, weights are √λ V Λ^(−½) Vᵀ p, p being 1/K
 * each and λ the smallest, the median or the mean eigenvalue. Eigenvalues below the rounding of the
 * largest are left out. Stateless.
 */
public final class AlignedMtl implements Weighting {
  /** Settings of Aligned-MTL. */
  public record Settings(
      @Setting("length of the aligned components: min, median or rmse of the gradients' own")
          ComponentScale componentScale,
      @Setting("preference of each task, in the order of the tasks; empty for equal ones")
          List<Double> preference,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** The smallest component, as published; no clipping. */
    public static Settings defaults() {
      return new Settings(ComponentScale.MIN, List.of(), 0);
    }

    public Settings {
      preference = List.copyOf(preference);
    }
  }

  /** Which eigenvalue becomes the length of all components. */
  public enum ComponentScale {
    /** The smallest. */
    MIN,
    /** The lower median. */
    MEDIAN,
    /** The mean. */
    RMSE
  }

  private final Settings settings;
  private final SymmetricEigen eigen;
  private final Preference preference;
  private final double[] kept;

  AlignedMtl(Settings settings, int tasks) {
    this.settings = settings;
    this.eigen = new SymmetricEigen(tasks);
    this.preference = new Preference(settings.preference(), tasks);
    this.kept = new double[tasks];
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    int count = tasks.count();
    double trace = tasks.trace();
    Arrays.fill(weights, 0, count, trace > 0 ? 0 : 1.0 / count);
    if (trace == 0) {
      return;
    }
    double largest = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j <= i; j++) {
        eigen.set(i, j, tasks.product(i, j) / trace);
      }
    }
    eigen.decompose(count);
    for (int k = 0; k < count; k++) {
      largest = Math.max(largest, eigen.value(k));
    }
    double smallest = largest * count * Math.ulp(1.0);
    double root = Math.sqrt(scale(count, smallest));
    for (int k = 0; k < count; k++) {
      if (eigen.value(k) > smallest) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
          sum += eigen.vector(k, i) * preference.of(tasks.task(i), 1.0 / count);
        }
        double share = sum * (root / Math.sqrt(eigen.value(k)));
        for (int i = 0; i < count; i++) {
          weights[i] += share * eigen.vector(k, i);
        }
      }
    }
  }

  private double scale(int count, double smallest) {
    int rank = 0;
    double sum = 0;
    for (int k = 0; k < count; k++) {
      if (eigen.value(k) > smallest) {
        kept[rank++] = eigen.value(k);
        sum += eigen.value(k);
      }
    }
    Arrays.sort(kept, 0, rank);
    return switch (settings.componentScale()) {
      case MIN -> kept[0];
      case MEDIAN -> kept[(rank - 1) / 2];
      case RMSE -> sum / rank;
    };
  }
}
