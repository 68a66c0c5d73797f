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
}
