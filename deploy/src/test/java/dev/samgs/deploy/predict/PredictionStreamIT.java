package dev.samgs.deploy.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.snapshot.LiveModels;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.predict.GraphScorer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictionStreamIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int EVENTS = 300;

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

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyEventIsPredictedOnceInItsOrderAcrossARestart(boolean exactlyOnce) throws Exception {
    String name = exactlyOnce ? "exactly" : "at-least";
    String in = name + "-events";
    String out = name + "-predictions";
    Topics.prepare(connection, List.of(TopicPlan.events(in, 2, 1), TopicPlan.events(out, 2, 1)));
    PredictionStream.Settings settings = new PredictionStream.Settings(in, out, name, exactlyOnce);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (Published published = new Published(connection, name + "-snapshots");
        LiveModels models = new LiveModels(GraphScorer::load, 1, registry);
        SnapshotFollower follower =
            SnapshotFollower.start(connection, name + "-snapshots", models)) {
      long version = published.publish("line-1").version();
      await().atMost(DEADLINE).until(() -> follower.versions().containsKey("line-1"));

      send(in, 0, EVENTS / 2);
      predictUntil(settings, models, out, EVENTS / 2 + 3);
      send(in, EVENTS / 2, EVENTS);
      predictUntil(settings, models, out, EVENTS + 6);

      List<JsonNode> records = read(out);
      List<JsonNode> predictions =
          records.stream().filter(r -> r.hasNonNull("predictions")).toList();
      assertThat(predictions).hasSize(EVENTS);
      for (String key : List.of("even", "odd")) {
        assertThat(
                predictions.stream()
                    .filter(p -> p.get("key").asText().equals(key))
                    .map(p -> p.get("eventId").asInt()))
            .isSorted()
            .doesNotHaveDuplicates()
            .hasSize(EVENTS / 2);
      }
      JsonNode first = predictions.get(0);
      assertThat(first.get("model").asText()).isEqualTo("line-1");
      assertThat(first.get("version").asLong()).isEqualTo(version);
      assertThat(first.get("ts").asLong()).isEqualTo(1_767_592_800_000L);
      assertThat(first.at("/predictions/hours/value").isNumber()).isTrue();
      assertThat(first.at("/predictions/grade/probabilities")).hasSize(3);

      assertThat(records.stream().filter(r -> r.has("error")).map(r -> r.get("error").asText()))
          .hasSize(6)
          .anyMatch(e -> e.contains("no model 'lime-1' has been published; did you mean 'line-1'?"))
          .anyMatch(e -> e.contains("names no model"))
          .anyMatch(e -> e.contains("sped"));
    }
  }

  private static void predictUntil(
      PredictionStream.Settings settings, LiveModels models, String out, int records)
      throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (PredictionStream stream = new PredictionStream(connection, settings, models)) {
      Future<?> running = thread.submit(() -> stream.run(stop::get));
      await().atMost(DEADLINE).until(() -> running.isDone() || read(out).size() >= records);
      stop.set(true);
      running.get();
      assertThat(stream.predicted()).isEqualTo(EVENTS / 2);
      assertThat(stream.refused()).isEqualTo(3);
    } finally {
      thread.shutdownNow();
    }
  }

  /** Events from one number to another, and three that cannot be predicted. */
  private static void send(String topic, int from, int to) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            connection.with(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
      List<String> values = new ArrayList<>();
      for (int e = from; e < to; e++) {
        values.add(event("line-1", e, "\"temperature\": " + (20 + e) + ", \"vibration\": null"));
      }
      values.add(event("lime-1", to, "\"temperature\": 1"));
      values.add(event("line-1", to, "\"sped\": 1"));
      values.add("[1, 2]");
      for (int v = 0; v < values.size(); v++) {
        producer.send(
            new ProducerRecord<>(
                topic,
                (v % 2 == 0 ? "even" : "odd").getBytes(StandardCharsets.UTF_8),
                values.get(v).getBytes(StandardCharsets.UTF_8)),
            (metadata, e) -> assertThat(e).isNull());
      }
      producer.flush();
    }
  }

  private static String event(String model, int id, String features) {
    return "{\"model\": \""
        + model
        + "\", \"eventId\": \""
        + id
        + "\", \"key\": \""
        + (id % 2 == 0 ? "even" : "odd")
        + "\", \"ts\": \"2026-01-05T06:00:00Z\", \"features\": {"
        + features
        + "}}";
  }

  /** All committed records of a topic. */
  private static List<JsonNode> read(String topic) throws IOException {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            connection.with(Map.of("isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<JsonNode> records = new ArrayList<>();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          records.add(JSON.readTree(record.value()));
        }
      }
      return records;
    }
  }
}
