package dev.samgs.drift;

import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.Setting;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * An e-detector, sequential change detection by betting, with a proven bound on its false alarms:
 * J. Shin, A. Ramdas, A. Rinaldo, <em>E-detectors: a nonparametric framework for sequential change
 * detection</em>, arXiv:2203.03532, against a reference mean that is learned by the time-uniform
 * empirical Bernstein bound of S. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, arXiv:1810.08240
 * (Theorems 1 and 4).
 *
 * <p>The reference is an upper bound U of the mean of all errors since the detector started, the
 * lowest so far; all of its values hold together with probability 1 − {@value #REFERENCE_RISK}. A
 * gambler stakes the fraction f of his wealth on each next error x to exceed U: M ← max(1, M)·(1 −
 * f + f·x/U). Where errors do not exceed U on average the game is unfair to him, and the wealth
 * passes 1/α within n errors with probability n·α at most. One gambler for each of {@link #STAKES};
 * a detection is a mean wealth of 1/α, and the change is put where the richest began.
 *
 * <p>So the expected number of false alarms in n errors is at most n·α + 0.001·(1 + restarts), for
 * whatever errors in [0, 1] whose mean, given the past, does not rise: constant, or falling as a
 * learner's do, independent of each other or not. A second game bets on falls against a lower
 * bound; when it is won the detector starts anew, without an alarm, on the lower level. A rise to a
 * rate p is seen after about ln(1/α)/KL(p ‖ U) errors. O(1) per error.
 */
public final class EDetector implements DriftDetector {
  /** Settings of the e-detector. */
  public record Settings(
      @Setting(
              value = "bound on the expected false alarms in a million errors",
              min = 1e-6,
              max = 100_000)
          double falseAlarmsPerMillion)
      implements DetectorSpec {
    /** One in a million. */
    public static Settings defaults() {
      return new Settings(1);
    }

    double threshold() {
      return 1e6 / falseAlarmsPerMillion;
    }
  }

  /** Fractions staked: a small rise is best found by small ones, a large one by large ones. */
  private static final double[] STAKES = {0.05, 0.15, 0.35, 0.7};

  /** Chance that the reference is ever wrong, half on either side, after each start. */
  private static final double REFERENCE_RISK = 0.001;

  /** Gamblers on rises or falls of the mean beyond a bound. */
  private static final class Game {
    double[] wealth = new double[STAKES.length];
    long[] counts = new long[STAKES.length];
    double[] sums = new double[STAKES.length];

    /** Pays out {@code odds} on the staked fractions, and returns the mean wealth. */
    double play(double odds, double error) {
      double total = 0;
      for (int g = 0; g < STAKES.length; g++) {
        if (wealth[g] <= 1) {
          wealth[g] = 1;
          counts[g] = 0;
          sums[g] = 0;
        }
        wealth[g] *= 1 - STAKES[g] + STAKES[g] * odds;
        counts[g]++;
        sums[g] += error;
        total += wealth[g];
      }
      return total / STAKES.length;
    }

    double meanWealth() {
      double total = 0;
      for (double one : wealth) {
        total += Math.max(1, one);
      }
      return total / STAKES.length;
    }

    int richest() {
      int richest = 0;
      for (int g = 1; g < STAKES.length; g++) {
        if (wealth[g] > wealth[richest]) {
          richest = g;
        }
      }
      return richest;
    }

    void clear() {
      Arrays.fill(wealth, 0);
      Arrays.fill(counts, 0);
      Arrays.fill(sums, 0);
    }

    void write(StateWriter out) throws IOException {
      out.writeDoubles(wealth);
      out.writeLongs(counts);
      out.writeDoubles(sums);
    }

    void read(StateReader in) throws IOException {
      wealth = in.readDoubles();
      counts = in.readLongs();
      sums = in.readDoubles();
      if (wealth.length != STAKES.length
          || counts.length != STAKES.length
          || sums.length != STAKES.length) {
        throw new StateFormatException(
            "the saved e-detector has "
                + wealth.length
                + " stakes, but this version has "
                + STAKES.length);
      }
    }
  }

  private final Settings settings;
  private final Game rises = new Game();
  private final Game falls = new Game();

  /** The reference: errors since the start, and the squares of what they were mispredicted by. */
  private long count;

  private double sum;
  private double squares;

  /** {@link #boundary(double)} when it was last needed since the start; not larger than now. */
  private double boundary;

  private double upper = 1;
  private double lower;

  /** The present level; unlike the reference it takes over the errors since a change. */
  private long levelCount;

  private double levelSum;
  private Change change;

  public EDetector(Settings settings) {
    this.settings = settings;
  }

  @Override
  public boolean add(double error) {
    levelCount++;
    levelSum += error;
    boolean risen = rises.play(error / upper, error) >= settings.threshold();
    boolean fallen = falls.play((1 - error) / (1 - lower), error) >= settings.threshold();
    if (risen) {
      int g = rises.richest();
      long since = rises.counts[g];
      double before =
          since == levelCount ? upper : (levelSum - rises.sums[g]) / (levelCount - since);
      change = new Change(before, rises.sums[g] / since, since);
    }
    if (risen || fallen) {
      Game winner = risen ? rises : falls;
      int g = winner.richest();
      startAnew(winner.counts[g], winner.sums[g]);
    } else {
      refer(error);
    }
    return risen;
  }

  private void startAnew(long countSince, double sumSince) {
    levelCount = countSince;
    levelSum = sumSince;
    count = 0;
    sum = 0;
    squares = 0;
    boundary = 0;
    upper = 1;
    lower = 0;
    rises.clear();
    falls.clear();
  }

  private void refer(double error) {
    double predicted = (sum + 0.5) / (count + 1);
    count++;
    sum += error;
    squares += (error - predicted) * (error - predicted);
    // The boundary grows with the squares: where the last one measured is too far out to move a
    // bound, so is the present one.
    double mean = sum / count;
    if (mean + boundary / count < upper || mean - boundary / count > lower) {
      boundary = boundary(squares);
      double radius = boundary / count;
      upper = Math.min(upper, mean + radius);
      lower = Math.max(lower, mean - radius);
    }
  }

  /**
   * The stitched boundary of Howard et al., Theorem 1, with η = 2, m = 1, h(k) = (k + 1)^1.4·ζ(1.4)
   * and scale c = 1: the sum of errors leaves its expectation by this, on one side, at any time at
   * all, with half the reference's risk.
   */
  private static double boundary(double squares) {
    double v = Math.max(1, squares);
    double log = 1.4 * Math.log(1 + Math.log(v) / LOG_2) + LOG_ZETA - LOG_HALF_RISK;
    return Math.sqrt(K1_SQUARED * v * log + K2 * K2 * log * log) + K2 * log;
  }

  private static final double LOG_2 = Math.log(2);

  private static final double LOG_HALF_RISK = Math.log(REFERENCE_RISK / 2);

  /** ln ζ(1.4). */
  private static final double LOG_ZETA = Math.log(3.1055472779775810);

  /** (2^¼ + 2^−¼)²/2. */
  private static final double K1_SQUARED = (Math.sqrt(2) + 2 + Math.sqrt(0.5)) / 2;

  /** (√2 + 1)/2. */
  private static final double K2 = (Math.sqrt(2) + 1) / 2;

  @Override
  public Change change() {
    return change;
  }

  @Override
  public double mean() {
    return levelSum / levelCount;
  }

  @Override
  public double statistic() {
    return Math.max(0, Math.log(rises.meanWealth()) / Math.log(settings.threshold()));
  }

  @Override
  public void write(StateWriter out) throws IOException {
    rises.write(out);
    falls.write(out);
    out.writeLong(count);
    out.writeDouble(sum);
    out.writeDouble(squares);
    out.writeDouble(upper);
    out.writeDouble(lower);
    out.writeLong(levelCount);
    out.writeDouble(levelSum);
    Change.write(change, out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    rises.read(in);
    falls.read(in);
    count = in.readLong();
    sum = in.readDouble();
    squares = in.readDouble();
    boundary = 0;
    upper = in.readDouble();
    lower = in.readDouble();
    levelCount = in.readLong();
    levelSum = in.readDouble();
    change = Change.read(in);
  }
}
