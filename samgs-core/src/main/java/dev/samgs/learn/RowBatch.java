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
  private final int outputs;
  private final List<Row> rows = new ArrayList<>();
  private double[] predictions = new double[0];

  /**
   * What each expert of the mixtures predicted, {@code rows × expertOutputs}; empty without
   * mixtures.
   */
  private double[] expertPredictions = new double[0];

  private final int expertOutputs;
  private int labelled;
  private long latestTimestamp = Long.MIN_VALUE;

  public RowBatch(ModelSpec spec) {
    this.outputs = spec.outputs();
    this.expertOutputs = spec.learning().mixture() ? outputs * TaskMixture.Expert.COUNT : 0;
  }

  /** Appends a row whose prediction is still to be made. */
  public void add(Row row) {
    rows.add(row);
    latestTimestamp = Math.max(latestTimestamp, row.timestamp());
    if (row.labelled()) {
      labelled++;
    }
    predictions = grown(predictions, outputs);
    expertPredictions = grown(expertPredictions, expertOutputs);
  }

  private double[] grown(double[] values, int width) {
    int needed = rows.size() * width;
    return values.length >= needed
        ? values
        : Arrays.copyOf(values, Math.max(needed, 2 * values.length));
  }

  /** Appends a row of another batch together with its prediction. */
  public void add(RowBatch other, int index) {
    add(other.row(index));
    int to = rows.size() - 1;
    System.arraycopy(other.predictions, index * outputs, predictions, to * outputs, outputs);
    System.arraycopy(
        other.expertPredictions,
        index * expertOutputs,
        expertPredictions,
        to * expertOutputs,
        expertOutputs);
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
   * Predictions, {@code rows × outputs}, row-major; the live array. A regression task has one
   * number in the label's unit, a binary task the probability of class 1, a multiclass task the
   * probability of each class.
   */
  public double[] predictions() {
    return predictions;
  }

  /** Numbers per row in {@link #predictions()}. */
  public int outputs() {
    return outputs;
  }

  double[] expertPredictions() {
    return expertPredictions;
  }

  int expertOutputs() {
    return expertOutputs;
  }

  /** Removes all rows. */
  public void clear() {
    rows.clear();
    labelled = 0;
    latestTimestamp = Long.MIN_VALUE;
  }
}
