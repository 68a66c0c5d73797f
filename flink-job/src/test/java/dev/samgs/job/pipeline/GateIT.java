package dev.samgs.job.pipeline;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.JsonEventEncoder;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.job.TestModels;
import dev.samgs.job.config.ExecutionSettings.StateBackend;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.SnapshotSettings;
import dev.samgs.learn.Row;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.spec.GateSpec;
import dev.samgs.spec.TaskSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole job with a gate, a store and a control topic: sensors that report nonsense for a moment
 * blind the learner for long, and the predictors must not notice.
 */
class GateIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();
  @RegisterExtension static final ClusterExtension CLUSTER = new ClusterExtension();

  private static final String MODEL = "press";
  private static final int CLEAN = 600;
  private static final int POISON = 8;

  private static JobConfiguration job(Path store) {
    JobConfiguration plain = TestJob.of("gate", BROKER, CLUSTER, StateBackend.HASHMAP, false);
    SnapshotSettings s = plain.snapshots();
    return new JobConfiguration(
        plain.name(),
        plain.model(),
        plain.kafka(),
        plain.input(),
        plain.output(),
        new SnapshotSettings(
            s.every(),
            s.eventTime(),
            s.improvement(),
            new GateSpec(true, 0.05, Map.of(), 16, 1e6, 2),
            s.largest(),
            store.toUri().toString(),
            1000,
            null,
            s.control(),
            null,
            false),
        plain.metrics(),
        plain.checkpoints(),
        plain.execution());
  }

  /** The first rows of a stream whose drift comes much later, with nonsense in the middle. */
  private static List<Row> rows() {
    List<Row> clean = TestModels.rows(1, 10 * CLEAN);
    List<Row> rows = new ArrayList<>(clean.subList(0, CLEAN));
    for (Row row : clean.subList(CLEAN, CLEAN + POISON)) {
      rows.add(new Row(row.timestamp(), new double[] {1e12, -1e12, 1e15}, row.labels()));
    }
    rows.addAll(clean.subList(CLEAN + POISON, 2 * CLEAN));
    return rows;
  }

  private static void send(String topic, List<Row> rows) {
    JsonEventEncoder encoder =
        new JsonEventEncoder(
            SPEC.features(),
            SPEC.tasks().stream().map(TaskSpec::name).toList(),
            FeatureForm.BY_NAME);
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (Row row : rows) {
        byte[] event = encoder.encode(new LabelledEvent(MODEL, null, null, row));
        producer.send(new ProducerRecord<>(topic, Lines.utf8(MODEL), event));
      }
      producer.flush();
    }
  }

  private static KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        BROKER.connection().with(Map.of("acks", "all")),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static boolean hasVerdict(ConsumerRecord<byte[], byte[]> record, String verdict) {
    return Published.header(record, SnapshotHeaders.GATE)
        .startsWith("{\"verdict\":\"" + verdict + "\"");
  }

  private static long version(ConsumerRecord<byte[], byte[]> record) {
    return Long.parseLong(Published.header(record, SnapshotHeaders.VERSION));
  }

  private static TaskMetrics metrics(ConsumerRecord<byte[], byte[]> record) {
    try {
      return TaskMetrics.fromJson(record.value());
    } catch (IOException e) {
      throw new AssertionError("this is no report", e);
    }
  }

  @Test
  void aBlindedModelIsWithheldThePublishedOneComesBackAndAPersonCanPinIt(@TempDir Path store)
      throws Exception {
    JobConfiguration job = job(store);
    JobID running = CLUSTER.start(job, null);
    send(job.input().topic(), rows());

    try (Published snapshots = new Published(BROKER.connection(), job.output().snapshots());
        Published reports = new Published(BROKER.connection(), job.output().metrics())) {
      List<ConsumerRecord<byte[], byte[]>> published =
          snapshots.until(records -> records.stream().anyMatch(r -> hasVerdict(r, "rollback")));
      int at = 0;
      while (!hasVerdict(published.get(at), "rollback")) {
        at++;
      }
      ConsumerRecord<byte[], byte[]> back = published.get(at);
      ConsumerRecord<byte[], byte[]> good = published.get(at - 1);
      assertThat(version(back)).isEqualTo(version(good) + 1);
      assertThat(Published.header(back, SnapshotHeaders.PARENT))
          .isEqualTo(Long.toString(version(good)));
      assertThat(OnnxDecoder.decode(back.value()).parameters())
          .isEqualTo(OnnxDecoder.decode(good.value()).parameters());
      assertThat(OnnxDecoder.decode(back.value()).featureMeans())
          .isEqualTo(OnnxDecoder.decode(good.value()).featureMeans());

      TaskMetrics withheld =
          reports
              .until(
                  records ->
                      records.stream().anyMatch(r -> "worse".equals(metrics(r).gate().verdict())))
              .stream()
              .map(GateIT::metrics)
              .filter(m -> "worse".equals(m.gate().verdict()))
              .findFirst()
              .orElseThrow();
      assertThat(withheld.gate().reason()).contains("its loss is ", "that of published version ");
      assertThat(withheld.gate().withheld()).isPositive();

      pin(job.snapshots().control());
      Traffic traffic = new Traffic(job.input().topic());
      reports.until(
          records -> {
            traffic.goOn();
            return records.stream().anyMatch(r -> metrics(r).gate().pinned());
          });
    }
    assertThat(files(store.resolve("withheld").resolve(MODEL))).isNotEmpty();
    Path models = store.resolve("models").resolve(MODEL);
    await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(models.resolve("LATEST")));
    CLUSTER.drain(running);

    List<Long> versions = new ArrayList<>();
    int registered = 0;
    try (Published snapshots = new Published(BROKER.connection(), job.output().snapshots())) {
      for (ConsumerRecord<byte[], byte[]> record : snapshots.all()) {
        versions.add(version(record));
        Path file = models.resolve(version(record) + "/model.onnx");
        if (Files.exists(file)) {
          assertThat(file).hasBinaryContent(record.value());
          registered++;
        }
      }
    }
    assertThat(registered).isPositive();
    assertThat(versions).contains(Long.valueOf(Files.readString(models.resolve("LATEST")).strip()));
    assertThat(versions).isSorted().doesNotHaveDuplicates();
    assertThat(versions.get(versions.size() - 1)).isEqualTo(versions.size());
  }

  /** A few rows every second, so that there is something to report. */
  private static final class Traffic {
    private final String topic;
    private long next = System.nanoTime();

    Traffic(String topic) {
      this.topic = topic;
    }

    void goOn() {
      if (System.nanoTime() - next >= 0) {
        next = System.nanoTime() + 1_000_000_000L;
        send(topic, rows().subList(0, 100));
      }
    }
  }

  private static void pin(String topic) throws Exception {
    ControlCommand command =
        new ControlCommand(
            MODEL, ControlCommand.Action.PIN, OptionalLong.empty(), "anna", "until it is clear");
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.send(command.toProducerRecord(topic)).get();
    }
  }

  private static List<String> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
