package dev.samgs.job.state;

import dev.samgs.learn.LearnerState;
import dev.samgs.spec.ModelSpec;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Bytes of state that one model takes in a savepoint when its replay rows and its open mini-batch
 * are full.
 *
 * @param learner parameters, moments, scales, detectors and scores of a fresh model; detectors grow
 *     by some kilobytes
 * @param rows replay rows and pending rows
 */
public record StateSize(long learner, long rows) {
  private static final int ROW_OVERHEAD = Long.BYTES + 2 * Integer.BYTES;

  /** The size of a model. */
  public static StateSize of(ModelSpec spec) {
    long row = ROW_OVERHEAD + (long) Double.BYTES * (spec.features().size() + spec.tasks().size());
    long rows = (long) spec.learning().replayCapacity() + spec.learning().miniBatch();
    try {
      int learner = StoredLearner.of(new LearnerState(spec, 0)).bytes().length;
      return new StateSize(learner, rows * row);
    } catch (IOException e) {
      throw new UncheckedIOException("a learner could not be written to memory", e);
    }
  }

  /** All of it. */
  public long bytes() {
    return learner + rows;
  }
}
