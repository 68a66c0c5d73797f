package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ValueSerializer;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.spec.ModelSpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Serializer of snapshots between two operators of one job, both of which know the specification.
 * Never part of state.
 */
final class TakenSnapshotSerializer extends ValueSerializer<TakenSnapshot> {
  private static final long serialVersionUID = 1L;

  private final ModelSpec spec;

  TakenSnapshotSerializer(ModelSpec spec) {
    this.spec = spec;
  }

  @Override
  public void serialize(TakenSnapshot taken, DataOutputView target) throws IOException {
    StateWriter out = new StateWriter(target);
    out.writeString(taken.model());
    out.writeString(taken.reason());
    out.writeLong(taken.removed());
    out.writeBoolean(taken.snapshot() != null);
    if (taken.snapshot() != null) {
      taken.snapshot().write(out);
    }
  }

  @Override
  public TakenSnapshot deserialize(DataInputView source) throws IOException {
    StateReader in = new StateReader(source);
    String model = in.readString();
    String reason = in.readString();
    long removed = in.readLong();
    ModelSnapshot snapshot = in.readBoolean() ? ModelSnapshot.read(spec, in) : null;
    return new TakenSnapshot(model, snapshot, reason, removed);
  }

  @Override
  public TypeSerializerSnapshot<TakenSnapshot> snapshotConfiguration() {
    throw new UnsupportedOperationException("snapshots on their way are never part of state");
  }
}
