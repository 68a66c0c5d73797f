package dev.samgs.connectors.snapshot;

import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.kafka.KafkaConnection;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The newest committed version of each model, found by reading the snapshot topic once. */
public final class NewestVersions {
  private static final Logger LOG = LoggerFactory.getLogger(NewestVersions.class);

  private NewestVersions() {}

  /**
   * Reads the topic up to where it ends now.
   *
   * @return version by model; empty if the topic does not exist or is empty
   * @throws KafkaAccessException if Kafka cannot be reached or stops answering
   */
  public static Map<String, Long> read(KafkaConnection connection, String topic) {
    Map<String, Long> newest = new HashMap<>();
    CompactedTopic.read(connection, topic, record -> add(newest, record));
    return newest;
  }

  /**
   * As {@link #read}, of all that was written: records of transactions that are open or were
   * aborted count too, as long as the topic holds them.
   */
  public static Map<String, Long> written(KafkaConnection connection, String topic) {
    Map<String, Long> newest = new HashMap<>();
    CompactedTopic.readAll(connection, topic, record -> add(newest, record));
    return newest;
  }

  private static void add(Map<String, Long> newest, ConsumerRecord<byte[], byte[]> record) {
    Header version = record.headers().lastHeader(SnapshotHeaders.VERSION);
    if (record.key() == null || version == null || version.value() == null) {
      ignore(record);
      return;
    }
    try {
      newest.merge(
          new String(record.key(), StandardCharsets.UTF_8),
          Long.valueOf(new String(version.value(), StandardCharsets.US_ASCII)),
          Math::max);
    } catch (NumberFormatException e) {
      ignore(record);
    }
  }

  private static void ignore(ConsumerRecord<byte[], byte[]> record) {
    LOG.warn(
        "the record at offset {} of {}-{} is not a snapshot: it has no key or no readable header {}",
        record.offset(),
        record.topic(),
        record.partition(),
        SnapshotHeaders.VERSION);
  }
}
