package dev.samgs.deploy.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.JsonEventEncoder;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.NewestVersions;
import dev.samgs.deploy.simulator.FactoryLine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job on a cluster of its own, whose parts are killed. It runs on a Docker engine where the
 * images are named (see {@link Images}), and on the embedded broker and plain processes elsewhere.
 *
 * <p>All tests share a cluster, and each goes on where the one before it left off.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String MODEL = "line-7";

  /** Events of a test. */
  private static final int EVENTS = 320;

  /** Rows of a mini-batch, of which the last may be left open. */
  private static final int MINI_BATCH = 32;

  @TempDir private static Path directory;

  private static final FactoryLine LINE = new FactoryLine(MODEL, 7, FactoryLine.Drift.NONE);
  private static Cluster cluster;
  private static KafkaConnection connection;
  private static long sent;
  private static int tests;

  @BeforeAll
  static void start() throws Exception {
    String configuration =
        Files.readString(Path.of("docker/samgs.yaml"))
            .replaceFirst("kafka:19092", "localhost:9092")
            .replaceFirst("interval: 5s", "interval: 1s")
            .replaceFirst("every: 16", "every: 1\n  port: 9404\n\nsnapshots:\n  every: 4");
    cluster = Cluster.start(directory, configuration);
    connection = KafkaConnection.to(cluster.bootstrapServers());
    try (Admin admin = Admin.create(connection.with(Map.of()))) {
      awaitTrue(() -> admin.listTopics().names().get().contains("dead-letters"));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    System.out.println(
        Images.named()
            ? "DOCKER: " + tests + " cluster tests ran on the Docker engine"
            : "NO DOCKER ENGINE: "
                + tests
                + " cluster tests ran on the embedded broker and plain processes, 0 on a Docker"
                + " engine (SAMGS_IMAGE names no image)");
  }

  @AfterEach
  void count() {
    tests++;
  }

  @Test
  @Order(1)
  void whatIsSentIsLearnedPublishedAndMeasured() throws Exception {
    send();
    send("{\"model\": \"line-7\", \"features\": ".getBytes(StandardCharsets.UTF_8));
    awaitLearned();
    assertThat(newestVersion()).isPositive();
    awaitTrue(() -> !read("dead-letters").isEmpty());
    assertThat(cluster.scrape())
        .contains("samgs_events_total " + (double) EVENTS)
        .contains("samgs_rows_total{model=\"line-7\"}")
        .contains("samgs_dead_letters_total{");
  }

  @Test
  @Order(2)
  void aTaskManagerThatIsKilledIsReplacedAndNothingIsLostOrDoubled() throws Exception {
    long version = newestVersion();
    send();
    cluster.replaceTaskManager();
    awaitLearned();
    assertThat(newestVersion()).isGreaterThan(version);
    everyUpdateIsReportedOnceAndInOrder();
  }

  @Test
  @Order(3)
  void aJobManagerThatIsKilledIsReplacedAndNothingIsLostOrDoubled() throws Exception {
    long version = newestVersion();
    send();
    cluster.replaceJobManager();
    awaitLearned();
    assertThat(newestVersion()).isGreaterThan(version);
    everyUpdateIsReportedOnceAndInOrder();
  }

  private static void send() {
    JsonEventEncoder encoder =
        new JsonEventEncoder(FactoryLine.FEATURES, FactoryLine.TASKS, FeatureForm.BY_NAME);
    byte[][] events = new byte[EVENTS][];
    for (int i = 0; i < EVENTS; i++) {
      LabelledEvent event = LINE.next(sent);
      // A mini-batch counts rows with labels; with these alone it is never longer in rows.
      while (Arrays.stream(event.row().labels()).allMatch(Double::isNaN)) {
        event = LINE.next(sent);
      }
      events[i] = encoder.encode(event);
      sent++;
    }
    send(events);
  }

  private static void send(byte[]... values) {
    byte[] key = MODEL.getBytes(StandardCharsets.UTF_8);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            connection.with(Map.of("acks", "all")),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (byte[] value : values) {
        producer.send(new ProducerRecord<>("events", key, value));
      }
    }
  }

  private static long newestVersion() {
    return NewestVersions.read(connection, "model-snapshots").get(MODEL);
  }

  private static void awaitLearned() throws Exception {
    awaitTrue(() -> metrics().stream().anyMatch(m -> m.rows() > sent - MINI_BATCH));
  }

  private static void awaitTrue(Callable<Boolean> condition) throws Exception {
    try {
      Awaitility.await().atMost(PATIENCE).until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(cluster.logs(), e);
    }
  }

  /** Every mini-batch is reported for every task: what was lost would be missing between two. */
  private static void everyUpdateIsReportedOnceAndInOrder() throws Exception {
    for (String task : FactoryLine.TASKS) {
      long rows = 0;
      long version = 0;
      for (TaskMetrics report : metrics()) {
        if (report.task().equals(task)) {
          assertThat(report.rows()).isBetween(rows + 1, rows + MINI_BATCH);
          assertThat(report.version()).isGreaterThanOrEqualTo(version);
          rows = report.rows();
          version = report.version();
        }
      }
      assertThat(rows).isBetween(sent - MINI_BATCH + 1, sent);
    }
  }

  private static List<TaskMetrics> metrics() throws Exception {
    List<TaskMetrics> all = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : read("task-metrics")) {
      all.add(TaskMetrics.fromJson(record.value()));
    }
    return all;
  }

  /** All committed records of a topic. */
  private static List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            connection.with(Map.of("isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
      return records;
    }
  }
}
