package dev.samgs.job.operator;

import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.snapshot.OnnxEncoder;
import io.micrometer.core.instrument.Counter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes snapshots as ONNX, beside the training thread. A snapshot that cannot be published is
 * withheld, logged and counted; the next one follows soon.
 */
public final class EncodeFunction extends ProcessFunction<TakenSnapshot, SnapshotRecord> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(EncodeFunction.class);

  /** Upper bound of what a Kafka record batch adds to its only record. */
  private static final int BATCH_OVERHEAD = 128;

  /** Upper bound of what a Kafka record adds to a header. */
  private static final int HEADER_OVERHEAD = 10;

  private final MetricsSettings settings;
  private final long largest;

  private transient SharedMetrics.Lease metrics;
  private transient Counter published;
  private transient Counter nonFinite;
  private transient Counter tooLarge;

  /**
   * @param largest largest record in bytes, key and headers included
   */
  public EncodeFunction(MetricsSettings settings, long largest) {
    this.settings = settings;
    this.largest = largest;
  }

  @Override
  public void open(OpenContext context) {
    metrics = SharedMetrics.lease(settings);
    published =
        Counter.builder("samgs.snapshots")
            .description("Snapshots encoded and sent")
            .register(metrics.registry());
    nonFinite = withheld("non-finite");
    tooLarge = withheld("too-large");
  }

  private Counter withheld(String reason) {
    return Counter.builder("samgs.snapshots.withheld")
        .description("Snapshots that were not sent")
        .tag("reason", reason)
        .register(metrics.registry());
  }

  @Override
  public void processElement(TakenSnapshot taken, Context context, Collector<SnapshotRecord> out) {
    String model = taken.model();
    byte[] onnx;
    try {
      onnx = OnnxEncoder.encode(model, taken.snapshot());
    } catch (IllegalArgumentException e) {
      nonFinite.increment();
      LOG.error("A snapshot is withheld: {}.", e.getMessage());
      return;
    }
    SnapshotRecord record = SnapshotRecord.of(model, taken.snapshot(), onnx);
    long size = size(record);
    if (size > largest) {
      tooLarge.increment();
      LOG.error(
          "Version {} of model '{}' is withheld: its {} bytes exceed snapshots.largest, {}; raise"
              + " it, and max.message.bytes of the topic with it.",
          record.version(),
          model,
          size,
          largest);
      return;
    }
    published.increment();
    out.collect(record);
  }

  private static long size(SnapshotRecord record) {
    long size = BATCH_OVERHEAD + record.model().length() + (long) record.onnx().length;
    for (Map.Entry<String, String> header : record.headers().entrySet()) {
      size +=
          HEADER_OVERHEAD
              + header.getKey().length()
              + header.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    return size;
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
  }
}
