package dev.samgs.job.state;

import dev.samgs.connectors.flink.ValueSerializer;
import dev.samgs.learn.Row;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializer of rows, pending and for replay: timestamp, features, labels, each array with its
 * length in front, as raw bits. A row is never changed, so copies are the row itself.
 */
public final class RowSerializer extends ValueSerializer<Row> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(Row row, DataOutputView out) throws IOException {
    out.writeLong(row.timestamp());
    write(row.features(), out);
    write(row.labels(), out);
  }

  @Override
  public Row deserialize(DataInputView in) throws IOException {
    return new Row(in.readLong(), read(in), read(in));
  }

  private static void write(double[] values, DataOutputView out) throws IOException {
    out.writeInt(values.length);
    for (double value : values) {
      out.writeLong(Double.doubleToRawLongBits(value));
    }
  }

  private static double[] read(DataInputView in) throws IOException {
    double[] values = new double[in.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Double.longBitsToDouble(in.readLong());
    }
    return values;
  }

  @Override
  public TypeSerializerSnapshot<Row> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about the rows in it. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Row> {
    public Snapshot() {
      super(RowSerializer::new);
    }
  }
}
