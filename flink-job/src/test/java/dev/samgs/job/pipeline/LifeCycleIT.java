package dev.samgs.job.pipeline;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.connectors.kafka.DeadLetterRecords;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.connectors.snapshot.SnapshotListener;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.job.PlainRun;
import dev.samgs.job.TestModels;
import dev.samgs.job.config.CheckSettings;
import dev.samgs.job.config.CheckSettings.Duplicates;
import dev.samgs.job.config.ExecutionSettings.StateBackend;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.InputSettings.Ordering;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.ModelsSettings;
import dev.samgs.learn.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A job that limits its models, refuses duplicates and puts the events of two partitions in order,
 * on a real broker and a real cluster.
 */
class LifeCycleIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();
  @RegisterExtension static final ClusterExtension CLUSTER = new ClusterExtension();

  private static final int ROWS = 120;

  private static JobConfiguration job(String name) {
    JobConfiguration plain = TestJob.of(name, BROKER, CLUSTER, StateBackend.HASHMAP, false);
    InputSettings input = plain.input();
    return plain
        .with(
            new InputSettings(
                input.topic(),
                input.format(),
                input.group(),
                input.defaultModel(),
                input.startingOffsets(),
                input.bounded(),
                Ordering.EVENT_TIME,
                Duration.ofSeconds(2),
                Duration.ofHours(1),
                new CheckSettings(
                    Duration.ofDays(1), Duration.ZERO, Duplicates.REFUSE, 1000, 1, 10)))
        .with(new ModelsSettings(List.of("line-*"), 1, Duration.ZERO));
  }

  private final KafkaProducer<byte[], byte[]> producer =
      new KafkaProducer<>(
          BROKER.connection().with(Map.of("acks", "all")),
          new ByteArraySerializer(),
          new ByteArraySerializer());

  private final List<Future<RecordMetadata>> sent = new ArrayList<>();

  private void awaitSent() throws Exception {
    for (Future<RecordMetadata> confirmation : sent) {
      confirmation.get();
    }
  }

  private void send(JobConfiguration job, int partition, String model, String id, Row row) {
    byte[] value =
        EventFormat.JSON
            .encoder(
                SPEC.features(),
                SPEC.tasks().stream().map(task -> task.name()).toList(),
                FeatureForm.BY_NAME)
            .encode(new LabelledEvent(model, null, id, row));
    sent.add(producer.send(new ProducerRecord<>(job.input().topic(), partition, null, value)));
  }

  @Test
  void modelsAreCountedOrderedAndRetired() throws Exception {
    JobConfiguration job = job("life");
    JobID first = CLUSTER.start(job, null);
    List<Row> rows = TestModels.rows(9, ROWS);
    // Of neighbours the later comes first or in another partition, and every second one twice.
    int partitions = producer.partitionsFor(job.input().topic()).size();
    assertThat(partitions).isGreaterThan(1);
    for (int i = 0; i < ROWS / 2; i++) {
      send(job, i % partitions, "line-1", "e" + (2 * i + 1), rows.get(2 * i + 1));
      send(job, (2 * i + 1) % partitions, "line-1", "e" + 2 * i, rows.get(2 * i));
      send(job, i % partitions, "line-1", "e" + 2 * i, rows.get(2 * i));
    }
    send(job, 0, "line-2", "x", rows.get(ROWS - 1));
    send(job, 1, "lime-1", "y", rows.get(ROWS - 1));
    awaitSent();
    try (Published topic = new Published(BROKER.connection(), job.output().snapshots())) {
      topic.until(records -> records.size() >= 2);
    }
    String savepoint = CLUSTER.stop(first);
    JobID second = CLUSTER.start(job, savepoint);

    CountDownLatch removed = new CountDownLatch(1);
    try (SnapshotFollower follower =
        SnapshotFollower.start(
            BROKER.connection(),
            job.output().snapshots(),
            new SnapshotListener() {
              @Override
              public void snapshot(SnapshotRecord snapshot) {}

              @Override
              public void removed(String model) {
                removed.countDown();
              }
            })) {
      assertThat(follower.awaitCaughtUp(Duration.ofMinutes(1))).isTrue();
      assertThat(follower.versions()).containsOnlyKeys("line-1");
      producer
          .send(
              new ControlCommand(
                      "line-1", ControlCommand.Action.RETIRE, OptionalLong.empty(), "", "")
                  .toProducerRecord(job.snapshots().control()))
          .get();
      assertThat(removed.await(1, TimeUnit.MINUTES)).isTrue();
      assertThat(follower.versions()).isEmpty();
    }
    // There is room for another now.
    TestModels.rows(4, 20).forEach(row -> send(job, 0, "line-2", null, later(row)));
    awaitSent();
    CLUSTER.awaitRunning(second);
    Scrape.awaitEvents(20);
    CLUSTER.drain(second);
    producer.close();

    List<ConsumerRecord<byte[], byte[]>> snapshots;
    try (Published topic = new Published(BROKER.connection(), job.output().snapshots())) {
      snapshots = List.copyOf(topic.all());
    }
    assertThat(snapshots).filteredOn(record -> record.value() == null).hasSize(1);
    assertThat(snapshots).extracting(Published::key).contains("line-2").doesNotContain("lime-1");
    assertSameAsInOrder(rows, snapshots);
    assertThat(refused(job))
        .containsEntry("bad-model", 1)
        .containsEntry("too-many-models", 1)
        .containsEntry("duplicate-event", ROWS / 2)
        .hasSize(3);
  }

  private static Row later(Row row) {
    return new Row(row.timestamp() + 1000L * ROWS, row.features(), row.labels());
  }

  /** What was published of the first model equals what the core comes to on the rows in order. */
  private static void assertSameAsInOrder(
      List<Row> rows, List<ConsumerRecord<byte[], byte[]>> snapshots) {
    List<String> expected =
        Lines.hashes("line-1", new PlainRun(SPEC, Lines.SNAPSHOT_EVERY).take(rows));
    assertThat(
            snapshots.stream()
                .filter(record -> Published.key(record).equals("line-1") && record.value() != null)
                .map(record -> Published.hash(record.value())))
        .containsExactlyElementsOf(expected);
  }

  private static Map<String, Integer> refused(JobConfiguration job) {
    Map<String, Integer> reasons = new TreeMap<>();
    try (Published topic = new Published(BROKER.connection(), job.output().deadLetters())) {
      topic
          .all()
          .forEach(
              letter ->
                  reasons.merge(
                      Published.header(letter, DeadLetterRecords.REASON), 1, Integer::sum));
    }
    return reasons;
  }
}
