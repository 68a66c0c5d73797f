package dev.samgs.connectors.snapshot;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The instruments of a {@link SnapshotFollower}, which lists them. Written by its thread. */
final class FollowerMetrics {
  /** Models beyond it are followed like the others, but have no series of their own. */
  static final int MAX_MODELS = 1000;

  private static final Duration LONGEST_DELAY = Duration.ofMinutes(5);

  private final MeterRegistry registry;
  private final Map<SnapshotRefusal, Counter> refused = new EnumMap<>(SnapshotRefusal.class);
  private final AtomicLong lag = new AtomicLong();
  private final Timer delay;
  private final Map<String, Standing> standings = new HashMap<>();

  /** What a model's gauges show. */
  private static final class Standing {
    Counter taken;
    List<Meter> gauges;
    volatile double version;
    volatile double watermark = Double.NaN;
    volatile double published;
  }

  FollowerMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (SnapshotRefusal reason : SnapshotRefusal.values()) {
      refused.put(
          reason,
          Counter.builder("samgs.snapshots.refused")
              .description("Snapshot records that were not taken")
              .tag("reason", reason.code())
              .register(registry));
    }
    Gauge.builder("samgs.snapshot.lag.records", lag, AtomicLong::get)
        .description("Records of the snapshot topic that are still to be read")
        .register(registry);
    delay =
        Timer.builder("samgs.snapshot.delay")
            .description("From the publication of a snapshot until it is in use here")
            .publishPercentileHistogram()
            .maximumExpectedValue(LONGEST_DELAY)
            .register(registry);
  }

  void refused(SnapshotRefusal reason) {
    refused.get(reason).increment();
  }

  long refusals(SnapshotRefusal reason) {
    return (long) refused.get(reason).count();
  }

  void lag(long records) {
    lag.set(records);
  }

  /**
   * A snapshot is in use.
   *
   * @param published when its record was written, milliseconds since 1970
   * @param live whether it was published while we followed; what was there before tells nothing of
   *     delays
   */
  void taken(SnapshotRecord snapshot, long published, boolean live) {
    if (live) {
      delay.record(Math.max(0, System.currentTimeMillis() - published), TimeUnit.MILLISECONDS);
    }
    Standing standing = standings.get(snapshot.model());
    if (standing == null) {
      if (standings.size() == MAX_MODELS) {
        return;
      }
      standing = register(snapshot.model());
    }
    standing.taken.increment();
    standing.version = snapshot.version();
    standing.published = published / 1e3;
    String watermark = snapshot.headers().get(SnapshotHeaders.WATERMARK);
    standing.watermark = watermark == null ? Double.NaN : Double.parseDouble(watermark) / 1e3;
  }

  private Standing register(String model) {
    Standing standing = new Standing();
    Tags tags = Tags.of("model", model);
    standing.taken =
        Counter.builder("samgs.snapshots.taken")
            .description("Snapshots taken into use")
            .tags(tags)
            .register(registry);
    standing.gauges =
        List.of(
            Gauge.builder("samgs.snapshot.version", standing, s -> s.version)
                .description("Version in use")
                .tags(tags)
                .register(registry),
            Gauge.builder("samgs.snapshot.watermark.timestamp.seconds", standing, s -> s.watermark)
                .description("Largest event time that the version in use has learned")
                .tags(tags)
                .register(registry),
            Gauge.builder("samgs.snapshot.published.timestamp.seconds", standing, s -> s.published)
                .description("When the version in use was published")
                .tags(tags)
                .register(registry));
    standings.put(model, standing);
    return standing;
  }

  void removed(String model) {
    Standing standing = standings.remove(model);
    if (standing != null) {
      registry.remove(standing.taken);
      standing.gauges.forEach(registry::remove);
    }
  }
}
