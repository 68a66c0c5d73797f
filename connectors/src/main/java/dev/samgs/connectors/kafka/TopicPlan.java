package dev.samgs.connectors.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a topic should look like.
 *
 * @param partitions number of partitions when it is created
 * @param replicationFactor −1 for the broker's default
 * @param settings topic settings by their Kafka names, in alphabetical order
 */
public record TopicPlan(
    String name, int partitions, short replicationFactor, Map<String, String> settings) {
  static final String CLEANUP_POLICY = "cleanup.policy";
  static final String MAX_MESSAGE_BYTES = "max.message.bytes";

  /** Kafka's own default for the largest record batch. */
  public static final int DEFAULT_RECORD_BYTES = 1_048_588;

  public TopicPlan {
    settings = java.util.Collections.unmodifiableMap(new TreeMap<>(settings));
  }

  /** The input topic of events, with the broker's settings. */
  public static TopicPlan events(String name, int partitions, int replicationFactor) {
    return new TopicPlan(name, partitions, (short) replicationFactor, Map.of());
  }

  /**
   * Snapshots: compacted, so that the newest version of each model stays for ever. Compaction never
   * touches the open segment, so that is closed every ten minutes; for a minute every version can
   * be read, and within the hour only the newest is left.
   *
   * @param maxRecordBytes above the largest snapshot
   */
  public static TopicPlan snapshots(
      String name, int partitions, int replicationFactor, int maxRecordBytes) {
    return new TopicPlan(
        name,
        partitions,
        (short) replicationFactor,
        Map.of(
            CLEANUP_POLICY,
            "compact",
            MAX_MESSAGE_BYTES,
            Integer.toString(maxRecordBytes),
            "segment.ms",
            millis(Duration.ofMinutes(10)),
            "min.compaction.lag.ms",
            millis(Duration.ofMinutes(1)),
            "max.compaction.lag.ms",
            millis(Duration.ofHours(1))));
  }

  /** Task metrics, drift alarms or commands: kept for a time. */
  public static TopicPlan reports(
      String name, int partitions, int replicationFactor, Duration retention) {
    return new TopicPlan(
        name,
        partitions,
        (short) replicationFactor,
        Map.of(CLEANUP_POLICY, "delete", "retention.ms", millis(retention)));
  }

  /**
   * Dead letters: kept for a time.
   *
   * @param maxRecordBytes largest record; dead letters above it are cut
   */
  public static TopicPlan deadLetters(
      String name, int partitions, int replicationFactor, Duration retention, int maxRecordBytes) {
    return new TopicPlan(
        name,
        partitions,
        (short) replicationFactor,
        Map.of(
            CLEANUP_POLICY,
            "delete",
            MAX_MESSAGE_BYTES,
            Integer.toString(maxRecordBytes),
            "retention.ms",
            millis(retention)));
  }

  private static String millis(Duration duration) {
    return Long.toString(duration.toMillis());
  }
}
