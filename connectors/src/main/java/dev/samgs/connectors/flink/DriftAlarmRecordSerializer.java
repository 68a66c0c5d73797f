package dev.samgs.connectors.flink;

import dev.samgs.connectors.report.DriftAlarmRecord;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class DriftAlarmRecordSerializer extends ValueSerializer<DriftAlarmRecord> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(DriftAlarmRecord alarm, DataOutputView out) throws IOException {
    Wire.writeBytes(alarm.toJson(), out);
  }

  @Override
  public DriftAlarmRecord deserialize(DataInputView in) throws IOException {
    return DriftAlarmRecord.fromJson(Wire.readBytes(in));
  }

  @Override
  public TypeSerializerSnapshot<DriftAlarmRecord> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<DriftAlarmRecord> {
    public Snapshot() {
      super(DriftAlarmRecordSerializer::new);
    }
  }
}
