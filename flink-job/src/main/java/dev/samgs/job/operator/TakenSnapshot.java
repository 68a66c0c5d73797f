package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ValueType;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.spec.ModelSpec;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A snapshot of a model, or the word that there are to be none, on its way to be encoded, published
 * or withheld as its lineage says.
 *
 * @param reason why, where there is more to say than that it passed; empty otherwise
 * @param removed where there is no snapshot because the model is retired: its last version
 */
public record TakenSnapshot(String model, ModelSnapshot snapshot, String reason, long removed) {
  /** A snapshot. */
  public TakenSnapshot(String model, ModelSnapshot snapshot, String reason) {
    this(model, snapshot, reason, 0);
  }

  /** The word that the model is retired, and its snapshots are withdrawn. */
  static TakenSnapshot removal(String model, long version) {
    return new TakenSnapshot(model, null, "", version);
  }

  /** Type information for streams of snapshots of models of that specification. */
  public static TypeInformation<TakenSnapshot> type(ModelSpec spec) {
    return new ValueType<>(TakenSnapshot.class, new TakenSnapshotSerializer(spec));
  }
}
