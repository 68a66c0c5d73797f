package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ValueSerializer;
import dev.samgs.job.state.RowSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class TrainingRowSerializer extends ValueSerializer<TrainingRow> {
  private static final long serialVersionUID = 1L;

  private final RowSerializer rows = new RowSerializer();

  @Override
  public void serialize(TrainingRow row, DataOutputView out) throws IOException {
    out.writeUTF(row.model());
    out.writeInt(row.partition());
    out.writeLong(row.offset());
    rows.serialize(row.row(), out);
  }

  @Override
  public TrainingRow deserialize(DataInputView in) throws IOException {
    return new TrainingRow(in.readUTF(), in.readInt(), in.readLong(), rows.deserialize(in));
  }

  @Override
  public TypeSerializerSnapshot<TrainingRow> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<TrainingRow> {
    public Snapshot() {
      super(TrainingRowSerializer::new);
    }
  }
}
