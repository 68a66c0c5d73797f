package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * Random loss weighting: in each step the softmax of independent standard normal numbers. B. Lin,
 * F. Ye, Y. Zhang, I. Tsang, <em>Reasonable Effectiveness of Random Weighting</em>,
 * arXiv:2111.10603. State: its place in the random sequence.
 */
public final class RandomLossWeighting implements Weighting {
  /** Settings of random loss weighting. */
  public record Settings(
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** No clipping. */
    public static Settings defaults() {
      return new Settings(0);
    }
  }

  private final RandomSequence random;

  RandomLossWeighting(long seed) {
    random = new RandomSequence(seed);
  }

  @Override
  public boolean usesProducts() {
    return false;
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    for (int i = 0; i < tasks.count(); i++) {
      weights[i] = random.nextGaussian();
    }
    Softmax.apply(weights, tasks.count());
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
