package dev.samgs.deploy.console;

import dev.samgs.connectors.kafka.KafkaConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the committed records of the console's topics into the board, all partitions, without a
 * consumer group, on a thread of its own. A broker that is gone, or topics that do not exist yet,
 * are waited for: what is wrong stands on the board.
 */
final class TopicFeed implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final long CHECK_NANOS = Duration.ofSeconds(1).toNanos();

  private final KafkaConnection connection;
  private final ConsoleTopics topics;
  private final Duration history;
  private final Board board;
  private final Thread thread;

  /** Where each partition goes on, also for a consumer that follows one that failed. */
  private final Map<TopicPartition, Long> positions = new HashMap<>();

  private volatile boolean closing;
  private volatile KafkaConsumer<byte[], byte[]> consumer;

  /**
   * Begins to read.
   *
   * @param history how far back scores, alarms, dead letters and commands are read
   */
  TopicFeed(KafkaConnection connection, ConsoleTopics topics, Duration history, Board board) {
    this.connection = connection;
    this.topics = topics;
    this.history = history;
    this.board = board;
    this.thread = new Thread(this::run, "console-feed");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (!closing) {
      try (KafkaConsumer<byte[], byte[]> reading = consumer()) {
        consumer = reading;
        reading.assign(positions.keySet());
        positions.forEach(reading::seek);
        read(reading);
      } catch (WakeupException | InterruptException e) {
        // Closing is the only one that wakes it.
        return;
      } catch (RuntimeException e) {
        board.disconnected(sentence(e));
        pause();
      }
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
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
                "reconnect.backoff.max.ms",
                1_000,
                "metadata.max.age.ms",
                5_000,
                "request.timeout.ms",
                10_000,
                "default.api.timeout.ms",
                10_000)),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private void read(KafkaConsumer<byte[], byte[]> reading) {
    long next = System.nanoTime();
    while (!closing) {
      boolean any = false;
      if (reading.assignment().isEmpty()) {
        pause();
      } else {
        for (ConsumerRecord<byte[], byte[]> record : reading.poll(POLL)) {
          board.take(record);
          any = true;
        }
        reading.assignment().forEach(p -> positions.put(p, reading.position(p, PATIENCE)));
      }
      if (any) {
        board.changed();
      }
      if (System.nanoTime() - next >= 0) {
        check(reading);
        next = System.nanoTime() + CHECK_NANOS;
      }
    }
  }

  /** Asks the broker how far the topics go: that tells whether it is there, and what is left. */
  private void check(KafkaConsumer<byte[], byte[]> reading) {
    try {
      List<String> missing = takeUp(reading);
      long unread = 0;
      Map<TopicPartition, Long> ends = reading.endOffsets(reading.assignment(), PATIENCE);
      for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
        unread += Math.max(0, end.getValue() - positions.get(end.getKey()));
      }
      if (missing.size() == topics.all().size()) {
        board.disconnected(
            "the topics "
                + String.join(", ", missing)
                + " do not exist yet; the job creates them when it starts");
      } else {
        board.connected(unread, unlearned(reading));
      }
    } catch (TimeoutException e) {
      board.disconnected(connection.bootstrapServers() + " does not answer; trying again");
    }
  }

  /** Takes up partitions that are new; the topics that do not exist. */
  private List<String> takeUp(KafkaConsumer<byte[], byte[]> reading) {
    Set<TopicPartition> added = new HashSet<>();
    Set<String> missing = new HashSet<>(topics.all());
    for (String topic : topics.all()) {
      for (PartitionInfo info : partitions(reading, topic)) {
        added.add(new TopicPartition(topic, info.partition()));
        missing.remove(topic);
      }
    }
    added.removeAll(reading.assignment());
    if (!added.isEmpty()) {
      Map<TopicPartition, Long> starts = starts(reading, added);
      Set<TopicPartition> all = new HashSet<>(reading.assignment());
      all.addAll(added);
      reading.assign(all);
      starts.forEach(reading::seek);
      positions.putAll(starts);
    }
    return topics.all().stream().filter(missing::contains).toList();
  }

  private static List<PartitionInfo> partitions(
      KafkaConsumer<byte[], byte[]> reading, String topic) {
    try {
      List<PartitionInfo> partitions = reading.partitionsFor(topic, PATIENCE);
      return partitions == null ? List.of() : partitions;
    } catch (UnknownTopicOrPartitionException e) {
      return List.of();
    }
  }

  /** Models are read from the beginning, for their newest may be old; the rest from a time on. */
  private Map<TopicPartition, Long> starts(
      KafkaConsumer<byte[], byte[]> reading, Set<TopicPartition> partitions) {
    long from = Instant.now().minus(history).toEpochMilli();
    Map<TopicPartition, Long> times = new HashMap<>();
    for (TopicPartition partition : partitions) {
      if (!partition.topic().equals(topics.snapshots())) {
        times.put(partition, from);
      }
    }
    Map<TopicPartition, OffsetAndTimestamp> since = reading.offsetsForTimes(times, PATIENCE);
    Map<TopicPartition, Long> starts = new HashMap<>(reading.endOffsets(partitions, PATIENCE));
    reading
        .beginningOffsets(partitions, PATIENCE)
        .forEach(
            (partition, beginning) -> {
              if (!times.containsKey(partition)) {
                starts.put(partition, beginning);
              }
            });
    since.forEach(
        (partition, offset) -> {
          if (offset != null) {
            starts.put(partition, offset.offset());
          }
        });
    return starts;
  }

  /** Events that are in no published model; −1 if that cannot be found out. */
  private long unlearned(KafkaConsumer<byte[], byte[]> reading) {
    Map<TopicPartition, Long> learned = board.learned();
    if (learned.isEmpty()) {
      return -1;
    }
    try {
      long events = 0;
      for (Map.Entry<TopicPartition, Long> end :
          reading.endOffsets(learned.keySet(), PATIENCE).entrySet()) {
        events += Math.max(0, end.getValue() - learned.get(end.getKey()));
      }
      return events;
    } catch (AuthorizationException | UnknownTopicOrPartitionException e) {
      // The console need not be allowed to look at the events.
      return -1;
    }
  }

  private String sentence(RuntimeException e) {
    return "reading from "
        + connection.bootstrapServers()
        + " has failed ("
        + (e instanceof KafkaException && e.getMessage() != null ? e.getMessage() : e.toString())
        + "); trying again";
  }

  private void pause() {
    try {
      board.pause(PAUSE);
    } catch (InterruptedException e) {
      closing = true;
    }
  }

  @Override
  public void close() throws InterruptedException {
    closing = true;
    board.close();
    KafkaConsumer<byte[], byte[]> reading = consumer;
    if (reading != null) {
      reading.wakeup();
    }
    thread.join();
  }
}
