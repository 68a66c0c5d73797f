package dev.samgs.drift;

import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.Setting;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.stream.LongStream;

/**
 * ADWIN, adaptive windowing: A. Bifet, R. Gavaldà, <em>Learning from Time-Changing Data with
 * Adaptive Windowing</em>, SIAM SDM 2007.
 *
 * <p>Keeps a window of the recent values and drops its older part whenever two sub-windows have
 * means that differ by more than ε_cut = √(2/m · σ² · ln(2/δ')) + 2/(3m) · ln(2/δ'), with 1/m =
 * 1/n₀ + 1/n₁, σ² the variance of the window and δ' = δ / ln n (Theorem 3.2 of the paper, its form
 * for practice). A cut where the newer mean is lower only shortens the window, by one bucket after
 * the other as in the paper, for falling errors are what a learner is for. A cut where it is higher
 * is a detection, and the window then starts at the likeliest place of the change: dropping one
 * bucket after the other there too would report the same change three or four times.
 *
 * <p>The window is an exponential histogram: rows of at most {@value #BUCKETS_PER_ROW} buckets,
 * those of row r holding 2^r values each, so memory and the cost of a check are O(log n). Cuts are
 * looked for at every {@code checkEvery}-th value, at bucket borders, with at least {@value
 * #SMALLEST_SIDE} values on each side.
 */
public final class Adwin implements DriftDetector {
  /** Settings of ADWIN. */
  public record Settings(
      @Setting(
              value = "bound on the chance of a false alarm at one check; smaller alarms later",
              min = 1e-12,
              max = 0.5)
          double delta,
      @Setting(value = "look for a change after this many values", min = 1, max = 1_000_000)
          int checkEvery,
      @Setting(value = "values before the first alarm can be given", min = 0) int warmUp)
      implements DetectorSpec {
    /**
     * δ = 0.002 and a check every 32 values, as the authors use; the first 256 errors of a new
     * learner are not judged.
     */
    public static Settings defaults() {
      return new Settings(0.002, 32, 256);
    }
  }

  /** The paper's M. */
  private static final int BUCKETS_PER_ROW = 5;

  /** One more, until the two oldest are merged. */
  private static final int STRIDE = BUCKETS_PER_ROW + 1;

  private static final int SMALLEST_SIDE = 5;

  /** Enough for 5 · 2⁴⁰ values. */
  private static final int ROWS = 40;

  private final Settings settings;

  /**
   * Sum and sum of squared deviations of each bucket; bucket b of row r at r · STRIDE + b, oldest
   * first.
   */
  private double[] sums = new double[ROWS * STRIDE];

  private double[] deviations = new double[ROWS * STRIDE];
  private long[] counts = new long[ROWS];
  private long width;
  private double total;
  private double squaredDeviation;
  private long seen;
  private Change change;

  public Adwin(Settings settings) {
    this.settings = settings;
  }

  @Override
  public boolean add(double error) {
    seen++;
    insert(error);
    return seen % settings.checkEvery() == 0 && width > 2 * SMALLEST_SIDE && shrink();
  }

  @Override
  public Change change() {
    return change;
  }

  @Override
  public double mean() {
    return width == 0 ? Double.NaN : total / width;
  }

  private void insert(double value) {
    if (width > 0) {
      double delta = value - total / width;
      squaredDeviation += delta * delta * width / (width + 1);
    }
    width++;
    total += value;
    append(0, value, 0);
    for (int row = 0; counts[row] > BUCKETS_PER_ROW; row++) {
      mergeOldest(row);
    }
  }

  private void append(int row, double sum, double deviation) {
    int at = row * STRIDE + (int) counts[row];
    sums[at] = sum;
    deviations[at] = deviation;
    counts[row]++;
  }

  /** Merges the two oldest buckets of an overfull row into one of the next row. */
  private void mergeOldest(int row) {
    int at = row * STRIDE;
    double size = (double) (1L << row);
    double delta = (sums[at] - sums[at + 1]) / size;
    double sum = sums[at] + sums[at + 1];
    double deviation = deviations[at] + deviations[at + 1] + delta * delta * size / 2;
    dropOldest(row, 2);
    append(row + 1, sum, deviation);
  }

  private void dropOldest(int row, int buckets) {
    int at = row * STRIDE;
    int left = (int) counts[row] - buckets;
    System.arraycopy(sums, at + buckets, sums, at, left);
    System.arraycopy(deviations, at + buckets, deviations, at, left);
    counts[row] = left;
  }

  /**
   * Looks for cuts until there is none: drops the oldest bucket where the mean has fallen, and all
   * that lies before the change where it has risen. Returns whether it has.
   */
  private boolean shrink() {
    for (int direction = firstCut(); direction != 0; direction = firstCut()) {
      if (direction > 0 && seen > settings.warmUp()) {
        change = likeliestChange();
        while (width > change.valuesSince()) {
          forgetOldestBucket();
        }
        return true;
      }
      forgetOldestBucket();
    }
    return false;
  }

  /**
   * 1 if the mean is higher after the first cut that shows a change, −1 if lower, 0 without one.
   */
  private int firstCut() {
    double oldCount = 0;
    double oldSum = 0;
    double logTerm = logTerm();
    for (int row = ROWS - 1; row >= 0; row--) {
      for (int b = 0; b < counts[row]; b++) {
        oldCount += (double) (1L << row);
        oldSum += sums[row * STRIDE + b];
        double newCount = width - oldCount;
        if (newCount < SMALLEST_SIDE) {
          return 0;
        }
        if (oldCount >= SMALLEST_SIDE) {
          double rise = (total - oldSum) / newCount - oldSum / oldCount;
          if (Math.abs(rise) > bound(1 / oldCount + 1 / newCount, logTerm)) {
            return rise > 0 ? 1 : -1;
          }
        }
      }
    }
    return 0;
  }

  private double logTerm() {
    return Math.log(2 * Math.log(width) / settings.delta());
  }

  /**
   * ε_cut of the paper.
   *
   * @param inverse 1/m
   */
  private double bound(double inverse, double logTerm) {
    double variance = squaredDeviation / width;
    return Math.sqrt(2 * inverse * variance * logTerm) + 2.0 / 3 * inverse * logTerm;
  }

  /**
   * The rise at the bucket border where the two means differ by most standard errors: the maximum
   * likelihood estimate of a single change of mean (D. Hinkley, Biometrika 57, 1970).
   */
  private Change likeliestChange() {
    Change likeliest = null;
    double largest = 0;
    double oldCount = 0;
    double oldSum = 0;
    for (int row = ROWS - 1; row >= 0; row--) {
      for (int b = 0; b < counts[row]; b++) {
        oldCount += (double) (1L << row);
        oldSum += sums[row * STRIDE + b];
        double newCount = width - oldCount;
        if (oldCount >= SMALLEST_SIDE && newCount >= SMALLEST_SIDE) {
          double oldMean = oldSum / oldCount;
          double newMean = (total - oldSum) / newCount;
          double standardised = (newMean - oldMean) / Math.sqrt(1 / oldCount + 1 / newCount);
          if (standardised > largest) {
            largest = standardised;
            likeliest = new Change(oldMean, newMean, (long) newCount);
          }
        }
      }
    }
    return likeliest;
  }

  private void forgetOldestBucket() {
    int row = ROWS - 1;
    while (counts[row] == 0) {
      row--;
    }
    int at = row * STRIDE;
    double size = (double) (1L << row);
    double sum = sums[at];
    double deviation = deviations[at];
    dropOldest(row, 1);
    width -= 1L << row;
    total -= sum;
    if (width > 0) {
      double delta = sum / size - total / width;
      squaredDeviation =
          Math.max(0, squaredDeviation - deviation - delta * delta * size * width / (size + width));
    } else {
      squaredDeviation = 0;
    }
  }

  @Override
  public double statistic() {
    if (width <= 2 * SMALLEST_SIDE) {
      return 0;
    }
    double largest = 0;
    double oldCount = 0;
    double oldSum = 0;
    double logTerm = logTerm();
    for (int row = ROWS - 1; row >= 0; row--) {
      for (int b = 0; b < counts[row]; b++) {
        oldCount += (double) (1L << row);
        oldSum += sums[row * STRIDE + b];
        double newCount = width - oldCount;
        if (oldCount >= SMALLEST_SIDE && newCount >= SMALLEST_SIDE) {
          double rise = (total - oldSum) / newCount - oldSum / oldCount;
          largest = Math.max(largest, rise / bound(1 / oldCount + 1 / newCount, logTerm));
        }
      }
    }
    return largest;
  }

  @Override
  public void write(StateWriter out) throws IOException {
    out.writeDoubles(sums);
    out.writeDoubles(deviations);
    out.writeLongs(counts);
    out.writeLong(width);
    out.writeDouble(total);
    out.writeDouble(squaredDeviation);
    out.writeLong(seen);
    Change.write(change, out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    sums = in.readDoubles();
    deviations = in.readDoubles();
    counts = in.readLongs();
    if (sums.length != ROWS * STRIDE
        || deviations.length != sums.length
        || counts.length != ROWS
        || LongStream.of(counts).anyMatch(count -> count < 0 || count > BUCKETS_PER_ROW)) {
      throw new StateFormatException(
          "the saved ADWIN window has another shape than this version's");
    }
    width = in.readLong();
    total = in.readDouble();
    squaredDeviation = in.readDouble();
    seen = in.readLong();
    change = Change.read(in);
  }
}
