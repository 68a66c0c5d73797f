package dev.samgs.connectors.flink;

import dev.samgs.connectors.snapshot.SnapshotRecord;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class SnapshotRecordSerializer extends ValueSerializer<SnapshotRecord> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(SnapshotRecord snapshot, DataOutputView out) throws IOException {
    Wire.writeString(snapshot.model(), out);
    out.writeLong(snapshot.version());
    Wire.writeBytes(snapshot.value(), out);
    out.writeInt(snapshot.headers().size());
    for (Map.Entry<String, String> header : snapshot.headers().entrySet()) {
      Wire.writeString(header.getKey(), out);
      Wire.writeString(header.getValue(), out);
    }
  }

  @Override
  public SnapshotRecord deserialize(DataInputView in) throws IOException {
    String model = Wire.readString(in);
    long version = in.readLong();
    byte[] onnx = Wire.readBytes(in);
    Map<String, String> headers = new TreeMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      headers.put(Wire.readString(in), Wire.readString(in));
    }
    return new SnapshotRecord(model, version, onnx, headers);
  }

  @Override
  public TypeSerializerSnapshot<SnapshotRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<SnapshotRecord> {
    public Snapshot() {
      super(SnapshotRecordSerializer::new);
    }
  }
}
