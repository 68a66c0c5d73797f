package dev.samgs.job.state;

import dev.samgs.connectors.flink.ValueSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializer of {@link Pending}: its components in their order, 21 bytes. */
public final class PendingSerializer extends ValueSerializer<Pending> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(Pending pending, DataOutputView out) throws IOException {
    out.writeInt(pending.rows());
    out.writeInt(pending.labelled());
    out.writeLong(pending.latestTimestamp());
    out.writeInt(pending.partition());
    out.writeBoolean(pending.scattered());
  }

  @Override
  public Pending deserialize(DataInputView in) throws IOException {
    return new Pending(in.readInt(), in.readInt(), in.readLong(), in.readInt(), in.readBoolean());
  }

  @Override
  public TypeSerializerSnapshot<Pending> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Pending> {
    public Snapshot() {
      super(PendingSerializer::new);
    }
  }
}
