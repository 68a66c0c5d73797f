package dev.samgs.deploy.evaluate;

import java.util.Arrays;

/**
 * Exact average precision of a binary task: Σ (R_n − R_{n−1})·P_n over the distinct probabilities
 * from high to low, where all labels of equal probability cross the threshold together. Keeps every
 * label, 8 bytes each.
 */
public final class AveragePrecision {
  /**
   * One long per label that sorts by probability: the bits of a non-negative double sort like the
   * double itself, those of one up to 1 leave two bits free, and the lowest then holds the label.
   */
  private long[] entries = new long[1024];

  private int size;
  private long positives;

  /**
   * @param probability of class 1, from 0 to 1
   * @param positive whether the label is class 1
   */
  public void add(double probability, boolean positive) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "a probability must lie between 0 and 1, but this one is " + probability);
    }
    if (size == entries.length) {
      entries = Arrays.copyOf(entries, Math.multiplyExact(size, 2));
    }
    // Adding 0.0 turns −0.0, which has the sign bit, into 0.0.
    entries[size++] = Double.doubleToRawLongBits(probability + 0.0) << 1 | (positive ? 1 : 0);
    if (positive) {
      positives++;
    }
  }

  /** Average precision of the labels so far; NaN without a label of class 1. */
  public double value() {
    if (positives == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(entries, size);
    Arrays.sort(sorted);
    double sum = 0;
    long truePositives = 0;
    int above = 0;
    while (above < size) {
      long threshold = sorted[size - 1 - above] >> 1;
      long crossing = 0;
      while (above < size && sorted[size - 1 - above] >> 1 == threshold) {
        crossing += sorted[size - 1 - above] & 1;
        above++;
      }
      truePositives += crossing;
      sum += (double) crossing * truePositives / above;
    }
    return sum / positives;
  }
}
