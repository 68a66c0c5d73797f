package dev.samgs.connectors.snapshot;

import dev.samgs.connectors.kafka.KafkaConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic's committed records from the beginning, all partitions, without a consumer group.
 * Whether it has reached the end that it found is told by positions, not by records: markers of
 * transactions take offsets too, and compaction leaves gaps.
 */
final class CompactedTopic implements AutoCloseable {
  private final String topic;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Set<TopicPartition> followed = new HashSet<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  CompactedTopic(KafkaConnection connection, String topic) {
    this.topic = topic;
    this.consumer =
        new KafkaConsumer<>(
            connection.with(
                Map.of(
                    "isolation.level",
                    "read_committed",
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

  /** Interrupts a waiting call from another thread. */
  void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
