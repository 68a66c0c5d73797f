package dev.samgs.job.operator;

import dev.samgs.connectors.flink.SnapshotStore;
import dev.samgs.learn.LearnerState;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.WarmStart;
import dev.samgs.spec.ModelSpec;
import java.io.IOException;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Snapshots that models without saved state begin with. */
final class StartingModels {
  private static final Logger LOG = LoggerFactory.getLogger(StartingModels.class);
  private static final String FILE = ".onnx";

  private final ModelSpec spec;
  private final String from;

  /**
   * @param from an ONNX file, or a directory of models; null for none
   */
  StartingModels(ModelSpec spec, String from) {
    this.spec = spec;
    this.from = from;
  }

  /**
   * Gives a fresh model what its snapshot has learned.
   *
   * @throws SuppressRestartsException if the snapshot cannot be read or does not fit; no restart
   *     can mend that
   */
  void begin(String model, LearnerState fresh) {
    if (from == null) {
      return;
    }
    try {
      byte[] onnx =
          from.endsWith(FILE) ? SnapshotStore.read(from) : SnapshotStore.readLatest(from, model);
      if (onnx == null) {
        LOG.info("There is no snapshot of model '{}' in {}; it begins afresh.", model, from);
        return;
      }
      ModelSnapshot snapshot = OnnxDecoder.decode(onnx);
      fresh.bringBack(WarmStart.of(snapshot, spec));
      LOG.info("Model '{}' begins with version {} in {}.", model, snapshot.version(), from);
    } catch (IOException | IllegalArgumentException e) {
      throw new SuppressRestartsException(
          new IllegalStateException(
              "model '" + model + "' cannot start from " + from + ": " + e.getMessage(), e));
    }
  }
}
