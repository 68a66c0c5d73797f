package dev.samgs.connectors.csv;

import dev.samgs.connectors.event.EventTime;
import dev.samgs.learn.Row;
import dev.samgs.spec.TaskSpec;
import java.util.List;
import java.util.function.Consumer;

/** Turns the cells of a data row into features and labels in the order that was asked for. */
final class CsvColumns {
  private final int columns;
  private final int timestampColumn;
  private final int keyColumn;
  private final int[] featureColumns;
  private final int[] labelColumns;
  private final List<String> features;
  private final List<TaskSpec> tasks;
  private final TimestampUnit unit;

  CsvColumns(
      int columns,
      int timestampColumn,
      int keyColumn,
      int[] featureColumns,
      int[] labelColumns,
      List<String> features,
      List<TaskSpec> tasks,
      TimestampUnit unit) {
    this.columns = columns;
    this.timestampColumn = timestampColumn;
    this.keyColumn = keyColumn;
    this.featureColumns = featureColumns;
    this.labelColumns = labelColumns;
    this.features = features;
    this.tasks = tasks;
    this.unit = unit;
  }

  /** A row that cannot be used; the message says why. */
  static final class RejectedRowException extends Exception {
    private static final long serialVersionUID = 1L;

    RejectedRowException(String message) {
      super(message);
    }
  }

  /**
   * The row of these cells.
   *
   * @param position of the row among the data rows, from 0
   * @param refusedLabels is told of each label that cannot be one, and why
   */
  CsvRow row(long line, long position, List<String> cells, Consumer<String> refusedLabels)
      throws RejectedRowException {
    if (cells.size() != columns) {
      throw new RejectedRowException(
          "there are " + cells.size() + " cells, but the header has " + columns + " columns");
    }
    long timestamp = timestamp(position, cells);
    double[] featureValues = new double[featureColumns.length];
    for (int f = 0; f < featureValues.length; f++) {
      featureValues[f] = feature(f, cells.get(featureColumns[f]));
    }
    double[] labelValues = new double[labelColumns.length];
    for (int t = 0; t < labelValues.length; t++) {
      labelValues[t] = label(tasks.get(t), cells.get(labelColumns[t]), refusedLabels);
    }
    String key = keyColumn < 0 || cells.get(keyColumn).isEmpty() ? null : cells.get(keyColumn);
    return new CsvRow(line, key, new Row(timestamp, featureValues, labelValues));
  }

  private long timestamp(long position, List<String> cells) throws RejectedRowException {
    if (unit == TimestampUnit.ROW || timestampColumn < 0) {
      return position;
    }
    String cell = cells.get(timestampColumn).strip();
    long millis = unit.millis(cell);
    if (millis == EventTime.INVALID) {
      throw new RejectedRowException(
          "ts is '"
              + cell
              + "', which is neither RFC 3339 text nor, taken in "
              + unit
              + ", a time from 1970 to 9999");
    }
    return millis;
  }

  private double feature(int feature, String cell) throws RejectedRowException {
    String text = cell.strip();
    if (text.isEmpty()) {
      return Double.NaN;
    }
    double value = number(text);
    if (Double.isNaN(value)) {
      throw new RejectedRowException(
          "feature '"
              + features.get(feature)
              + "' is '"
              + text
              + "', which is not a finite number; leave the cell empty if the value is missing");
    }
    return value;
  }

  private static double label(TaskSpec task, String cell, Consumer<String> refusedLabels) {
    String text = cell.strip();
    if (text.isEmpty()) {
      return Double.NaN;
    }
    double value = number(text);
    String problem = task.refusal(value);
    if (problem != null) {
      refusedLabels.accept("label '" + task.name() + "' is '" + text + "', but " + problem);
      return Double.NaN;
    }
    return value;
  }

  /** A decimal number; NaN for anything else, and for what is too large to be finite. */
  private static double number(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
        return Double.NaN;
      }
    }
    try {
      double value = Double.parseDouble(text);
      return Double.isFinite(value) ? value : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
