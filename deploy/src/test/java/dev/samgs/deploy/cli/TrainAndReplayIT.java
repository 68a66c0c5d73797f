package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.NewestVersions;
import dev.samgs.deploy.SamgsProcess;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainAndReplayIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int ROWS = 208;

  @TempDir Path directory;

  private EmbeddedKafka kafka;
  private KafkaConnection connection;

  @BeforeEach
  void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(directory.resolve("kafka"));
    connection = KafkaConnection.to(kafka.bootstrapServers());
    Topics.prepare(connection, List.of(TopicPlan.events("events", 1, 1)));
  }

  @AfterEach
  void stopBroker() {
    kafka.close();
  }

  @Test
  void aStoppedTrainingGoesOnWhereItWas() throws Exception {
    Path model = model();
    replay();
    String restore;
    // 208 rows are six mini-batches of 32 and an open one of 16.
    try (SamgsProcess train = train("first", model)) {
      Awaitility.await().atMost(PATIENCE).until(() -> rowsLearned() == 192);
      assertThat(train.err()).contains("metrics are at http://");
      restore = savepoint(train, "INT");
    }
    long version = NewestVersions.read(connection, "model-snapshots").get("press");

    replay();
    // The 16 rows of the open mini-batch and 208 more are seven.
    try (SamgsProcess train = train("second", model, "--restore", restore)) {
      Awaitility.await().atMost(PATIENCE).until(() -> rowsLearned() == 192 + 224);
      savepoint(train, "TERM");
    }
    assertThat(NewestVersions.read(connection, "model-snapshots").get("press"))
        .isGreaterThan(version);
  }

  private SamgsProcess train(String name, Path model, String... more) throws Exception {
    List<Object> args = new ArrayList<>(List.of("train", "--config", model));
    args.addAll(List.of("--bootstrap-servers", kafka.bootstrapServers()));
    args.addAll(List.of(more));
    return SamgsProcess.java(Files.createDirectory(directory.resolve(name)), args.toArray());
  }

  /** Stops a training by a signal; where it says that it can be continued from. */
  private static String savepoint(SamgsProcess train, String signal) throws Exception {
    train.signal(signal);
    assertThat(train.exit(PATIENCE)).as("exit code, %s", train.err()).isZero();
    assertThat(train.temporaryDirectory()).doesNotExist();
    Matcher path = Pattern.compile("--restore (\\S+)").matcher(train.out());
    assertThat(path.find()).as(train.out()).isTrue();
    return path.group(1);
  }

  @Test
  void aBoundedInputEndsTheTraining() throws Exception {
    Path model = model();
    Files.writeString(model, Files.readString(model).replace("bounded: false", "bounded: true"));
    replay();
    try (SamgsProcess train = train("bounded", model)) {
      assertThat(train.exit(PATIENCE)).as("exit code, %s", train.err()).isZero();
      assertThat(train.out()).contains("to its end");
    }
    assertThat(rowsLearned()).isEqualTo(ROWS);
  }

  @Test
  void anUnreachableBrokerIsAFailureInOneLine() throws Exception {
    Path model = model();
    try (SamgsProcess train =
        SamgsProcess.java(
            Files.createDirectory(directory.resolve("unreachable")),
            "train",
            "--config",
            model,
            "--bootstrap-servers",
            "127.0.0.1:9")) {
      assertThat(train.exit(PATIENCE)).isEqualTo(1);
      assertThat(train.out()).isEmpty();
      assertThat(train.err().lines().filter(line -> line.startsWith("samgs train: ")))
          .singleElement()
          .asString()
          .contains("127.0.0.1:9");
      assertThat(train.temporaryDirectory()).doesNotExist();
    }
  }

  private Path model() throws Exception {
    CommandRun init = CommandRun.of("init", "--data", data(), "--name", "press-job");
    assertThat(init.exit()).as(init.err()).isZero();
    return Files.writeString(
        directory.resolve("model.yaml"),
        init.out()
            .replaceFirst("(?m)^( +)every: 64", "$1every: 8")
            .replaceFirst("(?m)^( +)every: 64", "$1every: 1")
            .replaceFirst("port: 9404", "port: 0")
            .replaceFirst("host: .*", "host: 127.0.0.1")
            .replaceFirst("interval: 5s", "interval: 300ms"));
  }

  private Path data() throws Exception {
    Random random = new Random(1);
    StringBuilder csv = new StringBuilder("ts,key,f_a,f_b,y_width\n");
    for (int i = 0; i < ROWS; i++) {
      double a = random.nextGaussian();
      csv.append(1000 * i).append(",m,").append(a).append(",2,").append(2 * a).append('\n');
    }
    return Files.writeString(directory.resolve("data.csv"), csv);
  }

  private void replay() throws Exception {
    CommandRun run =
        CommandRun.of(
            "replay",
            "--data",
            data(),
            "--bootstrap-servers",
            kafka.bootstrapServers(),
            "--topic",
            "events",
            "--model",
            "press");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).startsWith(ROWS + " rows sent to events");
  }

  /** Rows that the model has seen, by the newest committed metrics. */
  private long rowsLearned() throws Exception {
    try (Admin admin = Admin.create(connection.with(Map.of()))) {
      if (!admin.listTopics().names().get().contains("task-metrics")) {
        return 0;
      }
    }
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            connection.with(Map.of("isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor("task-metrics").stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long rows = 0;
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          rows = Math.max(rows, TaskMetrics.fromJson(record.value()).rows());
        }
      }
      return rows;
    }
  }
}
