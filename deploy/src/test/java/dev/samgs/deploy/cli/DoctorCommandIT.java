package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.deploy.doctor.Finding;
import dev.samgs.deploy.doctor.Finding.Level;
import dev.samgs.deploy.doctor.KafkaChecks;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir static Path directory;
  private static EmbeddedKafka kafka;
  private static KafkaConnection connection;

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(directory);
    connection = KafkaConnection.to(kafka.bootstrapServers());
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  private static List<Finding> findings(TopicPlan plan, Duration longest) {
    return KafkaChecks.run(connection, List.of(plan), plan.name(), longest).stream()
        .filter(finding -> finding.level() != Level.GOOD)
        .toList();
  }

  private static KafkaProducer<byte[], byte[]> producer(Map<String, ?> more) {
    return new KafkaProducer<>(
        connection.with(more), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Test
  void aFreshClusterIsGoodAndNothingIsCreatedInIt() throws Exception {
    CommandRun run =
        CommandRun.of("doctor", "--bootstrap-servers", kafka.bootstrapServers(), "-o", "json");
    assertThat(run.exit()).as(run.out()).isZero();
    JsonNode findings = new ObjectMapper().readTree(run.out());
    assertThat(findings.findValuesAsText("sentence"))
        .anyMatch(s -> s.contains("1 brokers of cluster"))
        .contains("model-snapshots does not exist yet; the job creates it");
    try (Admin admin = Admin.create(connection.with(Map.of()))) {
      assertThat(admin.listTopics().names().get()).doesNotContain("model-snapshots");
    }
    assertThat(CommandRun.of("doctor", "--bootstrap-servers", kafka.bootstrapServers()).out())
        .contains("good")
        .contains("OpenBLAS multiplies");
  }

  @Test
  void brokersThatDoNotAnswerAreBad() {
    CommandRun run = CommandRun.of("doctor", "--bootstrap-servers", "127.0.0.1:9", "-o", "json");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("no broker answers at 127.0.0.1:9").contains("\"bad\"");
  }

  @Test
  void aTopicThatWouldLoseSnapshotsIsBad() {
    Topics.prepare(connection, List.of(TopicPlan.reports("lossy", 1, 1, Duration.ofDays(1))));
    assertThat(findings(TopicPlan.snapshots("lossy", 1, 1, 1 << 20), DEADLINE))
        .filteredOn(finding -> finding.level() == Level.BAD)
        .extracting(Finding::sentence)
        .anyMatch(s -> s.contains("snapshots of idle models would be deleted"));
  }

  @Test
  void aTransactionThatIsOpenTooLongIsBad() throws Exception {
    TopicPlan plan = TopicPlan.events("held", 1, 1);
    Topics.prepare(connection, List.of(plan));
    try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "held"))) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("held", "x".getBytes(StandardCharsets.UTF_8))).get();
      await()
          .atMost(DEADLINE)
          .untilAsserted(
              () ->
                  assertThat(findings(plan, Duration.ZERO))
                      .filteredOn(finding -> finding.area().equals("transactions"))
                      .singleElement()
                      .matches(
                          f ->
                              f.level() == Level.BAD
                                  && f.sentence().contains("abort --topic held --partition 0")));
      assertThat(findings(plan, Duration.ofHours(1)))
          .noneMatch(finding -> finding.area().equals("transactions"));
      producer.abortTransaction();
    }
  }

  @Test
  void aRecordFromTheFutureTellsOfAWrongClock() throws Exception {
    TopicPlan plan = TopicPlan.events("ahead", 1, 1);
    Topics.prepare(connection, List.of(plan));
    long ahead = System.currentTimeMillis() + Duration.ofMinutes(30).toMillis();
    try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
      producer.send(new ProducerRecord<>("ahead", null, ahead, null, new byte[] {1})).get();
    }
    assertThat(findings(plan, DEADLINE))
        .filteredOn(finding -> finding.area().equals("clock"))
        .singleElement()
        .matches(f -> f.level() == Level.WARNING && f.sentence().contains("run an NTP client"));
  }
}
