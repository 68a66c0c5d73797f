package dev.samgs.deploy.evaluate;

/**
 * Sums over stretches of equal length of a stream, in several channels. There are at most {@value
 * #CAPACITY} stretches: when the stream outgrows them, they become twice as long and neighbours are
 * merged. Memory is bounded whatever the length of the stream, and no sum is lost.
 */
public final class BinnedSeries {
  static final int CAPACITY = 512;

  private final int channels;
  private final double[] sums;
  private final double[] counts;
  private long width = 1;
  private int size;

  BinnedSeries(int channels) {
    this.channels = channels;
    this.sums = new double[CAPACITY * channels];
    this.counts = new double[CAPACITY * channels];
  }

  /**
   * Adds to the stretch that a position belongs to.
   *
   * @param position from 0
   * @param sum sum of {@code count} values
   */
  void add(long position, int channel, double sum, double count) {
    while (position / width >= CAPACITY) {
      halve();
    }
    int bin = (int) (position / width);
    size = Math.max(size, bin + 1);
    sums[bin * channels + channel] += sum;
    counts[bin * channels + channel] += count;
  }

  private void halve() {
    for (int i = 0; i < CAPACITY * channels; i++) {
      int bin = i / channels;
      int channel = i % channels;
      if (bin < CAPACITY / 2) {
        int first = 2 * bin * channels + channel;
        sums[i] = sums[first] + sums[first + channels];
        counts[i] = counts[first] + counts[first + channels];
      } else {
        sums[i] = 0;
        counts[i] = 0;
      }
    }
    width *= 2;
    size = (size + 1) / 2;
  }

  /** Stretches, empty ones included, up to the last that holds anything. */
  public int size() {
    return size;
  }

  /** Length of a stretch. */
  public long width() {
    return width;
  }

  /**
   * Mean of a channel over the stretches from {@code from} to {@code to}, both included; NaN over
   * none.
   */
  public double mean(int channel, int from, int to) {
    double sum = 0;
    double count = 0;
    for (int bin = Math.max(0, from); bin <= to; bin++) {
      sum += sums[bin * channels + channel];
      count += counts[bin * channels + channel];
    }
    return count == 0 ? Double.NaN : sum / count;
  }
}
