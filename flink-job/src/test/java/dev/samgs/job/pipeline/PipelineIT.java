package dev.samgs.job.pipeline;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.connectors.kafka.DeadLetterRecords;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.job.PlainRun;
import dev.samgs.job.config.ExecutionSettings.StateBackend;
import dev.samgs.job.config.JobConfiguration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole job on a real broker and a real cluster: two subtasks, three models, missing labels,
 * poison. What it publishes is compared, byte for byte, with what the core comes to on its own.
 */
class PipelineIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();
  @RegisterExtension static final ClusterExtension CLUSTER = new ClusterExtension();

  private static final int HALF = Lines.EVENTS / 2;
  private static final List<byte[]> POISON =
      List.of(
          Lines.utf8("{\"features\":"),
          new byte[] {(byte) 0xff, 0, 1},
          Lines.utf8("{\"ts\":1,\"features\":[1,2],\"labels\":{}}"));

  private final Lines lines = new Lines();

  /** A job whose topics and name belong to one test. */
  private static JobConfiguration job(String name, StateBackend backend, boolean bounded) {
    return TestJob.of(name, BROKER, CLUSTER, backend, bounded);
  }

  @Test
  void theModelsOfTheseTestsAreSpreadOverBothSubtasks() {
    assertThat(Lines.MODELS)
        .extracting(
            model ->
                KeyGroupRangeAssignment.assignKeyToParallelOperator(
                    model, TestJob.MAX_PARALLELISM, TestJob.PARALLELISM))
        .contains(0, 1);
  }

  @ParameterizedTest
  @EnumSource(StateBackend.class)
  void aJobStoppedWithASavepointGoesOnBitForBit(StateBackend backend) throws Exception {
    JobConfiguration job = job("stopped-" + backend.ordinal(), backend, false);
    String topic = job.input().topic();
    JobID first = CLUSTER.start(job, null);
    lines.send(BROKER.connection(), topic, 0, HALF, POISON);
    Scrape.awaitEvents(Lines.MODELS.size() * HALF);
    CLUSTER.awaitRunning(first);
    assertThat(Scrape.now())
        .contains("samgs_dead_letters_total{reason=\"malformed\"} 2.0\n")
        .contains("samgs_dead_letters_total{reason=\"wrong-length\"} 1.0\n")
        .contains("samgs_scattered_models_total 0.0\n")
        .contains("samgs_metrics_bind_failures_total 0.0\n");
    String savepoint = CLUSTER.stop(first);

    Map<String, SavedModels.SavedModel> saved = SavedModels.in(savepoint, SPEC);
    assertThat(saved).containsOnlyKeys(Lines.MODELS);
    saved.forEach(
        (model, state) ->
            assertThat(state.learner()).isEqualTo(Lines.plain(model, 0, HALF).bytes()));

    JobID second = CLUSTER.start(job, savepoint);
    lines.send(BROKER.connection(), topic, HALF, Lines.EVENTS, List.of());
    Scrape.awaitEvents(Lines.MODELS.size() * (Lines.EVENTS - HALF));
    CLUSTER.drain(second);

    assertThat(Published.snapshots(BROKER.connection(), job)).isEqualTo(Lines.snapshots());
    assertDeadLettersAre(POISON, job);
    assertReportsAreComplete(job);
  }

  private static void assertDeadLettersAre(List<byte[]> poison, JobConfiguration job) {
    try (Published topic = new Published(BROKER.connection(), job.output().deadLetters())) {
      List<ConsumerRecord<byte[], byte[]>> letters = topic.all();
      assertThat(letters).extracting(ConsumerRecord::value).containsExactlyElementsOf(poison);
      assertThat(letters)
          .extracting(letter -> Published.header(letter, DeadLetterRecords.TOPIC))
          .containsOnly(job.input().topic());
    }
  }

  private static void assertReportsAreComplete(JobConfiguration job) throws IOException {
    Map<String, TaskMetrics> last = new TreeMap<>();
    try (Published topic = new Published(BROKER.connection(), job.output().metrics())) {
      for (ConsumerRecord<byte[], byte[]> record : topic.all()) {
        TaskMetrics metrics = TaskMetrics.fromJson(record.value());
        last.put(metrics.model() + " " + metrics.task(), metrics);
      }
    }
    List<DriftAlarmRecord> alarms = new ArrayList<>();
    try (Published topic = new Published(BROKER.connection(), job.output().alarms())) {
      for (ConsumerRecord<byte[], byte[]> record : topic.all()) {
        alarms.add(DriftAlarmRecord.fromJson(record.value()));
      }
    }
    assertThat(last).hasSize(Lines.MODELS.size() * SPEC.tasks().size());
    for (String model : Lines.MODELS) {
      PlainRun run = Lines.plain(model, 0, Lines.EVENTS).finish();
      for (int t = 0; t < SPEC.tasks().size(); t++) {
        assertThat(last.get(model + " " + SPEC.tasks().get(t).name()))
            .returns(run.state().updates(), TaskMetrics::update)
            .returns(run.state().score(t).labels(), TaskMetrics::labels)
            .returns(run.state().score(t).fadingLoss(), TaskMetrics::loss);
      }
      assertThat(alarms).filteredOn(a -> a.model().equals(model)).hasSize(run.alarms());
    }
  }

  @Test
  void anUndisturbedJobPublishesTheSame() throws Exception {
    JobConfiguration job = job("undisturbed", StateBackend.HASHMAP, true);
    CLUSTER.finished(CLUSTER.start(job, null));
    lines.send(BROKER.connection(), job.input().topic(), 0, Lines.EVENTS, POISON);

    // The first start found the topic empty, and only created it.
    CLUSTER.finished(CLUSTER.start(job, null));

    assertThat(Published.snapshots(BROKER.connection(), job)).isEqualTo(Lines.snapshots());
  }

  @Test
  void aLostTaskManagerCostsNothing() throws Exception {
    JobConfiguration job = job("failover", StateBackend.HASHMAP, false);
    JobID running = CLUSTER.start(job, null);
    lines.send(BROKER.connection(), job.input().topic(), 0, HALF, List.of());
    try (Published topic = new Published(BROKER.connection(), job.output().snapshots())) {
      topic.until(records -> records.size() >= Lines.MODELS.size());
    }
    CLUSTER.replaceTaskManager(running);
    lines.send(BROKER.connection(), job.input().topic(), HALF, Lines.EVENTS, List.of());
    try (Published topic = new Published(BROKER.connection(), job.output().snapshots())) {
      int beforeTheEnd =
          Lines.snapshots().values().stream().mapToInt(hashes -> hashes.size() - 1).sum();
      topic.until(records -> records.size() >= beforeTheEnd);
    }
    CLUSTER.drain(running);

    assertThat(Published.snapshots(BROKER.connection(), job)).isEqualTo(Lines.snapshots());
  }

  @Test
  void anOldSavepointIsRefusedUnlessANewIncarnationIsAskedFor() throws Exception {
    JobConfiguration job = job("rewound", StateBackend.HASHMAP, false);
    JobID first = CLUSTER.start(job, null);
    lines.send(BROKER.connection(), job.input().topic(), 0, HALF, List.of());
    Scrape.awaitEvents(Lines.MODELS.size() * HALF);
    String savepoint = CLUSTER.stop(first);
    lines.send(BROKER.connection(), job.input().topic(), HALF, Lines.EVENTS, List.of());
    JobID second = CLUSTER.start(job, savepoint);
    Scrape.awaitEvents(Lines.MODELS.size() * (Lines.EVENTS - HALF));
    CLUSTER.drain(second);
    Map<String, List<String>> before = Published.snapshots(BROKER.connection(), job);

    JobID refused = CLUSTER.start(job, savepoint);
    assertThatThrownBy(() -> CLUSTER.finished(refused))
        .rootCause()
        .hasMessageContaining("is already published; restore the newest savepoint or checkpoint");
    assertThat(Published.snapshots(BROKER.connection(), job)).isEqualTo(before);

    JobID third = CLUSTER.start(job.withNewIncarnation(), savepoint);
    Scrape.awaitEvents(Lines.MODELS.size() * (Lines.EVENTS - HALF));
    CLUSTER.drain(third);
    try (Published topic = new Published(BROKER.connection(), job.output().snapshots())) {
      for (String model : Lines.MODELS) {
        List<Long> versions =
            topic.all().stream()
                .filter(record -> Published.key(record).equals(model))
                .map(record -> Long.valueOf(Published.header(record, SnapshotHeaders.VERSION)))
                .toList();
        assertThat(versions).isSorted().doesNotHaveDuplicates();
        assertThat(versions.get(versions.size() - 1)).isGreaterThan(1L << 32);
      }
    }
  }
}
