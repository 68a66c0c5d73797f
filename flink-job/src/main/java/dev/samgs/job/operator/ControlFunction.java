package dev.samgs.job.operator;

import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.flink.SnapshotStore;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.SnapshotFormatException;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads commands of people, and fetches from the store the version that one means, so that no
 * training thread has to wait for it.
 */
public final class ControlFunction extends ProcessFunction<SourceRecord, ResolvedCommand> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ControlFunction.class);

  private final MetricsSettings settings;
  private final SnapshotStore store;

  private transient SharedMetrics.Lease metrics;
  private transient Counter unreadable;

  /**
   * @param store null for none
   */
  public ControlFunction(MetricsSettings settings, SnapshotStore store) {
    this.settings = settings;
    this.store = store;
  }

  @Override
  public void open(OpenContext context) {
    metrics = SharedMetrics.lease(settings);
    unreadable =
        Counter.builder("samgs.commands.unreadable")
            .description("Records of the control topic that are no commands")
            .register(metrics.registry());
  }

  @Override
  public void processElement(SourceRecord record, Context context, Collector<ResolvedCommand> out) {
    ControlCommand command;
    try {
      command = ControlCommand.parse(record.key(), record.value());
    } catch (SnapshotFormatException e) {
      unreadable.increment();
      LOG.error(
          "The record at offset {} of {}-{} is no command: {}.",
          record.offset(),
          record.topic(),
          record.partition(),
          e.getMessage());
      return;
    }
    if (command.version().isEmpty()) {
      out.collect(new ResolvedCommand(command, null, ""));
    } else if (store == null) {
      out.collect(new ResolvedCommand(command, null, "snapshots.store is not set"));
    } else {
      out.collect(resolved(command));
    }
  }

  private ResolvedCommand resolved(ControlCommand command) {
    try {
      byte[] onnx = store.get(command.model(), command.version().orElseThrow());
      if (onnx == null) {
        return new ResolvedCommand(command, null, "the store does not hold it");
      }
      ModelSnapshot snapshot = OnnxDecoder.decode(onnx);
      return new ResolvedCommand(command, snapshot, "");
    } catch (IOException e) {
      LOG.error("The version that {} means cannot be read from the store.", command, e);
      return new ResolvedCommand(command, null, e.getMessage());
    }
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
  }
}
