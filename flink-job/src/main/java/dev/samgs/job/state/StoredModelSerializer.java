package dev.samgs.job.state;

import dev.samgs.connectors.flink.ValueSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializer of published models: their length, then their own versioned form. */
public final class StoredModelSerializer extends ValueSerializer<StoredModel> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(StoredModel model, DataOutputView out) throws IOException {
    byte[] bytes = model.bytes();
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  @Override
  public StoredModel deserialize(DataInputView in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return StoredModel.ofBytes(bytes);
  }

  @Override
  public TypeSerializerSnapshot<StoredModel> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<StoredModel> {
    public Snapshot() {
      super(StoredModelSerializer::new);
    }
  }
}
