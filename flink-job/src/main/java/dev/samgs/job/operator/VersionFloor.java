package dev.samgs.job.operator;

import dev.samgs.learn.LearnerState;
import dev.samgs.spec.ModelSpec;
import java.io.Serializable;
import java.util.Map;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Keeps versions from repeating or going back. Computed once, when the job is submitted, from what
 * the snapshot topic then held. A version is incarnation · 2³² + n; learners that begin under this
 * job take an incarnation above all that the topic holds. A restored learner goes on under its own,
 * unless the topic is already ahead of it: then an old state was restored, and going on would
 * publish versions anew.
 *
 * <p>A restart after a failure is not affected: it restores a checkpoint of this very job, whose
 * versions are at or above what the topic held before.
 *
 * @param newest newest version of each model in the topic
 * @param freshIncarnation incarnation of learners that begin under this job
 * @param newIncarnation whether a learner that the topic is ahead of goes on under {@code
 *     freshIncarnation}, instead of stopping the job
 */
public record VersionFloor(Map<String, Long> newest, long freshIncarnation, boolean newIncarnation)
    implements Serializable {

  public VersionFloor {
    newest = Map.copyOf(newest);
  }

  /** The floor above what a topic holds. */
  public static VersionFloor above(Map<String, Long> newest, boolean newIncarnation) {
    long highest = newest.values().stream().mapToLong(version -> version >>> 32).max().orElse(-1);
    return new VersionFloor(newest, highest + 1, newIncarnation);
  }

  /**
   * A learner that begins.
   *
   * @param atLeast lowest incarnation that it may have: above its life before; null if it had none
   */
  LearnerState fresh(ModelSpec spec, Long atLeast) {
    long incarnation = atLeast == null ? freshIncarnation : Math.max(freshIncarnation, atLeast);
    return new LearnerState(spec, Math.toIntExact(incarnation));
  }

  /**
   * Lets a restored learner go on.
   *
   * @throws SuppressRestartsException if the topic is ahead of it and no new incarnation was asked
   *     for; no restart can mend that
   */
  void admit(String model, LearnerState restored) {
    long published = newest.getOrDefault(model, Long.MIN_VALUE);
    if (restored.version() >= published) {
      return;
    }
    if (newIncarnation) {
      restored.reincarnate(freshIncarnation);
      return;
    }
    throw new SuppressRestartsException(
        new IllegalStateException(
            "the restored state of model '"
                + model
                + "' is at version "
                + restored.version()
                + ", but version "
                + published
                + " is already published; restore the newest savepoint or checkpoint, or set"
                + " snapshots.new-incarnation: true to go on from this one above it"));
  }
}
