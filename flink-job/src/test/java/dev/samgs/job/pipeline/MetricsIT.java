package dev.samgs.job.pipeline;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.drift.PageHinkley;
import dev.samgs.job.PlainRun;
import dev.samgs.job.config.ExecutionSettings.StateBackend;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.config.PortRange;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.learn.LearnerState;
import dev.samgs.spec.ModelSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What Prometheus sees of a running job, held against the records on its topics. */
class MetricsIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();
  @RegisterExtension static final ClusterExtension CLUSTER = new ClusterExtension();

  private static final int HALF = Lines.EVENTS / 2;

  /** The models of the other tests, with a detector that is soon alarmed. */
  private static final ModelSpec MODEL =
      new ModelSpec(
          SPEC.features(),
          SPEC.tasks(),
          SPEC.network(),
          SPEC.learning(),
          SPEC.surgery(),
          new PageHinkley.Settings(0.005, 1, 16));

  private static final String PROMTOOL = "/usr/bin/promtool";

  private final Lines lines = new Lines();

  /** Every mini-batch is reported, so that the newest record is of the newest mini-batch. */
  private static JobConfiguration job(String name, String port) {
    JobConfiguration plain = TestJob.of(name, BROKER, CLUSTER, StateBackend.HASHMAP, false);
    return new JobConfiguration(
        plain.name(),
        MODEL,
        plain.kafka(),
        plain.input(),
        plain.output(),
        plain.snapshots(),
        new MetricsSettings(1, Duration.ZERO, true, "127.0.0.1", PortRange.parse(port), 1000),
        plain.checkpoints(),
        plain.execution());
  }

  @Test
  void aScrapeAgreesWithTheTopicsAndGoesOnAfterARestart() throws Exception {
    JobConfiguration job = job("scraped", "0");
    JobID first = CLUSTER.start(job, null);
    lines.send(BROKER.connection(), job.input().topic(), 0, HALF, List.of());
    Samples before = awaitRows(HALF);
    String savepoint = CLUSTER.stop(first);
    assertAgreesWithTopics(before, job, 0);

    JobID second = CLUSTER.start(job, savepoint);
    lines.send(BROKER.connection(), job.input().topic(), HALF, Lines.EVENTS, List.of());
    Samples after = awaitRows(Lines.EVENTS);
    CLUSTER.stop(second);
    assertAgreesWithTopics(after, job, 1);
    for (String model : Lines.MODELS) {
      LearnerState learned = plain(model, Lines.EVENTS);
      LearnerState half = plain(model, HALF);
      assertThat(after.value("samgs_rows_total", model, null))
          .as("counters begin anew")
          .isEqualTo(learned.rows() - half.rows());
      for (int t = 0; t < MODEL.tasks().size(); t++) {
        String task = MODEL.tasks().get(t).name();
        assertThat(after.value("samgs_labels_total", model, task))
            .isEqualTo(learned.score(t).labels() - half.score(t).labels());
        assertThat(after.value("samgs_lifetime_labels", model, task))
            .isEqualTo(learned.score(t).labels());
        assertThat(after.value("samgs_drift_error_ratio", model, task))
            .as("the detector goes on where it was")
            .isEqualTo(learned.detector(t).mean());
        assertThat(after.value("samgs_drift_statistic_ratio", model, task))
            .isEqualTo(learned.detector(t).statistic());
      }
    }
  }

  /** What the core comes to on the first events of a line. */
  private static LearnerState plain(String model, int events) {
    return new PlainRun(MODEL, Lines.SNAPSHOT_EVERY)
        .take(Lines.rows(model).subList(0, events))
        .state();
  }

  /** What a scrape shows when the last mini-batch of so many events is wholly taken in. */
  private static Samples awaitRows(int events) throws Exception {
    Map<String, LearnerState> expected = new TreeMap<>();
    for (String model : Lines.MODELS) {
      expected.put(model, plain(model, events));
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(
            () -> new Samples(Scrape.now()),
            scrape -> expected.entrySet().stream().allMatch(e -> shows(scrape, e)));
    // The one that was waited for may have been written while the mini-batch was taken in.
    return new Samples(Scrape.now());
  }

  /**
   * Rows are shown when a mini-batch was learned, the detectors' statistics when it is reported.
   */
  private static boolean shows(Samples scrape, Map.Entry<String, LearnerState> expected) {
    String model = expected.getKey();
    LearnerState state = expected.getValue();
    for (int t = 0; t < MODEL.tasks().size(); t++) {
      if (scrape.value("samgs_drift_statistic_ratio", model, MODEL.tasks().get(t).name())
          != state.detector(t).statistic()) {
        return false;
      }
    }
    return scrape.value("samgs_lifetime_rows", model, null) == state.rows();
  }

  /**
   * @param restarts of the job so far; counters are those of the last start
   */
  private static void assertAgreesWithTopics(Samples scrape, JobConfiguration job, int restarts)
      throws IOException {
    Map<String, TaskMetrics> newest = new TreeMap<>();
    try (Published topic = new Published(BROKER.connection(), job.output().metrics())) {
      for (ConsumerRecord<byte[], byte[]> record : topic.all()) {
        TaskMetrics metrics = TaskMetrics.fromJson(record.value());
        newest.put(metrics.model() + " " + metrics.task(), metrics);
      }
    }
    assertThat(newest).hasSize(Lines.MODELS.size() * MODEL.tasks().size());
    Map<String, Long> alarms = new TreeMap<>();
    try (Published topic = new Published(BROKER.connection(), job.output().alarms())) {
      for (ConsumerRecord<byte[], byte[]> record : topic.all()) {
        DriftAlarmRecord alarm = DriftAlarmRecord.fromJson(record.value());
        if (alarm.ofError()) {
          alarms.merge(alarm.model() + " " + alarm.task(), 1L, Long::sum);
        }
      }
    }
    if (restarts > 0) {
      assertThat(alarms).as("the second half of the streams drifts").isNotEmpty();
    }
    newest.forEach(
        (key, record) -> {
          String model = record.model();
          String task = record.task();
          assertThat(record.taskAlarms()).isEqualTo(alarms.getOrDefault(key, 0L));
          if (restarts == 0) {
            assertThat(scrape.value("samgs_labels_total", model, task)).isEqualTo(record.labels());
            assertThat(scrape.value("samgs_missing_labels_total", model, task))
                .isEqualTo(record.missingLabels());
            assertThat(scrape.value("samgs_drift_alarms_total", model, task))
                .isEqualTo(record.taskAlarms());
          }
          assertThat(scrape.value("samgs_lifetime_labels", model, task)).isEqualTo(record.labels());
          assertThat(scrape.value("samgs_lifetime_rows", model, null)).isEqualTo(record.rows());
          assertThat(scrape.value("samgs_lifetime_updates", model, null))
              .isEqualTo(record.update());
          assertThat(scrape.value("samgs_lifetime_drift_alarms", model, null))
              .isEqualTo(record.alarms());
          assertThat(scrape.value("samgs_latest_event_timestamp_seconds", model, null))
              .isEqualTo(record.watermark() / 1000.0);
          assertThat(scrape.value("samgs_loss", model, task)).isEqualTo(record.loss());
          assertThat(scrape.value("samgs_baseline_loss", model, task))
              .isEqualTo(record.baselineLoss());
          assertThat(scrape.value("samgs_score", model, task)).isEqualTo(record.score());
          assertThat(scrape.value("samgs_drift_error_ratio", model, task))
              .isEqualTo(record.driftError());
          assertThat(scrape.value("samgs_drift_statistic_ratio", model, task))
              .isEqualTo(record.driftStatistic());
          assertThat(scrape.value("samgs_drifting", model, task))
              .isEqualTo(record.driftState().equals(TaskMetrics.DRIFT) ? 1 : 0);
          assertThat(Double.valueOf(scrape.value("samgs_feature_stability_index", model, null)))
              .as("NaN while there is nothing to compare with")
              .isEqualTo(Double.valueOf(record.featureShift()));
          if (!Double.isNaN(record.gradientNorm())) {
            assertThat(scrape.value("samgs_gradient_norm", model, task))
                .isEqualTo(record.gradientNorm());
            assertThat(scrape.value("samgs_gradient_weight", model, task))
                .isEqualTo(record.effectiveWeight());
          }
        });
    assertThat(scrape.types)
        .containsEntry("samgs_labels_total", "counter")
        .containsEntry("samgs_drift_alarms_total", "counter")
        .containsEntry("samgs_updates_total", "counter")
        .containsEntry("samgs_loss", "gauge")
        .containsEntry("samgs_drifting", "gauge");
    assertThat(scrape.labelNames)
        .containsExactlyInAnyOrder("model", "task", "detector", "branch", "reason", "sink");
  }

  @Test
  void promtoolFindsNothingToComplainOf() throws Exception {
    assumeTrue(
        Files.isExecutable(Path.of(PROMTOOL)), "promtool is not installed (Debian: prometheus)");
    JobConfiguration job = job("checked", "0");
    JobID running = CLUSTER.start(job, null);
    lines.send(BROKER.connection(), job.input().topic(), 0, HALF, List.of());
    awaitRows(HALF);
    String scrape = Scrape.now();
    CLUSTER.stop(running);

    Process promtool =
        new ProcessBuilder(PROMTOOL, "check", "metrics").redirectErrorStream(true).start();
    try (OutputStream in = promtool.getOutputStream()) {
      in.write(scrape.getBytes(StandardCharsets.UTF_8));
    }
    String complaints =
        new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(promtool.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(complaints).isEmpty();
    assertThat(promtool.exitValue()).isZero();
  }

  /** Three times the only task manager of this process is replaced; its port has to be free. */
  @Test
  void threeFailoversLeaveThePortServedAndTheCountsRight() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    JobConfiguration job = job("failing", String.valueOf(port));
    JobID running = CLUSTER.start(job, null);
    int step = Lines.EVENTS / 4;
    for (int failover = 0; failover < 4; failover++) {
      lines.send(
          BROKER.connection(),
          job.input().topic(),
          failover * step,
          (failover + 1) * step,
          List.of());
      Samples scrape = awaitRows((failover + 1) * step);
      assertThat(scrape.value("samgs_metrics_bind_failures_total", null, null)).isZero();
      assertThat(SharedMetrics.port()).hasValue(port);
      if (failover < 3) {
        CLUSTER.replaceTaskManager(running);
        CLUSTER.awaitRunning(running);
      }
    }
    CLUSTER.stop(running);
    assertThat(SharedMetrics.port()).isEmpty();
    try (ServerSocket again = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThat(again.isBound()).isTrue();
    }
    for (String model : Lines.MODELS) {
      LearnerState undisturbed = plain(model, Lines.EVENTS);
      try (Published topic = new Published(BROKER.connection(), job.output().metrics())) {
        long labels = 0;
        for (ConsumerRecord<byte[], byte[]> record : topic.all()) {
          TaskMetrics metrics = TaskMetrics.fromJson(record.value());
          if (metrics.model().equals(model) && metrics.task().equals(MODEL.tasks().get(0).name())) {
            labels = metrics.labels();
          }
        }
        assertThat(labels).isEqualTo(undisturbed.score(0).labels());
      }
    }
  }
}
