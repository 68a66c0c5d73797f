package dev.samgs.drift;

import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * KSWIN, Kolmogorov-Smirnov windowing: C. Raab, M. Heusinger, F.-M. Schleif, <em>Reactive Soft
 * Prototype Computing for Concept Drift Streams</em>, Neurocomputing 416, 2020.
 *
 * <p>Compares the distribution of the latest {@code recent} errors with that of the ones before
 * them in a window of {@code window}. Two things differ from the paper. It draws a random sample of
 * the older errors, as large as the recent part; here all of them count, which is more exact and
 * needs no random numbers. And its test sees any difference; here it is the one-sided statistic D⁺
 * = max_x (F_old(x) − F_recent(x)), large only where the recent errors are larger. A detection is
 * exp(−2·D⁺²·nm/(n + m)) &lt; α, the asymptotic chance of such a D⁺ between equal distributions, at
 * least as large as the chance for errors that tie. The change is put at the best cut for a rise of
 * the mean.
 *
 * <p>α is the chance of a false alarm of one test, and the test is repeated with every error: the
 * chance over a stream is measured. The two parts are kept sorted: O(window) per error, about half
 * a microsecond for 300.
 */
public final class Kswin implements DriftDetector {
  /** Settings of KSWIN. */
  public record Settings(
      @Setting(
              value = "chance of a false alarm of one test; smaller alarms later",
              min = 1e-30,
              max = 0.5)
          double alpha,
      @Setting(value = "errors in the window", min = 4, max = 100_000) int window,
      @Setting(value = "latest errors that are compared with the others", min = 2, max = 50_000)
          int recent)
      implements DetectorSpec {
    /**
     * A longer window and a much smaller α than published (100, 30 and 0.005), for α is spent with
     * every error.
     */
    public static Settings defaults() {
      return new Settings(1e-5, 300, 100);
    }

    public Settings {
      if (recent > window / 2) {
        throw new InvalidSettingException(
            "recent", "the recent part must leave at least half of the window to compare it with");
      }
    }
  }

  private static final int SMALLEST_SIDE = 5;

  private final Settings settings;

  /** The window in order of arrival, a ring. */
  private final double[] ring;

  private int next;
  private int size;
  private double sum;

  /** The same errors sorted: those before the recent part, and the recent part. */
  private final double[] older;

  private final double[] recent;
  private int olderSize;
  private int recentSize;
  private Change change;

  public Kswin(Settings settings) {
    this.settings = settings;
    this.ring = new double[settings.window()];
    this.older = new double[settings.window()];
    this.recent = new double[settings.recent() + 1];
  }

  @Override
  public boolean add(double error) {
    if (size == settings.window()) {
      double oldest = ring[next];
      olderSize = remove(older, olderSize, oldest);
      sum -= oldest;
      size--;
    }
    ring[next] = error;
    next = (next + 1) % settings.window();
    size++;
    sum += error;
    recentSize = insert(recent, recentSize, error);
    if (recentSize > settings.recent()) {
      double leaving = at(size - 1 - settings.recent());
      recentSize = remove(recent, recentSize, leaving);
      olderSize = insert(older, olderSize, leaving);
    }
    if (size < settings.window()) {
      return false;
    }
    double d = largestExcess();
    double effective = (double) olderSize * recentSize / (olderSize + recentSize);
    if (Math.exp(-2 * d * d * effective) >= settings.alpha()) {
      return false;
    }
    change = likeliestChange();
    startAnew((int) change.valuesSince());
    return true;
  }

  /** The error that arrived as the i-th of the window. */
  private double at(int i) {
    return ring[Math.floorMod(next - size + i, settings.window())];
  }

  private static int insert(double[] sorted, int length, double value) {
    int at = place(sorted, length, value);
    System.arraycopy(sorted, at, sorted, at + 1, length - at);
    sorted[at] = value;
    return length + 1;
  }

  private static int remove(double[] sorted, int length, double value) {
    int at = place(sorted, length, value);
    System.arraycopy(sorted, at + 1, sorted, at, length - at - 1);
    return length - 1;
  }

  private static int place(double[] sorted, int length, double value) {
    int at = Arrays.binarySearch(sorted, 0, length, value);
    return at >= 0 ? at : -1 - at;
  }

  /** max_x (F_old(x) − F_recent(x)), evaluated after each run of equal errors. */
  private double largestExcess() {
    double largest = 0;
    int o = 0;
    int r = 0;
    while (o < olderSize) {
      double x = older[o];
      while (o < olderSize && older[o] == x) {
        o++;
      }
      while (r < recentSize && recent[r] <= x) {
        r++;
      }
      largest = Math.max(largest, (double) o / olderSize - (double) r / recentSize);
    }
    return largest;
  }

  /** The rise at the place where the means of the two sides differ by most standard errors. */
  private Change likeliestChange() {
    Change likeliest = null;
    double largest = Double.NEGATIVE_INFINITY;
    double sumBefore = 0;
    for (int before = 1; before <= size - SMALLEST_SIDE; before++) {
      sumBefore += at(before - 1);
      if (before >= SMALLEST_SIDE) {
        int since = size - before;
        double meanBefore = sumBefore / before;
        double meanSince = (sum - sumBefore) / since;
        double standardised = (meanSince - meanBefore) / Math.sqrt(1.0 / before + 1.0 / since);
        if (standardised > largest) {
          largest = standardised;
          likeliest = new Change(meanBefore, meanSince, since);
        }
      }
    }
    return likeliest;
  }

  /** Keeps the latest errors only. */
  private void startAnew(int keep) {
    double[] kept = new double[keep];
    for (int i = 0; i < keep; i++) {
      kept[i] = at(size - keep + i);
    }
    load(kept);
  }

  private void load(double[] errors) {
    System.arraycopy(errors, 0, ring, 0, errors.length);
    size = errors.length;
    next = size % settings.window();
    recentSize = Math.min(size, settings.recent());
    olderSize = size - recentSize;
    System.arraycopy(errors, 0, older, 0, olderSize);
    System.arraycopy(errors, olderSize, recent, 0, recentSize);
    Arrays.sort(older, 0, olderSize);
    Arrays.sort(recent, 0, recentSize);
    sum = 0;
    for (double error : errors) {
      sum += error;
    }
  }

  @Override
  public Change change() {
    return change;
  }

  @Override
  public double mean() {
    return sum / size;
  }

  @Override
  public double statistic() {
    if (size < settings.window()) {
      return 0;
    }
    double d = largestExcess();
    double effective = (double) olderSize * recentSize / (olderSize + recentSize);
    return 2 * d * d * effective / -Math.log(settings.alpha());
  }

  @Override
  public void write(StateWriter out) throws IOException {
    double[] errors = new double[size];
    for (int i = 0; i < size; i++) {
      errors[i] = at(i);
    }
    out.writeDoubles(errors);
    out.writeDouble(sum);
    Change.write(change, out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    double[] errors = in.readDoubles();
    if (errors.length > settings.window()) {
      errors = Arrays.copyOfRange(errors, errors.length - settings.window(), errors.length);
    }
    load(errors);
    sum = in.readDouble();
    change = Change.read(in);
  }
}
