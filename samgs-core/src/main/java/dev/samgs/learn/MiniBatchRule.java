package dev.samgs.learn;

import dev.samgs.spec.LearningSpec;

/**
 * When a mini-batch closes: a function of the rows alone, never of the clock, so that a replay
 * closes the same mini-batches.
 *
 * @param miniBatch labelled rows that fill a mini-batch
 * @param gapMillis pause in event time that closes it early; 0 for never
 */
public record MiniBatchRule(int miniBatch, long gapMillis) {
  /**
   * Unlabelled rows are only kept for their features: so many times the mini-batch of them closes
   * it too.
   */
  private static final int UNLABELLED_FACTOR = 8;

  public MiniBatchRule(LearningSpec learning) {
    this(learning.miniBatch(), learning.gapMillis());
  }

  /** Whether the mini-batch is full. */
  public boolean full(int rows, int labelledRows) {
    return labelledRows >= miniBatch || rows >= (long) UNLABELLED_FACTOR * miniBatch;
  }

  /** Whether the pending rows have to be learned before a row of that time may join. */
  public boolean closesBefore(int pendingRows, long latestTimestamp, long nextTimestamp) {
    return pendingRows > 0 && gapMillis > 0 && nextTimestamp - latestTimestamp > gapMillis;
  }
}
