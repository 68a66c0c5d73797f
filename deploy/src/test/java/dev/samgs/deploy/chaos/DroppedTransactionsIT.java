package dev.samgs.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.JsonEventEncoder;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.NewestVersions;
import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.deploy.embedded.EmbeddedFlink;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.embedded.TopicReader;
import dev.samgs.drift.Adwin;
import dev.samgs.job.SamGsJob;
import dev.samgs.job.config.CheckpointSettings;
import dev.samgs.job.config.ExecutionSettings;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.KafkaSettings;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.config.OutputSettings;
import dev.samgs.job.config.PortRange;
import dev.samgs.job.config.SnapshotSettings;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.learn.Row;
import dev.samgs.snapshot.Lineage;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.snapshot.Verdict;
import dev.samgs.spec.GateSpec;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The brokers are out of reach between the completion of a checkpoint and its commit, for longer
 * than a transaction is kept: what the checkpoint counts on is aborted.
 */
@Timeout(300)
class DroppedTransactionsIT {
  private static final String MODEL = "press";
  private static final ModelSpec SPEC =
      new ModelSpec(
          List.of("force", "heat"),
          List.of(TaskSpec.regression("wear"), TaskSpec.binary("leak")),
          NetworkSpec.defaults(),
          LearningSpec.defaults(),
          SamGs.Settings.defaults(),
          Adwin.Settings.defaults());

  /** Each third of the events closes so many mini-batches, and each of them is published. */
  private static final int MINI_BATCHES = 2;

  private static final int THIRD = MINI_BATCHES * SPEC.learning().miniBatch();

  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  @TempDir Path directory;

  private KafkaConnection direct;

  @Test
  void aTransactionThatTimedOutIsCountedAndItsSnapshotPublishedAgain() throws Exception {
    int port = freePort();
    Path store = Files.createDirectory(directory.resolve("checkpoints"));
    try (FaultyLink link = FaultyLink.to(port);
        EmbeddedKafka kafka =
            EmbeddedKafka.start(
                directory.resolve("kafka"),
                port,
                link.port(),
                Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "200"));
        EmbeddedFlink flink =
            EmbeddedFlink.start(1, directory.resolve("flink"), new Configuration())) {
      direct = KafkaConnection.to(kafka.directServers());
      List<byte[]> undisturbed = undisturbed(flink);

      JobConfiguration job = job("hit", kafka.bootstrapServers(), store, false);
      JobID running = start(flink, job);
      send(job, 0, THIRD);
      patiently().until(() -> committed(job) >= MINI_BATCHES);

      hold(store, ".*/_metadata");
      String before = checkpointThatWaits(store, "");
      send(job, THIRD, 2 * THIRD);
      patiently().until(() -> written(job) >= 2 * MINI_BATCHES);
      hold(store, ".*/chk-(?!" + before + "/)\\d+/_metadata");
      checkpointThatWaits(store, before);
      link.cut();
      Files.delete(store.resolve(FaultyStore.HELD));
      patiently().until(() -> openTransactions() == 0);
      link.mend();

      long lost = 2 * MINI_BATCHES;
      patiently().until(() -> committed(job) > lost);
      assertThat(scrape())
          .containsPattern("samgs_dropped_transactions_total\\{sink=\"snapshots\"\\} [1-9]");
      assertThat(requests(job))
          .isNotEmpty()
          .allSatisfy(
              command ->
                  assertThat(command)
                      .returns(MODEL, ControlCommand::model)
                      .returns(ControlCommand.Action.REPUBLISH, ControlCommand::action)
                      .returns(lost, c -> c.version().orElseThrow()));

      send(job, 2 * THIRD, 3 * THIRD);
      patiently().until(() -> written(job) >= 3 * MINI_BATCHES + 1);
      patiently().until(() -> flink.allRunning(running));
      flink.stop(running, directory.resolve("savepoints").toUri().toString(), true, PATIENCE);

      List<ModelSnapshot> snapshots = snapshots(job);
      assertThat(snapshots)
          .extracting(ModelSnapshot::version)
          .as("each once, in order, and another in place of the newest lost one")
          .isSorted()
          .doesNotHaveDuplicates()
          .doesNotContain(lost - 1, lost);
      assertThat(snapshots.get(MINI_BATCHES))
          .returns(lost + 1, ModelSnapshot::version)
          .returns(lost, s -> s.lineage().parent())
          .returns(Verdict.REPUBLISHED, s -> s.lineage().verdict());
      // Of the two that were lost together only the newest is needed again.
      List<byte[]> expected = new ArrayList<>(undisturbed);
      expected.remove(MINI_BATCHES);
      assertThat(models(snapshots)).containsExactlyElementsOf(expected);
      // The end of the input reports where the tasks stand a second time.
      List<String> reports = reports(job);
      assertThat(reports.subList(0, reports.size() - SPEC.tasks().size()))
          .isNotEmpty()
          .doesNotHaveDuplicates();
    }
  }

  private List<byte[]> undisturbed(EmbeddedFlink flink) throws Exception {
    Path store = Files.createDirectory(directory.resolve("undisturbed"));
    JobConfiguration job = job("calm", direct.bootstrapServers(), store, false);
    JobID running = start(flink, job);
    send(job, 0, 3 * THIRD);
    patiently().until(() -> written(job) >= 3 * MINI_BATCHES);
    patiently().until(() -> flink.allRunning(running));
    assertThat(scrape()).contains("samgs_dropped_transactions_total{sink=\"snapshots\"} 0.0");
    flink.stop(running, directory.resolve("savepoints").toUri().toString(), true, PATIENCE);
    List<ModelSnapshot> snapshots = snapshots(job);
    assertThat(snapshots).hasSizeGreaterThanOrEqualTo(3 * MINI_BATCHES);
    assertThat(requests(job)).isEmpty();
    return models(snapshots);
  }

  /** What a predictor computes with, without the version and what it follows. */
  private static List<byte[]> models(List<ModelSnapshot> snapshots) {
    return snapshots.stream()
        .map(snapshot -> OnnxEncoder.encode(MODEL, snapshot.published(0, Lineage.UNKNOWN)))
        .toList();
  }

  private static JobConfiguration job(String name, String servers, Path store, boolean bounded) {
    JobConfiguration plain = JobConfiguration.of(name, SPEC);
    SnapshotSettings snapshots = plain.snapshots();
    return new JobConfiguration(
        name,
        SPEC,
        // The clients give up soon, so that the job fails and restarts while the link is cut.
        new KafkaSettings(
            servers,
            TRANSACTION_TIMEOUT,
            1,
            1,
            Map.of("max.block.ms", "5000", "reconnect.backoff.max.ms", "200")),
        new InputSettings(
            name + "-events",
            EventFormat.JSON,
            null,
            MODEL,
            InputSettings.StartingOffsets.EARLIEST,
            bounded),
        new OutputSettings(
            name + "-snapshots",
            name + "-metrics",
            name + "-alarms",
            name + "-dead-letters",
            Duration.ofDays(1)),
        new SnapshotSettings(
            1,
            Duration.ZERO,
            0,
            // Every mini-batch is published, so that the test knows which versions there are.
            new GateSpec(false, 0, Map.of(), 32, 1e6, 0),
            snapshots.largest(),
            null,
            snapshots.keep(),
            null,
            name + "-control",
            null,
            false),
        new MetricsSettings(1, Duration.ZERO, true, "127.0.0.1", PortRange.parse("0"), 1000),
        new CheckpointSettings(
            Duration.ofMillis(300),
            Duration.ofSeconds(9),
            FaultyStore.uri(store),
            2,
            CheckpointSettings.Resume.NONE),
        new ExecutionSettings(1, 16, ExecutionSettings.StateBackend.HASHMAP));
  }

  private static JobID start(EmbeddedFlink flink, JobConfiguration job) throws Exception {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    SamGsJob.build(environment, job);
    return flink.submit(environment.getStreamGraph());
  }

  private void send(JobConfiguration job, int from, int to) {
    JsonEventEncoder encoder =
        new JsonEventEncoder(SPEC.features(), List.of("wear", "leak"), FeatureForm.BY_NAME);
    SplittableRandom random = new SplittableRandom(7);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            direct.with(Map.of("acks", "all")),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < to; i++) {
        double force = random.nextDouble();
        double heat = 20 * random.nextDouble();
        Row row =
            new Row(
                1_700_000_000_000L + 1000L * i,
                new double[] {force, heat},
                new double[] {2 * force + 0.1 * heat, force > 0.5 ? 1 : 0});
        if (i >= from) {
          byte[] event = encoder.encode(new LabelledEvent(MODEL, null, null, row));
          producer.send(
              new ProducerRecord<>(
                  job.input().topic(), MODEL.getBytes(StandardCharsets.UTF_8), event));
        }
      }
    }
  }

  /** The number of a checkpoint, other than one, that has all but its metadata. */
  private static String checkpointThatWaits(Path store, String other) {
    List<String> found = new ArrayList<>();
    patiently()
        .until(
            () -> {
              for (File job : listed(store.toFile())) {
                for (File checkpoint : listed(job)) {
                  String number = checkpoint.getName().replace("chk-", "");
                  if (!number.equals(other)
                      && new File(checkpoint, "_metadata" + FaultyStore.WAITING).exists()) {
                    found.add(number);
                  }
                }
              }
              return !found.isEmpty();
            });
    return found.get(0);
  }

  /** What is in a directory; nothing if it is none, or has just been deleted. */
  private static File[] listed(File directory) {
    File[] files = directory.listFiles();
    return files == null ? new File[0] : files;
  }

  private static void hold(Path store, String paths) throws IOException {
    Path mark = Files.writeString(store.resolve("mark"), paths);
    Files.move(
        mark,
        store.resolve(FaultyStore.HELD),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private long committed(JobConfiguration job) {
    return NewestVersions.read(direct, job.output().snapshots()).getOrDefault(MODEL, 0L);
  }

  private long written(JobConfiguration job) {
    return NewestVersions.written(direct, job.output().snapshots()).getOrDefault(MODEL, 0L);
  }

  private int openTransactions() throws Exception {
    try (Admin admin = Admin.create(direct.with(Map.of()))) {
      return admin
          .listTransactions(
              new ListTransactionsOptions()
                  .filterStates(
                      List.of(
                          TransactionState.ONGOING,
                          TransactionState.PREPARE_COMMIT,
                          TransactionState.PREPARE_ABORT,
                          TransactionState.PREPARE_EPOCH_FENCE)))
          .all()
          .get()
          .size();
    }
  }

  private List<ModelSnapshot> snapshots(JobConfiguration job) throws Exception {
    List<ModelSnapshot> snapshots = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : committedRecords(job.output().snapshots())) {
      ModelSnapshot snapshot = OnnxDecoder.decode(record.value());
      byte[] version = record.headers().lastHeader(SnapshotHeaders.VERSION).value();
      assertThat(new String(version, StandardCharsets.UTF_8))
          .isEqualTo(Long.toString(snapshot.version()));
      snapshots.add(snapshot);
    }
    return snapshots;
  }

  private List<ControlCommand> requests(JobConfiguration job) throws Exception {
    List<ControlCommand> commands = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : committedRecords(job.snapshots().control())) {
      commands.add(ControlCommand.parse(record.key(), record.value()));
    }
    return commands;
  }

  private List<String> reports(JobConfiguration job) throws Exception {
    List<String> reports = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : committedRecords(job.output().metrics())) {
      TaskMetrics metrics = TaskMetrics.fromJson(record.value());
      reports.add(metrics.task() + " at update " + metrics.update());
    }
    return reports;
  }

  private List<ConsumerRecord<byte[], byte[]>> committedRecords(String topic) throws Exception {
    List<ConsumerRecord<byte[], byte[]>> records = new CopyOnWriteArrayList<>();
    try (TopicReader reader =
        new TopicReader("reader", direct, List.of(topic), some -> some.forEach(records::add))) {
      reader.awaitEnd(PATIENCE);
    }
    return records;
  }

  private static String scrape() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + SharedMetrics.port().orElseThrow() + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
        .body();
  }

  private static ConditionFactory patiently() {
    return Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
