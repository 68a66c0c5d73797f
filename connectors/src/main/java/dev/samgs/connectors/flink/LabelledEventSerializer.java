package dev.samgs.connectors.flink;

import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.learn.Row;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class LabelledEventSerializer extends ValueSerializer<LabelledEvent> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(LabelledEvent event, DataOutputView out) throws IOException {
    Wire.writeString(event.model(), out);
    Wire.writeString(event.key(), out);
    Wire.writeString(event.eventId(), out);
    out.writeLong(event.row().timestamp());
    Wire.writeDoubles(event.row().features(), out);
    Wire.writeDoubles(event.row().labels(), out);
  }

  @Override
  public LabelledEvent deserialize(DataInputView in) throws IOException {
    return new LabelledEvent(
        Wire.readString(in),
        Wire.readString(in),
        Wire.readString(in),
        new Row(in.readLong(), Wire.readDoubles(in), Wire.readDoubles(in)));
  }

  @Override
  public TypeSerializerSnapshot<LabelledEvent> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<LabelledEvent> {
    public Snapshot() {
      super(LabelledEventSerializer::new);
    }
  }
}
