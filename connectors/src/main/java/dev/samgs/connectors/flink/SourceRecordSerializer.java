package dev.samgs.connectors.flink;

import dev.samgs.connectors.event.SourceRecord;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class SourceRecordSerializer extends ValueSerializer<SourceRecord> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(SourceRecord record, DataOutputView out) throws IOException {
    Wire.writeString(record.topic(), out);
    out.writeInt(record.partition());
    out.writeLong(record.offset());
    out.writeLong(record.timestamp());
    Wire.writeBytes(record.key(), out);
    Wire.writeBytes(record.value(), out);
  }

  @Override
  public SourceRecord deserialize(DataInputView in) throws IOException {
    return new SourceRecord(
        Wire.readString(in),
        in.readInt(),
        in.readLong(),
        in.readLong(),
        Wire.readBytes(in),
        Wire.readBytes(in));
  }

  @Override
  public TypeSerializerSnapshot<SourceRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SourceRecord> {
    public Snapshot() {
      super(SourceRecordSerializer::new);
    }
  }
}
