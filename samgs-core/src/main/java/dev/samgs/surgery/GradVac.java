package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * GradVac, gradient vaccine: every pair of tasks has a target cosine, the running mean of the
 * cosines seen; a gradient that falls below it is turned towards the other until it is met.
 * Gradients are visited in random order, then summed. Z. Wang, Y. Tsvetkov, O. Firat, Y. Cao,
 * <em>Gradient Vaccine</em>, arXiv:2010.05874.
 *
 * <p>State: a target per ordered pair, its place in the random sequence. Pairs with an absent task
 * keep their target.
 */
public final class GradVac implements Weighting {
  /** Settings of GradVac. */
  public record Settings(
      @Setting(value = "share of the present cosine in the running mean", min = 0, max = 1)
          double beta,
      @Setting(
              value =
                  "added to denominators; matters for gradients of that size only, 0 keeps the method scale-invariant",
              min = 0)
          double epsilon,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** Share 0.01 as published; no clipping. */
    public static Settings defaults() {
      return new Settings(0.01, 0, 0);
    }
  }

  /** Turning a gradient to a cosine of 1 would take an infinite step. */
  private static final double LARGEST_TARGET = 0.9999;

  private final Settings settings;
  private final int capacity;
  private final RandomSequence random;
  private final int[] order;
  private final double[] coefficients;
  private final double[] products;
  private double[] targets;

  GradVac(Settings settings, int tasks, long seed) {
    this.settings = settings;
    this.capacity = tasks;
    this.random = new RandomSequence(seed);
    this.order = new int[tasks];
    this.coefficients = new double[tasks];
    this.products = new double[tasks];
    this.targets = new double[tasks * tasks];
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    Arrays.fill(weights, 0, tasks.count(), 0);
    for (int i = 0; i < tasks.count(); i++) {
      random.permute(order, tasks.count() - 1);
      for (int k = 0; k < tasks.count() - 1; k++) {
        order[k] += order[k] >= i ? 1 : 0;
      }
      turn(tasks, i, order);
      for (int k = 0; k < tasks.count(); k++) {
        weights[k] += coefficients[k];
      }
    }
  }

  /**
   * Turns gradient i towards the others, in the order given, and updates its targets.
   *
   * @return c, the turned gradient being Σ c_k g_k; the live array
   */
  double[] turn(PresentTasks tasks, int i, int[] others) {
    int count = tasks.count();
    Arrays.fill(coefficients, 0, count, 0);
    coefficients[i] = 1;
    for (int k = 0; k < count; k++) {
      products[k] = tasks.product(i, k);
    }
    for (int at = 0; at < count - 1; at++) {
      int j = others[at];
      double normJ = tasks.norm(j);
      double normI = turnedNorm(count);
      if (normI * normJ == 0) {
        continue;
      }
      double cosine = products[j] / (normI * normJ + settings.epsilon());
      int pair = tasks.task(i) * capacity + tasks.task(j);
      double target = Math.min(LARGEST_TARGET, targets[pair]);
      if (cosine < target) {
        double sine = sine(cosine);
        double targetSine = sine(target);
        double step =
            normI
                * (target * sine - cosine * targetSine)
                / (normJ * targetSine + settings.epsilon());
        coefficients[j] += step;
        for (int k = 0; k < count; k++) {
          products[k] += step * tasks.product(j, k);
        }
      }
      targets[pair] = (1 - settings.beta()) * targets[pair] + settings.beta() * cosine;
    }
    return coefficients;
  }

  private double turnedNorm(int count) {
    double square = 0;
    for (int k = 0; k < count; k++) {
      square += products[k] * coefficients[k];
    }
    return Math.sqrt(Math.max(0, square));
  }

  private static double sine(double cosine) {
    return Math.sqrt(Math.max(0, 1 - cosine * cosine));
  }

  @Override
  public void write(StateWriter out) throws IOException {
    out.writeDoubles(targets);
    random.write(out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    targets = TaskState.require(in.readDoubles(), targets.length);
    random.read(in);
  }
}
