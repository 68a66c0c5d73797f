package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ValueType;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.spec.ModelSpec;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A snapshot of a model on its way to be encoded, published or withheld as its lineage says.
 *
 * @param reason why, where there is more to say than that it passed; empty otherwise
 */
public record TakenSnapshot(String model, ModelSnapshot snapshot, String reason) {
  /** Type information for streams of snapshots of models of that specification. */
  public static TypeInformation<TakenSnapshot> type(ModelSpec spec) {
    return new ValueType<>(TakenSnapshot.class, new TakenSnapshotSerializer(spec));
  }
}
