package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ValueType;
import dev.samgs.learn.Row;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * What of an event reaches its model.
 *
 * @param partition input partition that it came from
 * @param offset its place there
 */
public record TrainingRow(String model, int partition, long offset, Row row) {
  /** Type information for streams of rows. */
  public static final TypeInformation<TrainingRow> TYPE =
      new ValueType<>(TrainingRow.class, new TrainingRowSerializer());

  /** The word, in the place of a row, that a model is retired. */
  static TrainingRow retirement(String model) {
    return new TrainingRow(model, -1, -1, new Row(Long.MIN_VALUE, new double[0], new double[0]));
  }

  /** Whether this is the word that the model is retired; rows have at least one feature. */
  boolean retires() {
    return row.features().length == 0;
  }
}
