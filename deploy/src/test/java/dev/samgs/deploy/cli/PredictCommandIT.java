package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.deploy.SamgsProcess;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.predict.Published;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The predictors as processes of their own. */
class PredictCommandIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();

  /** The address that the process says it serves at; empty until it does. */
  private static String address(SamgsProcess process) {
    Matcher url = Pattern.compile("http://127\\.0\\.0\\.1:\\d+").matcher(process.err());
    return url.find() ? url.group() : "";
  }

  /** The status of a path there; -1 while nobody answers. */
  private int status(SamgsProcess process, String path) {
    if (address(process).isEmpty()) {
      return -1;
    }
    String url = address(process) + path;
    try {
      return client
          .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void servesAndStreamsPredictionsUntilTheyAreTerminated() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"))) {
      KafkaConnection connection = KafkaConnection.to(kafka.bootstrapServers());
      Topics.prepare(
          connection, List.of(TopicPlan.events("events", 1, 1), TopicPlan.events("out", 1, 1)));
      long version;
      try (Published published = new Published(connection, "model-snapshots")) {
        version = published.publish("line-1").version();
      }
      try (SamgsProcess serve =
              SamgsProcess.java(
                  Files.createDirectory(directory.resolve("serve")),
                  "predict",
                  "serve",
                  "--bootstrap-servers",
                  kafka.bootstrapServers(),
                  "--model",
                  "line-1",
                  "--port",
                  0);
          SamgsProcess stream =
              SamgsProcess.java(
                  Files.createDirectory(directory.resolve("stream")),
                  "predict",
                  "stream",
                  "--bootstrap-servers",
                  kafka.bootstrapServers(),
                  "--in",
                  "events",
                  "--out",
                  "out",
                  "--exactly-once",
                  "--scorer",
                  "onnxruntime",
                  "--port",
                  0,
                  "-o",
                  "json")) {
        for (SamgsProcess process : List.of(serve, stream)) {
          await().atMost(PATIENCE).until(() -> status(process, "/health/ready") == 200);
        }
        HttpResponse<String> response =
            client.send(
                HttpRequest.newBuilder(URI.create(address(serve) + "/v1/models/line-1/predict"))
                    .POST(BodyPublishers.ofString("{\"features\": [20.5, null, 500]}"))
                    .build(),
                BodyHandlers.ofString());
        assertThat(JSON.readTree(response.body()).get("version").asLong()).isEqualTo(version);

        send(connection, "{\"model\": \"line-1\", \"ts\": 1, \"features\": [20.5, null, 500]}");
        String metrics = address(stream) + "/metrics";
        await()
            .atMost(PATIENCE)
            .until(() -> body(metrics).contains("samgs_predictions_total{model=\"line-1\"} 1.0"));

        for (SamgsProcess process : List.of(serve, stream)) {
          process.signal("TERM");
          assertThat(process.exit(PATIENCE)).as("exit code, %s", process.err()).isZero();
          assertThat(process.temporaryDirectory()).doesNotExist();
        }
        JsonNode report = JSON.readTree(stream.out());
        assertThat(report.get("predicted").asLong()).isEqualTo(1);
        assertThat(report.get("refused").asLong()).isZero();
      }
    }
  }

  private String body(String url) throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
        .body();
  }

  private static void send(KafkaConnection connection, String event) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            connection.with(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>("events", event.getBytes(StandardCharsets.UTF_8))).get();
    }
  }
}
