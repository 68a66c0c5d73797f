package dev.samgs.connectors.snapshot;

import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.kafka.KafkaConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic's records from the beginning, all partitions, without a consumer group. Whether it
 * has reached the end that it found is told by positions, not by records: markers of transactions
 * take offsets too, and compaction leaves gaps.
 */
public final class CompactedTopic implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long MAX_SILENCE_NANOS = Duration.ofSeconds(60).toNanos();

  private final String topic;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Set<TopicPartition> followed = new HashSet<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  /** The committed records of a topic. */
  CompactedTopic(KafkaConnection connection, String topic) {
    this(connection, topic, "read_committed");
  }

  private CompactedTopic(KafkaConnection connection, String topic, String isolation) {
    this.topic = topic;
    this.consumer =
        new KafkaConsumer<>(
            connection.with(
                Map.of(
                    "isolation.level",
                    isolation,
                    "enable.auto.commit",
                    false,
                    "auto.offset.reset",
                    "earliest",
                    "allow.auto.create.topics",
                    false,
                    "default.api.timeout.ms",
                    15_000,
                    "request.timeout.ms",
                    10_000)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
  }

  /**
   * Reads a topic's committed records once, up to where it ends now; not at all if it does not
   * exist.
   *
   * @throws KafkaAccessException if Kafka cannot be reached or stops answering
   */
  public static void read(
      KafkaConnection connection, String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    read(new CompactedTopic(connection, topic), connection, reader);
  }

  /** As {@link #read}, with the records of transactions that are open or were aborted. */
  static void readAll(
      KafkaConnection connection, String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    read(new CompactedTopic(connection, topic, "read_uncommitted"), connection, reader);
  }

  private static void read(
      CompactedTopic records,
      KafkaConnection connection,
      Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    try (records) {
      boolean exists = records.assign();
      long lastRecord = System.nanoTime();
      while (exists && !records.caughtUp()) {
        for (ConsumerRecord<byte[], byte[]> record : records.poll(POLL)) {
          reader.accept(record);
          lastRecord = System.nanoTime();
        }
        if (System.nanoTime() - lastRecord > MAX_SILENCE_NANOS) {
          throw new TimeoutException("no record came for a minute");
        }
      }
    } catch (KafkaException e) {
      throw new KafkaAccessException(
          "topic "
              + records.topic
              + " on "
              + connection.bootstrapServers()
              + " cannot be read to its end",
          e,
          "check the bootstrap servers and the permission to read it");
    }
  }

  /**
   * Takes up the partitions that exist now and notes where each ends.
   *
   * @return whether the topic exists
   */
  boolean assign() {
    Set<TopicPartition> added = new HashSet<>();
    for (PartitionInfo info : partitions()) {
      added.add(new TopicPartition(topic, info.partition()));
    }
    added.removeAll(followed);
    if (!added.isEmpty()) {
      Set<TopicPartition> all = new HashSet<>(followed);
      all.addAll(added);
      consumer.assign(all);
      consumer.seekToBeginning(added);
      ends.putAll(consumer.endOffsets(added));
      followed.addAll(added);
    }
    return !followed.isEmpty();
  }

  private List<PartitionInfo> partitions() {
    try {
      List<PartitionInfo> partitions = consumer.partitionsFor(topic);
      return partitions == null ? List.of() : partitions;
    } catch (UnknownTopicOrPartitionException e) {
      return List.of();
    }
  }

  ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    return consumer.poll(timeout);
  }

  /** Whether everything has been read that the partitions held when they were taken up. */
  boolean caughtUp() {
    ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
    return ends.isEmpty();
  }

  /** How many records of all partitions are still to be read, as far as the broker has told. */
  long lag() {
    long lag = 0;
    for (TopicPartition partition : followed) {
      lag += consumer.currentLag(partition).orElse(0);
    }
    return lag;
  }

  /** Interrupts a waiting call from another thread. */
  void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
