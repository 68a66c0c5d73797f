package dev.samgs.learn;

import dev.samgs.spec.ModelSpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Rows that were predicted when their features arrived and whose labels are still to come. Each
 * waits, under the id of its event, together with the prediction that was made for it: that
 * prediction is what its labels are scored against, however much the model has learned in the
 * meantime.
 *
 * <p>At most {@code capacity} rows wait. One more, and the row that has waited longest gives way:
 * its labels, should they still come, find no row and are counted by {@link #unmatched()}. An id
 * that arrives while it waits is a repetition: the first row and its prediction stay.
 *
 * <p>Part of a model's state: written and read back it goes on bit for bit. Not safe for use by
 * several threads.
 */
public final class WaitingRows {
  private static final int FORMAT = 1;

  private record Waiting(long timestamp, double[] features, double[] prediction) {}

  private final ModelSpec spec;
  private final int stride;
  private final int capacity;

  /** By event id, the row that has waited longest first. */
  private final Map<String, Waiting> rows = new LinkedHashMap<>();

  private long gaveWay;
  private long repeated;
  private long unmatched;

  /**
   * No rows.
   *
   * @param capacity rows that may wait at the same time, at least 1
   */
  public WaitingRows(ModelSpec spec, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("room for at least 1 row is needed, not " + capacity);
    }
    this.spec = spec;
    this.stride = RowBatch.stride(spec);
    this.capacity = capacity;
  }

  /**
   * Lets a row wait for its labels. The labels in the batch are not looked at.
   *
   * @param eventId what its labels will name it by
   * @param predicted a batch that {@link Trainer#predict} has predicted
   * @param index the row in that batch
   * @return false if an event of that id waits already; nothing is changed then
   */
  public boolean add(String eventId, RowBatch predicted, int index) {
    if (rows.containsKey(eventId)) {
      repeated++;
      return false;
    }
    if (rows.size() == capacity) {
      dropOldest();
    }
    Row row = predicted.row(index);
    int at = index * stride;
    rows.put(
        eventId,
        new Waiting(
            row.timestamp(),
            row.features(),
            Arrays.copyOfRange(predicted.predictions(), at, at + stride)));
    return true;
  }

  private void dropOldest() {
    Iterator<Waiting> oldest = rows.values().iterator();
    oldest.next();
    oldest.remove();
    gaveWay++;
  }

  /**
   * Moves a row whose labels have come to a batch, together with its prediction. It can be learned
   * from there.
   *
   * @param labels one for each task, in the order of the spec; NaN where unknown
   * @param to receives the row
   * @return false if no event of that id waits: it never came, has had its labels, or gave way
   */
  public boolean release(String eventId, double[] labels, RowBatch to) {
    Waiting waiting = rows.remove(eventId);
    if (waiting == null) {
      unmatched++;
      return false;
    }
    to.add(new Row(waiting.timestamp, waiting.features, labels), waiting.prediction);
    return true;
  }

  /** Rows that wait. */
  public int size() {
    return rows.size();
  }

  /** Rows so far that gave way to later ones before their labels came. */
  public long gaveWay() {
    return gaveWay;
  }

  /** Rows so far that were not taken in because their event waited already. */
  public long repeated() {
    return repeated;
  }

  /** Labelled events so far that found no row. */
  public long unmatched() {
    return unmatched;
  }

  /** Writes the rows, their order and the counts in a versioned binary form. */
  public void write(StateWriter out) throws IOException {
    out.writeInt(FORMAT);
    out.writeLongs(new long[] {gaveWay, repeated, unmatched});
    out.writeInt(rows.size());
    for (Map.Entry<String, Waiting> row : rows.entrySet()) {
      out.writeString(row.getKey());
      out.writeLong(row.getValue().timestamp);
      out.writeDoubles(row.getValue().features);
      out.writeDoubles(row.getValue().prediction);
    }
  }

  /**
   * Replaces the rows by written ones. If more were written than there is room for now, those that
   * have waited longest give way.
   *
   * @throws StateFormatException if the state is damaged, newer than this version, or of another
   *     model
   */
  public void read(StateReader in) throws IOException {
    int format = in.readInt();
    if (format != FORMAT) {
      throw new StateFormatException(
          "the saved waiting rows have format "
              + format
              + ", and this version reads format "
              + FORMAT
              + "; run the version that wrote them, or a newer one");
    }
    long[] counts = in.readLongs();
    requireLength("counts", 3, counts.length);
    rows.clear();
    gaveWay = counts[0];
    repeated = counts[1];
    unmatched = counts[2];
    int written = in.readInt();
    for (int r = 0; r < written; r++) {
      String eventId = in.readString();
      Waiting row = new Waiting(in.readLong(), in.readDoubles(), in.readDoubles());
      requireLength("features", spec.features().size(), row.features.length);
      requireLength("predicted numbers", stride, row.prediction.length);
      if (rows.size() == capacity) {
        dropOldest();
      }
      rows.put(eventId, row);
    }
  }

  private static void requireLength(String what, int expected, int found) throws IOException {
    if (found != expected) {
      throw new StateFormatException(
          "the saved waiting rows are damaged or of another model: they have "
              + found
              + " "
              + what
              + " where "
              + expected
              + " belong");
    }
  }
}
