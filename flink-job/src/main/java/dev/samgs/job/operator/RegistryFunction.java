package dev.samgs.job.operator;

import dev.samgs.connectors.flink.SnapshotStore;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes committed snapshots into the registry of the store. One that cannot be taken is logged and
 * counted; the next one follows soon, and a restart begins with the oldest that the topic holds.
 */
public final class RegistryFunction extends ProcessFunction<SnapshotRecord, Void> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RegistryFunction.class);

  private final MetricsSettings settings;
  private final SnapshotStore store;

  private transient SharedMetrics.Lease metrics;
  private transient Counter registered;
  private transient Counter failed;

  public RegistryFunction(MetricsSettings settings, SnapshotStore store) {
    this.settings = settings;
    this.store = store;
  }

  @Override
  public void open(OpenContext context) {
    metrics = SharedMetrics.lease(settings);
    registered =
        Counter.builder("samgs.registry.snapshots")
            .description("Committed snapshots taken into the store's registry")
            .register(metrics.registry());
    failed =
        Counter.builder("samgs.registry.failures")
            .description("Committed snapshots that could not be taken into the store's registry")
            .register(metrics.registry());
  }

  @Override
  public void processElement(SnapshotRecord record, Context context, Collector<Void> out) {
    try {
      store.register(record);
      registered.increment();
    } catch (IOException e) {
      failed.increment();
      LOG.error(
          "Version {} of model '{}' is not in the store: {}.",
          record.version(),
          record.model(),
          e.getMessage(),
          e);
    }
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
  }
}
