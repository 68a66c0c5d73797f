package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.predict.Published;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotCommandIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path directory;
  private static EmbeddedKafka kafka;
  private static KeyPair key;
  private static Path publicKey;
  private static Path store;
  private static SnapshotRecord first;
  private static SnapshotRecord second;
  private static SnapshotRecord stored;

  /** line-1 has two versions, line-2 one in the store, line-3 is removed. */
  @BeforeAll
  static void publish() throws Exception {
    kafka = EmbeddedKafka.start(directory.resolve("kafka"));
    key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    publicKey =
        Files.writeString(
            directory.resolve("samgs.pub"),
            "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n");
    store = directory.resolve("stored.onnx");
    try (Published published = new Published(connection(), "model-snapshots");
        Published spoilt = new Published(connection(), "spoilt")) {
      first = published.next("line-1").signed(key.getPrivate());
      second = published.next("line-1").signed(key.getPrivate());
      SnapshotRecord whole = published.next("line-2");
      Files.write(store, whole.onnx());
      stored = whole.stored(store.toUri().toString()).signed(key.getPrivate());
      published.commit(
          first.toProducerRecord("model-snapshots"),
          published.next("line-3").toProducerRecord("model-snapshots"),
          second.toProducerRecord("model-snapshots"),
          stored.toProducerRecord("model-snapshots"),
          new ProducerRecord<>("model-snapshots", "line-3".getBytes(StandardCharsets.UTF_8), null));
      SnapshotRecord bad = spoilt.next("line-1");
      spoilt.commit(
          new ProducerRecord<>(
              "spoilt",
              null,
              "line-1".getBytes(StandardCharsets.UTF_8),
              new byte[] {1, 2, 3},
              bad.toProducerRecord("spoilt").headers()),
          spoilt.next("line-1").toProducerRecord("spoilt"));
    }
    Topics.prepare(
        connection(), List.of(TopicPlan.reports("model-control", 1, 1, Duration.ofDays(1))));
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  private static KafkaConnection connection() {
    return KafkaConnection.to(kafka.bootstrapServers());
  }

  private static CommandRun snapshot(Object... words) {
    List<Object> all = new ArrayList<>(List.of("snapshot"));
    all.addAll(List.of(words));
    all.addAll(List.of("--bootstrap-servers", kafka.bootstrapServers()));
    return CommandRun.of(all.toArray());
  }

  private static JsonNode json(CommandRun run) throws Exception {
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(1);
    return JSON.readTree(run.out());
  }

  @Test
  void listShowsEveryVersionThatIsNotRemoved() throws Exception {
    JsonNode all = json(snapshot("list", "-o", "json"));
    assertThat(all).hasSize(3);
    JsonNode newest = all.get(1);
    assertThat(newest.get("model").asText()).isEqualTo("line-1");
    assertThat(newest.get("version").asLong()).isEqualTo(second.version());
    assertThat(newest.get("verdict").asText()).isEqualTo("ungated");
    assertThat(newest.get("bytes").asLong()).isEqualTo(second.onnx().length);
    assertThat(newest.get("signed").asBoolean()).isTrue();
    assertThat(newest.get("inStore").asBoolean()).isFalse();
    assertThat(all.get(2).get("inStore").asBoolean()).isTrue();
    assertThat(all.get(2).get("bytes").asLong()).isEqualTo(Files.size(store));
    assertThat(json(snapshot("list", "--model", "line-2", "-o", "json"))).hasSize(1);

    assertThat(snapshot("list").out().lines())
        .hasSize(4)
        .first()
        .asString()
        .matches("model +version +update +watermark .*");
    assertThat(snapshot("list", "--topic", "none").out().strip())
        .isEqualTo("no snapshot has been published");
  }

  @Test
  void showTellsWhereASnapshotComesFrom() throws Exception {
    JsonNode newest = json(snapshot("show", "line-1", "-o", "json"));
    assertThat(newest.get("version").asLong()).isEqualTo(second.version());
    assertThat(newest.get("features")).hasSize(3);
    assertThat(newest.at("/scores/hours/labels").asLong()).isEqualTo(64);
    assertThat(newest.at("/provenance/sha256").asText())
        .isEqualTo(second.headers().get("samgs.sha256"));
    JsonNode earlier = json(snapshot("show", "line-1@" + first.version(), "-o", "json"));
    assertThat(earlier.get("version").asLong()).isEqualTo(first.version());

    assertThat(snapshot("show", "line-2", "--public-key", publicKey).out())
        .contains("features")
        .contains("temperature, vibration, speed")
        .contains("claim-check");
    CommandRun missing = snapshot("show", "line-1@77");
    assertThat(missing.exit()).isEqualTo(1);
    assertThat(missing.err())
        .isEqualTo(
            "samgs snapshot show: topic model-snapshots holds no version 77 of line-1; it holds ["
                + first.version()
                + ", "
                + second.version()
                + "]\n");
    assertThat(snapshot("show", "line-3").err()).contains("no usable snapshot of line-3");
  }

  @Test
  void exportWritesTheModelThatWasPublished() throws Exception {
    Path file = directory.resolve("exported.onnx");
    JsonNode exported = json(snapshot("export", "line-2", "--to", file, "-o", "json"));
    assertThat(exported.get("version").asLong()).isEqualTo(stored.version());
    assertThat(file).hasSameBinaryContentAs(store);
    JsonNode shown = json(CommandRun.of("snapshot", "show", file, "-o", "json"));
    assertThat(shown.get("model").asText()).isEqualTo("line-2");
    assertThat(shown.get("version").asLong()).isEqualTo(stored.version());
  }

  @Test
  void diffComparesTwoVersions() throws Exception {
    JsonNode diff = json(snapshot("diff", "line-1@" + first.version(), "line-1", "-o", "json"));
    assertThat(diff.get("updates").asLong()).isPositive();
    assertThat(diff.get("parameterChange").asDouble()).isBetween(1e-6, 1.0);
    assertThat(diff.at("/features/added")).isEmpty();
    assertThat(diff.at("/predictions/hours/largest").asDouble())
        .isGreaterThan(diff.at("/predictions/hours/mean").asDouble());
    JsonNode same = json(snapshot("diff", "line-1", "line-1", "-o", "json"));
    assertThat(same.get("parameterChange").asDouble()).isZero();
    assertThat(same.at("/predictions/grade/largest").asDouble()).isZero();
    assertThat(snapshot("diff", "line-1@" + first.version(), "line-1").out())
        .contains("the parameters have moved by");
  }

  @Test
  void verifyFindsWhatAPredictorWouldRefuse() throws Exception {
    CommandRun good = snapshot("verify", "--model", "line-1", "--public-key", publicKey);
    assertThat(good.exit()).as(good.out()).isZero();
    assertThat(good.out()).contains("2 of 2 snapshots are good");

    CommandRun unsigned = snapshot("verify", "--public-key", publicKey, "-o", "json");
    assertThat(unsigned.exit()).isEqualTo(1);
    assertThat(unsigned.out()).contains("line-3").contains("it is not signed");

    CommandRun spoilt = snapshot("verify", "--topic", "spoilt");
    assertThat(spoilt.exit()).isEqualTo(1);
    assertThat(spoilt.out()).contains("its SHA-256 is").contains("1 of 2 snapshots are good");
  }

  @Test
  void commandsForTheJobAreWrittenToTheControlTopic() throws Exception {
    JsonNode pin =
        json(
            snapshot(
                "pin", "line-1", "--version", first.version(), "--reason", "audit", "-o", "json"));
    assertThat(pin.get("action").asText()).isEqualTo("pin");
    assertThat(snapshot("rollback", "line-1").out())
        .startsWith("the job was asked to rollback line-1");
    assertThat(snapshot("unpin", "line-1").exit()).isZero();
    assertThat(snapshot("promote", "line-2").exit()).isZero();

    List<ControlCommand> commands = commands();
    assertThat(commands)
        .extracting(c -> c.action().code())
        .containsExactly("pin", "rollback", "unpin", "promote");
    assertThat(commands.get(0).version()).isEqualTo(OptionalLong.of(first.version()));
    assertThat(commands.get(0).reason()).isEqualTo("audit");
    assertThat(commands.get(1).version()).isEmpty();
    assertThat(commands.get(3).model()).isEqualTo("line-2");
  }

  private static List<ControlCommand> commands() throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            connection().with(Map.of()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition("model-control", 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      List<ControlCommand> commands = new ArrayList<>();
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          commands.add(ControlCommand.parse(record.key(), record.value()));
        }
      }
      return commands;
    }
  }
}
