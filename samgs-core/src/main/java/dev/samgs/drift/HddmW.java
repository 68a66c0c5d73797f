package dev.samgs.drift;

import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * HDDM with the W-test: I. Frías-Blanco, J. del Campo-Ávila, G. Ramos-Jiménez, R. Morales-Bueno, A.
 * Ortiz-Díaz, Y. Caballero-Mota, <em>Online and Non-Parametric Drift Detection Methods Based on
 * Hoeffding's Bounds</em>, IEEE TKDE 27, 2015.
 *
 * <p>Compares exponentially weighted means, z ← λx + (1 − λ)z, under McDiarmid's bound: with W the
 * sum of the squared weights, z lies within √(W/2 · ln(1/α)) of its expectation. Remembers the mean
 * where z plus its bound was lowest, and weighs the errors since by themselves; a detection is the
 * second mean above the first by √((W₁ + W₂)/2 · ln(1/α)). The cut is an extreme of the past and
 * says little about when the change began; that is put where the second mean last rose above the
 * plain mean of all errors.
 *
 * <p>W cannot fall below λ/(2 − λ): rises smaller than √(λ/(2 − λ) · ln(1/α)) are not seen, and a
 * sudden one is seen soon. α bounds the chance of a false alarm of one test against a fixed cut;
 * over a stream it is measured. O(1) per error.
 */
public final class HddmW implements DriftDetector {
  /** Settings of the W-test. */
  public record Settings(
      @Setting(
              value = "chance of a false alarm of one test; smaller alarms later",
              min = 1e-30,
              max = 0.5)
          double alpha,
      @Setting(value = "weight of the newest error", min = 1e-6, max = 1) double lambda,
      @Setting(value = "errors before the first alarm can be given", min = 0) int warmUp)
      implements DetectorSpec {
    /**
     * A longer memory and a smaller α than published (0.05 and 0.001), for the test is repeated
     * with every error against the lowest mean so far.
     */
    public static Settings defaults() {
      return new Settings(1e-7, 0.02, 256);
    }
  }

  /** An exponentially weighted mean and the sum of its squared weights; empty while that is 0. */
  private static final class Weighted {
    private double mean;
    private double squaredWeights;

    void add(double error, double lambda) {
      if (squaredWeights == 0) {
        mean = error;
        squaredWeights = 1;
      } else {
        mean += lambda * (error - mean);
        squaredWeights = lambda * lambda + (1 - lambda) * (1 - lambda) * squaredWeights;
      }
    }

    void set(double newMean, double newSquaredWeights) {
      mean = newMean;
      squaredWeights = newSquaredWeights;
    }

    void write(StateWriter out) throws IOException {
      out.writeDouble(mean);
      out.writeDouble(squaredWeights);
    }

    void read(StateReader in) throws IOException {
      set(in.readDouble(), in.readDouble());
    }
  }

  private final Settings settings;
  private final Weighted all = new Weighted();
  private final Weighted before = new Weighted();
  private final Weighted since = new Weighted();
  private double lowest = Double.POSITIVE_INFINITY;
  private long count;
  private double sum;
  private long countSince;
  private double sumSince;
  private Change change;

  public HddmW(Settings settings) {
    this.settings = settings;
  }

  @Override
  public boolean add(double error) {
    count++;
    sum += error;
    all.add(error, settings.lambda());
    double highest = all.mean + bound(all.squaredWeights);
    if (highest < lowest) {
      lowest = highest;
      before.set(all.mean, all.squaredWeights);
      since.set(0, 0);
      countSince = 0;
      sumSince = 0;
      return false;
    }
    since.add(error, settings.lambda());
    countSince++;
    sumSince += error;
    if (since.mean <= sum / count) {
      countSince = 0;
      sumSince = 0;
    }
    if (since.mean - before.mean <= bound(before.squaredWeights + since.squaredWeights)
        || count <= settings.warmUp()) {
      return false;
    }
    change = new Change((sum - sumSince) / (count - countSince), sumSince / countSince, countSince);
    count = countSince;
    sum = sumSince;
    all.set(since.mean, since.squaredWeights);
    lowest = all.mean + bound(all.squaredWeights);
    before.set(all.mean, all.squaredWeights);
    since.set(0, 0);
    countSince = 0;
    sumSince = 0;
    return true;
  }

  private double bound(double squaredWeights) {
    return Math.sqrt(-Math.log(settings.alpha()) / 2 * squaredWeights);
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
    if (since.squaredWeights == 0) {
      return 0;
    }
    double rise = since.mean - before.mean;
    return Math.max(0, rise / bound(before.squaredWeights + since.squaredWeights));
  }

  @Override
  public void write(StateWriter out) throws IOException {
    all.write(out);
    before.write(out);
    since.write(out);
    out.writeDouble(lowest);
    out.writeLong(count);
    out.writeDouble(sum);
    out.writeLong(countSince);
    out.writeDouble(sumSince);
    Change.write(change, out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    all.read(in);
    before.read(in);
    since.read(in);
    lowest = in.readDouble();
    count = in.readLong();
    sum = in.readDouble();
    countSince = in.readLong();
    sumSince = in.readDouble();
    change = Change.read(in);
  }
}
