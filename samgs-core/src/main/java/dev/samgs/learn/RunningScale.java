package dev.samgs.learn;

import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * Running mean and variance of several numbers, each over its own observations: Welford's method,
 * whose rate 1/n stops falling at 1/window, from where on it is an exponentially weighted mean and
 * variance that looks back on about {@code window} values.
 */
final class RunningScale {
  /**
   * Deviations this small against the mean are rounding, not information: the number counts as
   * constant.
   */
  private static final double CONSTANT = 1e-12;

  /** Larger numbers are held here, so that their squares stay finite. */
  private static final double LARGEST = 1e150;

  private final int window;
  private final double slowestRate;
  private long[] counts;
  private double[] means;
  private double[] variances;

  RunningScale(int size, int window) {
    this.window = window;
    this.slowestRate = 1.0 / window;
    this.counts = new long[size];
    this.means = new double[size];
    this.variances = new double[size];
  }

  /**
   * A scale that has seen a window full of values of those means and deviations, and none where the
   * mean is NaN.
   */
  static RunningScale settled(int window, double[] means, double[] deviations) {
    RunningScale scale = new RunningScale(means.length, window);
    for (int i = 0; i < means.length; i++) {
      if (!Double.isNaN(means[i])) {
        scale.counts[i] = window;
        scale.means[i] = means[i];
        scale.variances[i] = deviations[i] * deviations[i];
      }
    }
    return scale;
  }

  RunningScale copy() {
    RunningScale copy = new RunningScale(counts.length, window);
    copy.counts = counts.clone();
    copy.means = means.clone();
    copy.variances = variances.clone();
    return copy;
  }

  /**
   * Observes a row and standardises it by what is known then, in one go.
   *
   * @param row one value for each number, NaN where it is missing
   * @param limit standardised values beyond this are held at it
   * @param to receives the standardised values from {@code at} on, 0 for a missing one
   */
  void take(double[] row, double limit, float[] to, int at) {
    for (int i = 0; i < row.length; i++) {
      double value = row[i];
      if (Double.isNaN(value)) {
        to[at + i] = 0f;
      } else {
        observe(i, value);
        to[at + i] = bounded(standardise(i, value), limit);
      }
    }
  }

  /** Standardises a row as {@link #take} does, by what is known already. */
  void standardise(double[] row, double limit, float[] to, int at) {
    for (int i = 0; i < row.length; i++) {
      double value = row[i];
      to[at + i] = Double.isNaN(value) ? 0f : bounded(standardise(i, value), limit);
    }
  }

  /**
   * Writes 1 through each number's standard deviation, 0 for a constant number: for {@link
   * #standardise(double[], double[], double, float[], int)}.
   */
  void inverseDeviations(double[] to) {
    for (int i = 0; i < to.length; i++) {
      double deviation = deviation(i);
      to[i] = deviation > 0 ? 1 / deviation : 0;
    }
  }

  /** The same for one of many rows, without a root and a division for each value. */
  void standardise(double[] row, double[] inverseDeviations, double limit, float[] to, int at) {
    for (int i = 0; i < row.length; i++) {
      double value = row[i];
      to[at + i] =
          Double.isNaN(value) ? 0f : bounded((value - means[i]) * inverseDeviations[i], limit);
    }
  }

  /** Compares where Math.min would: what it does about NaN and negative zero takes its time. */
  private static float bounded(double value, double limit) {
    return (float) (value > limit ? limit : value < -limit ? -limit : value);
  }

  void observe(int index, double value) {
    double x = Math.abs(value) > LARGEST ? Math.copySign(LARGEST, value) : value;
    long count = ++counts[index];
    double rate = count < window ? 1.0 / count : slowestRate;
    double delta = x - means[index];
    means[index] += rate * delta;
    variances[index] += rate * (delta * (x - means[index]) - variances[index]);
  }

  /** Lets the past of a number count as so many observations at most. */
  void forget(int index, int observations) {
    counts[index] = Math.min(counts[index], observations);
  }

  long count(int index) {
    return counts[index];
  }

  double mean(int index) {
    return means[index];
  }

  /** Standard deviation; 0 while the number has been constant. */
  double deviation(int index) {
    double variance = variances[index];
    double deviation = variance > 0 ? Math.sqrt(variance) : 0;
    return deviation > CONSTANT * Math.abs(means[index]) ? deviation : 0;
  }

  /** The value in standard deviations from the mean; 0 for a constant number. */
  double standardise(int index, double value) {
    double deviation = deviation(index);
    return deviation > 0 ? (value - means[index]) / deviation : 0;
  }

  void write(StateWriter out) throws IOException {
    out.writeLongs(counts);
    out.writeDoubles(means);
    out.writeDoubles(variances);
  }

  void read(StateReader in) throws IOException {
    long[] savedCounts = in.readLongs();
    double[] savedMeans = in.readDoubles();
    double[] savedVariances = in.readDoubles();
    if (savedCounts.length != counts.length
        || savedMeans.length != counts.length
        || savedVariances.length != counts.length) {
      throw new StateFormatException(
          "the saved scaling is of "
              + savedCounts.length
              + " columns, but this model has "
              + counts.length);
    }
    counts = savedCounts;
    means = savedMeans;
    variances = savedVariances;
  }
}
