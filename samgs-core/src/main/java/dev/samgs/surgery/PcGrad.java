package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * PCGrad, projecting conflicting gradients: each task's gradient is projected, one after the other
 * and in random order, onto the normal plane of every other gradient that it then has a negative
 * inner product with; the results are summed. T. Yu et al., <em>Gradient Surgery for Multi-Task
 * Learning</em>, arXiv:2001.06782. State: its place in the random sequence.
 */
public final class PcGrad implements Weighting {
  /** Settings of PCGrad. */
  public record Settings(
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** No clipping. */
    public static Settings defaults() {
      return new Settings(0);
    }
  }

  private final RandomSequence random;
  private final int[] order;
  private final double[] coefficients;

  PcGrad(int tasks, long seed) {
    random = new RandomSequence(seed);
    order = new int[tasks];
    coefficients = new double[tasks];
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    Arrays.fill(weights, 0, tasks.count(), 0);
    for (int i = 0; i < tasks.count(); i++) {
      random.permute(order, tasks.count());
      int others = 0;
      for (int k = 0; k < tasks.count(); k++) {
        if (order[k] != i) {
          order[others++] = order[k];
        }
      }
      project(tasks, i, order, others, coefficients);
      for (int k = 0; k < tasks.count(); k++) {
        weights[k] += coefficients[k];
      }
    }
  }

  /**
   * Projects gradient i off the first {@code count} gradients of an order.
   *
   * @param coefficients receives c, the projected gradient being Σ c_k g_k
   */
  static void project(PresentTasks tasks, int i, int[] order, int count, double[] coefficients) {
    Arrays.fill(coefficients, 0, tasks.count(), 0);
    coefficients[i] = 1;
    for (int at = 0; at < count; at++) {
      int j = order[at];
      double product = 0;
      for (int k = 0; k < tasks.count(); k++) {
        product += coefficients[k] * tasks.product(k, j);
      }
      if (product < 0) {
        coefficients[j] -= product / tasks.product(j, j);
      }
    }
  }

  @Override
  public void write(StateWriter out) throws IOException {
    random.write(out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    random.read(in);
  }
}
