package dev.samgs.learn;

/**
 * Earlier labelled rows that later mini-batches draw from. Slots are numbered; the learner's state
 * knows which are filled. The storage is the caller's: an array, or a stream processor's keyed
 * state.
 */
public interface ReplayRows {
  /** The row in a slot that was put before. */
  Row get(int slot);

  /** Fills or overwrites a slot. */
  void put(int slot, Row row);
}
