package dev.samgs.job.operator;

import dev.samgs.learn.ReplayRows;
import dev.samgs.learn.Row;
import org.apache.flink.api.common.state.MapState;

/** Replay rows of the current key, one map entry for each slot. */
final class KeyedReplay implements ReplayRows {
  private final MapState<Integer, Row> slots;

  KeyedReplay(MapState<Integer, Row> slots) {
    this.slots = slots;
  }

  /**
   * The row in a slot. A capacity that was raised leaves slots empty until the ring comes round;
   * filled ones below stand in for them.
   */
  @Override
  public Row get(int slot) {
    try {
      Row row = slots.get(slot);
      for (int lower = slot; row == null; row = slots.get(lower)) {
        if (lower == 0) {
          throw new IllegalStateException("there are no replay rows, although the model has some");
        }
        lower /= 2;
      }
      return row;
    } catch (Exception e) {
      throw new IllegalStateException("the replay rows could not be read", e);
    }
  }

  @Override
  public void put(int slot, Row row) {
    try {
      slots.put(slot, row);
    } catch (Exception e) {
      throw new IllegalStateException("the replay rows could not be written", e);
    }
  }

  /** Forgets the current key's rows. */
  void clear() {
    slots.clear();
  }
}
