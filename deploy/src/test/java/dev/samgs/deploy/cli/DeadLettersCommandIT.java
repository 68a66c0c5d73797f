package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.Refusal;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.kafka.DeadLetterRecords;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.snapshot.CompactedTopic;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.predict.Published;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands for dead letters and for models, against a real broker. */
class DeadLettersCommandIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LIMIT = 4096;
  private static final byte[] POISON = {(byte) 0xff, 0, 1};
  private static final byte[] UNKNOWN =
      "{\"features\":{\"spede\":1}}".getBytes(StandardCharsets.UTF_8);

  @TempDir static Path directory;
  private static EmbeddedKafka kafka;

  /** A poison record, an unknown feature, a bad label, and one that is too large to be kept. */
  @BeforeAll
  static void refuse() throws Exception {
    kafka = EmbeddedKafka.start(directory.resolve("kafka"));
    Topics.prepare(
        connection(),
        List.of(
            TopicPlan.deadLetters("dead-letters", 1, 1, Duration.ofDays(1), LIMIT),
            TopicPlan.events("events", 1, 1),
            TopicPlan.events("elsewhere", 1, 1),
            TopicPlan.reports("model-control", 1, 1, Duration.ofDays(1))));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            connection().with(Map.of("acks", "all")),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(letter(10, "line-1", POISON, RefusalReason.MALFORMED, false));
      producer.send(letter(11, "line-2", UNKNOWN, RefusalReason.UNKNOWN_FEATURE, false));
      producer.send(letter(12, "line-1", UNKNOWN, RefusalReason.BAD_LABEL, true));
      producer.send(letter(13, null, new byte[3 * LIMIT], RefusalReason.TOO_LARGE, false));
      producer.flush();
    }
    try (Published published = new Published(connection(), "model-snapshots")) {
      published.commit(
          published.next("line-1").toProducerRecord("model-snapshots"),
          published.next("line-2").toProducerRecord("model-snapshots"),
          published.next("line-1").toProducerRecord("model-snapshots"),
          SnapshotRecord.removal("line-2", 1).toProducerRecord("model-snapshots"));
    }
  }

  private static ProducerRecord<byte[], byte[]> letter(
      long offset, String key, byte[] value, RefusalReason reason, boolean partly) {
    return DeadLetterRecords.toProducerRecord(
        "dead-letters",
        new DeadLetter(
            new SourceRecord(
                "events",
                5,
                offset,
                1_700_000_000_000L + offset,
                key == null ? null : key.getBytes(StandardCharsets.UTF_8),
                value),
            List.of(new Refusal(reason, "", "this is why")),
            partly),
        LIMIT);
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  private static KafkaConnection connection() {
    return KafkaConnection.to(kafka.bootstrapServers());
  }

  private static CommandRun run(Object... words) {
    List<Object> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--bootstrap-servers", kafka.bootstrapServers()));
    return CommandRun.of(all.toArray());
  }

  private static List<ConsumerRecord<byte[], byte[]>> in(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    CompactedTopic.read(connection(), topic, records::add);
    return records;
  }

  @Test
  void listSaysWhereEachLetterComesFromAndWhy() throws Exception {
    JsonNode all = JSON.readTree(run("dead-letters", "list", "-o", "json").out());
    assertThat(all).hasSize(4);
    JsonNode cut = all.get(3);
    assertThat(cut.get("letter").asText()).isEqualTo("0:3");
    assertThat(cut.get("reason").asText()).isEqualTo("too-large");
    assertThat(cut.get("detail").asText()).isEqualTo("this is why");
    assertThat(cut.get("topic").asText()).isEqualTo("events");
    assertThat(cut.get("partition").asInt()).isEqualTo(5);
    assertThat(cut.get("offset").asLong()).isEqualTo(13);
    assertThat(cut.get("timestamp").asLong()).isEqualTo(1_700_000_000_013L);
    assertThat(cut.get("bytes").asLong()).isEqualTo(3 * LIMIT);
    assertThat(cut.get("cut").asBoolean()).isTrue();
    assertThat(all.get(2).get("partly").asBoolean()).isTrue();

    assertThat(places("--reason", "malformed", "--reason", "bad-label")).containsExactly(0, 2);
    assertThat(places("--key", "line-1", "--reason", "bad-label")).containsExactly(2);
    assertThat(places("--letter", "0:1")).containsExactly(1);
    assertThat(places("--newest", "1")).containsExactly(3);
    assertThat(run("dead-letters", "list").out().lines())
        .hasSize(5)
        .anyMatch(line -> line.contains("events-5@12") && line.contains("partly"));
    assertThat(run("dead-letters", "list", "--topic", "events-none").out().strip())
        .isEqualTo("there is no such dead letter");
  }

  private static List<Integer> places(Object... filter) throws Exception {
    List<Object> words = new ArrayList<>(List.of("dead-letters", "list", "-o", "json"));
    words.addAll(List.of(filter));
    List<Integer> offsets = new ArrayList<>();
    JSON.readTree(run(words.toArray()).out())
        .forEach(
            letter -> offsets.add(Integer.parseInt(letter.get("letter").asText().substring(2))));
    return offsets;
  }

  @Test
  void replayCountsFirstAndThenSendsTheOriginalBytes() throws Exception {
    CommandRun counted = run("dead-letters", "replay");
    assertThat(counted.exit()).isEqualTo(1);
    assertThat(counted.out())
        .startsWith(
            "would send 2 dead letters to where they come from; left out 1 that are learned");
    assertThat(counted.err())
        .contains("the letter at 0:3 has only a part of its 12288 bytes")
        .contains("take the record from events-5@13");
    assertThat(in("events")).isEmpty();

    CommandRun sent = run("dead-letters", "replay", "--send", "--key", "line-1", "-o", "json");
    assertThat(sent.exit()).as(sent.err()).isZero();
    assertThat(JSON.readTree(sent.out()))
        .isEqualTo(JSON.readTree("{\"letters\":1,\"sent\":1,\"partly\":1,\"cut\":0}"));
    ConsumerRecord<byte[], byte[]> again = in("events").get(0);
    assertThat(again.value()).isEqualTo(POISON);
    assertThat(again.key()).asString(StandardCharsets.UTF_8).isEqualTo("line-1");
    assertThat(again.timestamp()).isEqualTo(1_700_000_000_010L);

    assertThat(run("dead-letters", "replay", "--send", "--partly", "--to", "elsewhere").exit())
        .isEqualTo(1);
    assertThat(in("elsewhere")).hasSize(3);
  }

  @Test
  void aReasonThatDoesNotExistIsBadUsage() {
    assertThat(run("dead-letters", "list", "--reason", "bad"))
        .returns(2, CommandRun::exit)
        .extracting(CommandRun::err)
        .asString()
        .contains("there is no reason 'bad'; the reasons are empty, too-large");
    assertThat(run("dead-letters", "list", "--letter", "1").exit()).isEqualTo(2);
  }

  @Test
  void modelsAreListedOnceAndRetiredByACommand() throws Exception {
    JsonNode models = JSON.readTree(run("model", "list", "-o", "json").out());
    assertThat(models).hasSize(1);
    assertThat(models.get(0).get("model").asText()).isEqualTo("line-1");
    assertThat(models.get(0).get("version").asLong()).isEqualTo(3);
    assertThat(run("model", "list").out().lines()).hasSize(2);

    CommandRun retired = run("model", "retire", "line-1", "--reason", "scrapped");
    assertThat(retired.exit()).as(retired.err()).isZero();
    ConsumerRecord<byte[], byte[]> asked = in("model-control").get(0);
    assertThat(ControlCommand.parse(asked.key(), asked.value()))
        .returns("line-1", ControlCommand::model)
        .returns(ControlCommand.Action.RETIRE, ControlCommand::action)
        .returns("scrapped", ControlCommand::reason);
    assertThat(run("model", "retire", "line-1", "--version", "3").exit()).isEqualTo(2);
  }
}
