package dev.samgs.job.state;

import dev.samgs.connectors.flink.ValueSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializer of {@link PartitionProgress}: its components in their order, 24 bytes. */
public final class PartitionProgressSerializer extends ValueSerializer<PartitionProgress> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(PartitionProgress progress, DataOutputView out) throws IOException {
    out.writeInt(progress.partition());
    out.writeLong(progress.latest());
    out.writeLong(progress.block());
    out.writeInt(progress.refused());
  }

  @Override
  public PartitionProgress deserialize(DataInputView in) throws IOException {
    return new PartitionProgress(in.readInt(), in.readLong(), in.readLong(), in.readInt());
  }

  @Override
  public TypeSerializerSnapshot<PartitionProgress> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<PartitionProgress> {
    public Snapshot() {
      super(PartitionProgressSerializer::new);
    }
  }
}
