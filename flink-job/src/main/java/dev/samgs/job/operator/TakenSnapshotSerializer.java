package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ValueSerializer;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.spec.ModelSpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
    ModelSnapshot snapshot = taken.snapshot();
    out.writeString(taken.model());
    out.writeLong(snapshot.version());
    out.writeLong(snapshot.update());
    out.writeLong(snapshot.rows());
    out.writeLong(snapshot.latestTimestamp());
    out.writeFloats(snapshot.parameters());
    out.writeDoubles(snapshot.featureMeans());
    out.writeDoubles(snapshot.featureDeviations());
    out.writeDoubles(snapshot.targetMeans());
    out.writeDoubles(snapshot.targetDeviations());
    for (ModelSnapshot.Score score : snapshot.scores()) {
      out.writeLong(score.labels());
      out.writeDouble(score.loss());
      out.writeDouble(score.baselineLoss());
    }
  }

  @Override
  public TakenSnapshot deserialize(DataInputView source) throws IOException {
    StateReader in = new StateReader(source);
    String model = in.readString();
    return new TakenSnapshot(
        model,
        new ModelSnapshot(
            spec,
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readFloats(),
            in.readDoubles(),
            in.readDoubles(),
            in.readDoubles(),
            in.readDoubles(),
            readScores(in)));
  }

  private List<ModelSnapshot.Score> readScores(StateReader in) throws IOException {
    List<ModelSnapshot.Score> scores = new ArrayList<>();
    for (int t = 0; t < spec.tasks().size(); t++) {
      scores.add(
          new ModelSnapshot.Score(
              spec.tasks().get(t).name(), in.readLong(), in.readDouble(), in.readDouble()));
    }
    return List.copyOf(scores);
  }

  @Override
  public TypeSerializerSnapshot<TakenSnapshot> snapshotConfiguration() {
    throw new UnsupportedOperationException("snapshots on their way are never part of state");
  }
}
