package dev.samgs.job.operator;

import dev.samgs.connectors.flink.SnapshotStore;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.snapshot.SnapshotSignature;
import dev.samgs.snapshot.Verdict;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes snapshots as ONNX, signs them, and puts those that are too large for the topic into the
 * store, beside the training thread. A snapshot that cannot be published is withheld, logged and
 * counted; the next one follows soon.
 */
public final class EncodeFunction extends ProcessFunction<TakenSnapshot, SnapshotRecord> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(EncodeFunction.class);

  /** Upper bound of what a Kafka record batch adds to its only record. */
  private static final int BATCH_OVERHEAD = 128;

  /** Upper bound of what a Kafka record adds to a header. */
  private static final int HEADER_OVERHEAD = 10;

  /** Attempts at the store before a snapshot is given up. */
  private static final int ATTEMPTS = 3;

  private final MetricsSettings settings;
  private final long largest;
  private final SnapshotStore store;
  private final String signingKey;

  private transient SharedMetrics.Lease metrics;
  private transient PrivateKey key;
  private transient Counter published;
  private transient Counter claimed;
  private transient Counter rollbacks;
  private transient Counter nonFinite;
  private transient Counter tooLarge;
  private transient Counter unstored;
  private transient Map<Verdict, Counter> withheld;

  /**
   * @param largest largest record in bytes, key and headers included
   * @param store where larger models go; null for nowhere
   * @param signingKey PEM file of the key to sign with; null for no signatures
   */
  public EncodeFunction(
      MetricsSettings settings, long largest, SnapshotStore store, String signingKey) {
    this.settings = settings;
    this.largest = largest;
    this.store = store;
    this.signingKey = signingKey;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    key = signingKey == null ? null : SnapshotSignature.privateKey(Path.of(signingKey));
    metrics = SharedMetrics.lease(settings);
    published =
        Counter.builder("samgs.snapshots")
            .description("Snapshots encoded and sent")
            .register(metrics.registry());
    claimed =
        Counter.builder("samgs.snapshots.claimed")
            .description("Snapshots sent as a claim check, their model in the store")
            .register(metrics.registry());
    rollbacks =
        Counter.builder("samgs.snapshots.rollbacks")
            .description("Snapshots that bring an earlier version back")
            .register(metrics.registry());
    withheld = new EnumMap<>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      if (!verdict.published()) {
        withheld.put(verdict, withheld(verdict.code()));
      }
    }
    nonFinite = withheld.get(Verdict.NON_FINITE);
    tooLarge = withheld("too-large");
    unstored = withheld("not-stored");
  }

  private Counter withheld(String reason) {
    return Counter.builder("samgs.snapshots.withheld")
        .description("Snapshots that were not sent")
        .tag("reason", reason)
        .register(metrics.registry());
  }

  @Override
  public void processElement(TakenSnapshot taken, Context context, Collector<SnapshotRecord> out) {
    if (taken.snapshot() == null) {
      out.collect(SnapshotRecord.removal(taken.model(), taken.removed()));
      return;
    }
    if (!taken.snapshot().lineage().verdict().published()) {
      inspect(taken);
      return;
    }
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
    if (size(record) > largest) {
      record = claimed(record);
    }
    if (record != null) {
      if (taken.snapshot().lineage().verdict() == Verdict.ROLLBACK) {
        rollbacks.increment();
      }
      published.increment();
      out.collect(key == null ? record : record.signed(key));
    }
  }

  /** The record with its model in the store, or null if it cannot go there. */
  private SnapshotRecord claimed(SnapshotRecord record) {
    if (store == null) {
      tooLarge.increment();
      LOG.error(
          "Version {} of model '{}' is withheld: its {} bytes exceed snapshots.largest, {}; set"
              + " snapshots.store, or raise that and max.message.bytes of the topic with it.",
          record.version(),
          record.model(),
          size(record),
          largest);
      return null;
    }
    for (int attempt = 1; ; attempt++) {
      try {
        SnapshotRecord stored = record.stored(store.putClaim(record));
        claimed.increment();
        return stored;
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          unstored.increment();
          LOG.error(
              "Version {} of model '{}' is withheld: the store does not take it.",
              record.version(),
              record.model(),
              e);
          return null;
        }
      }
    }
  }

  /** Counts a candidate that the gate kept in, and keeps it for inspection. */
  private void inspect(TakenSnapshot taken) {
    Verdict verdict = taken.snapshot().lineage().verdict();
    withheld.get(verdict).increment();
    // One that is not finite has no ONNX form; one of many that a pin holds back is no riddle.
    if (store == null || verdict == Verdict.NON_FINITE || verdict == Verdict.HELD_BY_PIN) {
      return;
    }
    try {
      byte[] onnx = OnnxEncoder.encode(taken.model(), taken.snapshot());
      store.putWithheld(
          taken.model(),
          taken.snapshot().update(),
          onnx,
          SnapshotRecord.of(taken.model(), taken.snapshot(), onnx).explanation(taken.reason()));
    } catch (IOException | IllegalArgumentException e) {
      LOG.error("A withheld snapshot of model '{}' is not kept.", taken.model(), e);
    }
  }

  private static long size(SnapshotRecord record) {
    long size = BATCH_OVERHEAD + record.model().length() + (long) record.value().length;
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
