package dev.samgs.learn;

import dev.samgs.spec.ModelSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows in stream order, each with the prediction that was made for it before any of their labels
 * was used. Reused after {@link #clear}.
 */
public final class RowBatch {
  private final int stride;
  private final List<Row> rows = new ArrayList<>();
  private double[] predictions = new double[0];

  private int labelled;
  private long latestTimestamp = Long.MIN_VALUE;

  public RowBatch(ModelSpec spec) {
    this.stride = stride(spec);
  }

  /** Numbers that are predicted for each row. */
  static int stride(ModelSpec spec) {
    return spec.outputs() * (spec.learning().mixture() ? 1 + TaskMixture.Expert.COUNT : 1);
  }

  /** Appends a row whose prediction is still to be made. */
  public void add(Row row) {
    rows.add(row);
    latestTimestamp = Math.max(latestTimestamp, row.timestamp());
    if (row.labelled()) {
      labelled++;
    }
    int needed = rows.size() * stride;
    if (predictions.length < needed) {
      predictions = Arrays.copyOf(predictions, Math.max(needed, 2 * predictions.length));
    }
  }

  /** Appends a row with the prediction that was made for it, {@link #stride()} numbers. */
  void add(Row row, double[] prediction) {
    add(row);
    System.arraycopy(prediction, 0, predictions, (rows.size() - 1) * stride, stride);
  }

  /** Appends a row of another batch together with its prediction. */
  public void add(RowBatch other, int index) {
    add(other.row(index));
    System.arraycopy(
        other.predictions, index * stride, predictions, (rows.size() - 1) * stride, stride);
  }

  public int size() {
    return rows.size();
  }

  /** How many of the rows have at least one label. */
  public int labelled() {
    return labelled;
  }

  /** Largest event time of the rows; {@link Long#MIN_VALUE} without rows. */
  public long latestTimestamp() {
    return latestTimestamp;
  }

  public Row row(int index) {
    return rows.get(index);
  }

  /**
   * Predictions, {@code rows × stride}, row-major; the live array. A row begins with one number in
   * the label's unit for a regression task, the probability of class 1 for a binary task, the
   * probability of each class for a multiclass task, in task order; then follows what the experts
   * of the mixtures predicted, by which they will be judged.
   */
  public double[] predictions() {
    return predictions;
  }

  /** Numbers per row in {@link #predictions()}. */
  public int stride() {
    return stride;
  }

  /** Removes all rows. */
  public void clear() {
    rows.clear();
    labelled = 0;
    latestTimestamp = Long.MIN_VALUE;
  }
}
