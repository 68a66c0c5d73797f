package dev.samgs.connectors.snapshot;

/** Is told of snapshots by a {@link SnapshotFollower}, on its thread. */
@FunctionalInterface
public interface SnapshotListener {
  /**
   * A verified snapshot, newer than any of its model before.
   *
   * @throws Exception if the model cannot be used; the follower counts it as {@link
   *     SnapshotRefusal#UNUSABLE}, and the version before stays the newest
   */
  void snapshot(SnapshotRecord snapshot) throws Exception;

  /** Somebody removed the model from the topic: a record without a value. */
  default void removed(String model) {}

  /**
   * A record that was not taken.
   *
   * @param sentence which record, and what was wrong
   */
  default void refused(SnapshotRefusal reason, String sentence) {}
}
