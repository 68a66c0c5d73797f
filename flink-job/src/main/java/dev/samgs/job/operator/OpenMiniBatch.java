package dev.samgs.job.operator;

import dev.samgs.job.state.Pending;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ValueState;

/** The rows of the current key that wait for their mini-batch to close, in keyed state. */
final class OpenMiniBatch {
  private final ValueState<Pending> pending;
  private final ListState<Row> rows;

  OpenMiniBatch(ValueState<Pending> pending, ListState<Row> rows) {
    this.pending = pending;
    this.rows = rows;
  }

  /** What is known without reading the rows; null before the model's first event. */
  Pending pending() throws Exception {
    return pending.value();
  }

  /**
   * Appends a row.
   *
   * @param now what is known with it
   */
  void add(Row row, Pending now) throws Exception {
    rows.add(row);
    pending.update(now);
  }

  /** Moves the rows, in the order of their arrival, to a batch that is cleared first. */
  void moveTo(RowBatch batch) throws Exception {
    batch.clear();
    for (Row row : rows.get()) {
      batch.add(row);
    }
    rows.clear();
    pending.update(pending.value().emptied());
  }

  /** Leaves nothing, as before the model's first event. */
  void clear() {
    rows.clear();
    pending.clear();
  }
}
