package dev.samgs.drift;

import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * Page-Hinkley test for a rising mean: E. Page, <em>Continuous Inspection Schemes</em>, Biometrika
 * 41, 1954; D. Hinkley, <em>Inference about the Change-Point from Cumulative Sum Tests</em>,
 * Biometrika 58, 1971; for streams, J. Gama, R. Sebastião, P. Rodrigues, Machine Learning 90, 2013.
 *
 * <p>Sums how far the errors x lie above their own running mean x̄ by more than a tolerance: m ←
 * max(0, m + x − x̄ − δ). A detection is m &gt; λ; the change is put where m last left zero. A rise
 * by Δ is seen after about λ/(Δ − δ) errors, one below δ never. Without a change m returns to zero;
 * for errors of variance σ² the mean run to a false alarm is about σ²/(2δ²) · e^{2δλ/σ²}. O(1) per
 * error.
 */
public final class PageHinkley implements DriftDetector {
  /** Settings of the Page-Hinkley test. */
  public record Settings(
      @Setting(value = "rise of the mean error that is tolerated", min = 0, max = 1) double delta,
      @Setting(value = "sum of larger rises that is a drift", min = 0) double lambda,
      @Setting(value = "errors before the first alarm can be given", min = 1) int warmUp)
      implements DetectorSpec {
    /**
     * Chosen for errors in [0, 1]: an expected run of eight million errors to a false alarm where
     * they vary most, at a rate of one half.
     */
    public static Settings defaults() {
      return new Settings(0.05, 30, 256);
    }
  }

  private final Settings settings;
  private long count;
  private double sum;
  private double excess;
  private long countSince;
  private double sumSince;
  private Change change;

  public PageHinkley(Settings settings) {
    this.settings = settings;
  }

  @Override
  public boolean add(double error) {
    count++;
    sum += error;
    excess = Math.max(0, excess + error - sum / count - settings.delta());
    if (excess == 0) {
      countSince = 0;
      sumSince = 0;
      return false;
    }
    countSince++;
    sumSince += error;
    if (excess <= settings.lambda() || count <= settings.warmUp()) {
      return false;
    }
    change = new Change((sum - sumSince) / (count - countSince), sumSince / countSince, countSince);
    count = countSince;
    sum = sumSince;
    excess = 0;
    countSince = 0;
    sumSince = 0;
    return true;
  }

  @Override
  public Change change() {
    return change;
  }

  @Override
  public double mean() {
    return sum / count;
  }

  @Override
  public double statistic() {
    return excess / settings.lambda();
  }

  @Override
  public void write(StateWriter out) throws IOException {
    out.writeLong(count);
    out.writeDouble(sum);
    out.writeDouble(excess);
    out.writeLong(countSince);
    out.writeDouble(sumSince);
    Change.write(change, out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    count = in.readLong();
    sum = in.readDouble();
    excess = in.readDouble();
    countSince = in.readLong();
    sumSince = in.readDouble();
    change = Change.read(in);
  }
}
