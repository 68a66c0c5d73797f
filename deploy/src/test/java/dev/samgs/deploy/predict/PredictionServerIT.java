package dev.samgs.deploy.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.ClaimChecks;
import dev.samgs.connectors.snapshot.LiveModels;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.predict.GraphScorer;
import dev.samgs.predict.Scorer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictionServerIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String ROW = "{\"features\": {\"temperature\": 20.5, \"speed\": 500}}";

  @TempDir static Path directory;
  private static EmbeddedKafka kafka;
  private static KafkaConnection connection;

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(directory);
    connection = KafkaConnection.to(kafka.bootstrapServers());
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  /** A predictor with all that belongs to it. */
  private static final class Predictor implements AutoCloseable {
    final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    final LiveModels models;
    final SnapshotFollower follower;
    final PredictionServer server;

    Predictor(String topic, Scorer.Loader loader, Set<String> wanted, PublicKey... trusted)
        throws Exception {
      models = new LiveModels(loader, 2, registry);
      follower =
          SnapshotFollower.start(
              connection,
              topic,
              new SnapshotFollower.Options(wanted, List.of(trusted), ClaimChecks.FILES, registry),
              models);
      server = PredictionServer.start("127.0.0.1", 0, models, follower, wanted, registry);
    }

    double refused(String reason) {
      return registry.get("samgs.snapshots.refused").tag("reason", reason).counter().count();
    }

    URI at(String path) {
      return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    @Override
    public void close() {
      server.close();
      follower.close();
      models.close();
    }
  }

  private HttpResponse<String> get(Predictor predictor, String path) throws Exception {
    return client.send(HttpRequest.newBuilder(predictor.at(path)).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(Predictor predictor, String path, String body)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(predictor.at(path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private void awaitVersion(Predictor predictor, long version) {
    await()
        .atMost(DEADLINE)
        .until(() -> predictor.follower.versions().getOrDefault("line-1", -1L) == version);
  }

  @Test
  void answersWithPredictionsModelsHealthAndMetrics() throws Exception {
    try (Published published = new Published(connection, "whole");
        Predictor predictor = new Predictor("whole", GraphScorer::load, Set.of())) {
      await().atMost(DEADLINE).until(predictor.follower::caughtUp);
      assertThat(get(predictor, "/health/live").statusCode()).isEqualTo(200);
      HttpResponse<String> notReady = get(predictor, "/health/ready");
      assertThat(notReady.statusCode()).isEqualTo(503);
      assertThat(notReady.body()).isEqualTo("{\"error\":\"no model has been published yet\"}");
      assertThat(post(predictor, "/v1/models/line-1/predict", ROW).body())
          .isEqualTo("{\"error\":\"there is no model 'line-1'; none has been published yet\"}");

      SnapshotRecord first = published.publish("line-1");
      SnapshotRecord snapshot = published.publish("line-1");
      awaitVersion(predictor, snapshot.version());
      assertThat(get(predictor, "/health/ready").body()).isEqualTo("{\"status\":\"ready\"}");

      HttpResponse<String> single = post(predictor, "/v1/models/line-1/predict", ROW);
      assertThat(single.statusCode()).as(single.body()).isEqualTo(200);
      assertThat(single.headers().firstValue("content-type")).contains("application/json");
      JsonNode answer = JSON.readTree(single.body());
      assertThat(answer.get("model").asText()).isEqualTo("line-1");
      assertThat(answer.get("version").asLong()).isEqualTo(snapshot.version());
      double[] expected = new double[5];
      try (Scorer scorer = GraphScorer.load(snapshot.onnx())) {
        scorer.score(new double[] {20.5, Double.NaN, 500}, 1, expected);
      }
      assertPredictions(answer.get("predictions"), expected);

      HttpResponse<String> batch =
          post(
              predictor,
              "/v1/models/line-1/predict",
              "{\"instances\": [[1, 2, 3], [20.5, null, 500]]}");
      assertThat(JSON.readTree(batch.body()).get("predictions")).hasSize(2);
      assertPredictions(JSON.readTree(batch.body()).at("/predictions/1"), expected);
      assertThat(
              JSON.readTree(
                      post(predictor, "/v1/models/line-1/predict?version=" + first.version(), ROW)
                          .body())
                  .get("version")
                  .asLong())
          .isEqualTo(first.version());

      JsonNode model = JSON.readTree(get(predictor, "/v1/models/line-1").body());
      assertThat(model.get("version").asLong()).isEqualTo(snapshot.version());
      assertThat(model.get("versions")).hasSize(2);
      assertThat(model.get("features").get(1).asText()).isEqualTo("vibration");
      assertThat(model.at("/tasks/2").toString())
          .isEqualTo("{\"name\":\"grade\",\"kind\":\"multiclass\",\"classes\":3}");
      assertThat(model.at("/scores/hours/labels").asLong()).isEqualTo(64);
      assertThat(model.at("/provenance/update").asLong()).isPositive();
      assertThat(model.at("/provenance/sha256").asText())
          .isEqualTo(snapshot.headers().get("samgs.sha256"));
      assertThat(get(predictor, "/v1/models").body())
          .isEqualTo(
              "{\"models\":[{\"model\":\"line-1\",\"version\":" + snapshot.version() + "}]}");

      assertThat(get(predictor, "/metrics").body())
          .contains(
              "samgs_predictions_total{model=\"line-1\"} 4.0",
              "samgs_prediction_request_seconds_count 3",
              "samgs_snapshots_taken_total{model=\"line-1\"} 2.0",
              "samgs_snapshots_refused_total{reason=\"wrong-hash\"} 0.0",
              "samgs_snapshot_version{model=\"line-1\"} ",
              "samgs_snapshot_lag_records 0.0",
              "samgs_snapshot_delay_seconds_bucket",
              "samgs_prediction_requests_refused_total{reason=\"unknown-model\"} 1.0");
    }
  }

  private static void assertPredictions(JsonNode predictions, double[] expected) {
    assertThat(predictions.at("/hours/value").asDouble()).isEqualTo(expected[0]);
    assertThat(predictions.at("/fault/probability").asDouble()).isEqualTo(expected[1]);
    assertThat(predictions.at("/fault/class").asInt()).isEqualTo(expected[1] > 0.5 ? 1 : 0);
    double[] classes = Arrays.copyOfRange(expected, 2, 5);
    assertThat(
            StreamSupport.stream(predictions.at("/grade/probabilities").spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray())
        .isEqualTo(classes);
    assertThat(classes[predictions.at("/grade/class").asInt()])
        .isEqualTo(Arrays.stream(classes).max().orElseThrow());
  }

  @Test
  void whatCannotBeAnsweredIsToldInASentence() throws Exception {
    try (Published published = new Published(connection, "refusals");
        Predictor predictor = new Predictor("refusals", GraphScorer::load, Set.of("line-1"))) {
      awaitVersion(predictor, published.publish("line-1").version());
      assertRefused(
          post(predictor, "/v1/models/lime-1/predict", ROW), 404, "did you mean 'line-1'?");
      assertRefused(get(predictor, "/v1/models/lime-1"), 404, "did you mean 'line-1'?");
      assertRefused(get(predictor, "/v1/model"), 404, "there is nothing at /v1/model; there are");
      assertRefused(get(predictor, "/v1/models/line-1/predict"), 405, "takes POST only, not GET");
      assertRefused(post(predictor, "/metrics", ""), 405, "takes GET only, not POST");
      assertRefused(
          post(predictor, "/v1/models/line-1/predict", "{\"features\": {\"sped\": 1}}"),
          400,
          "features: there is no feature 'sped'; did you mean 'speed'?");
      assertRefused(
          post(predictor, "/v1/models/line-1/predict?version=7", ROW),
          404,
          "version 7 of line-1 is not loaded; those that are: [");
      assertRefused(
          post(predictor, "/v1/models/line-1/predict?v=7", ROW), 400, "there is no parameter 'v'");
      assertRefused(
          post(predictor, "/v1/models/line-1/predict", " ".repeat(PredictionHandler.MAX_BODY + 1)),
          413,
          "at most 8388608 bytes");
    }
  }

  private static void assertRefused(HttpResponse<String> response, int status, String sentence)
      throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(JSON.readTree(response.body()).get("error").asText()).contains(sentence);
  }

  @ParameterizedTest
  @ValueSource(strings = {"built-in", "onnxruntime"})
  void noRequestFailsWhileVersionsAreSwapped(String scorer) throws Exception {
    int versions = 40;
    String topic = "load-" + scorer;
    Scorer.Loader loader = scorer.equals("built-in") ? GraphScorer::load : OnnxRuntimeScorer::load;
    ExecutorService clients = Executors.newFixedThreadPool(4);
    try (Published published = new Published(connection, topic);
        Predictor predictor = new Predictor(topic, loader, Set.of())) {
      awaitVersion(predictor, published.publish("line-1").version());
      AtomicBoolean done = new AtomicBoolean();
      CountDownLatch running = new CountDownLatch(4);
      Callable<List<Long>> load =
          () -> {
            List<Long> seen = new ArrayList<>();
            while (!done.get()) {
              HttpResponse<String> response = post(predictor, "/v1/models/line-1/predict", ROW);
              assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
              seen.add(JSON.readTree(response.body()).get("version").asLong());
              running.countDown();
            }
            return seen;
          };
      List<Future<List<Long>>> loads = new ArrayList<>();
      for (int c = 0; c < 4; c++) {
        loads.add(clients.submit(load));
      }
      running.await();
      long last = 0;
      for (int v = 1; v < versions; v++) {
        last = published.publish("line-1").version();
        if (v % 10 == 0) {
          awaitVersion(predictor, last);
        }
      }
      awaitVersion(predictor, last);
      done.set(true);
      for (Future<List<Long>> seen : loads) {
        assertThat(seen.get()).isSorted();
        assertThat(seen.get().stream().distinct().count()).isGreaterThan(3);
      }
      assertThat(predictor.registry.get("samgs.prediction.requests.refused").counters())
          .allMatch(counter -> counter.count() == 0);
    } finally {
      clients.shutdownNow();
    }
  }

  @Test
  void theOldModelGoesOnWhenARecordIsCorruptTruncatedReplayedOrWronglySigned() throws Exception {
    KeyPair key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    KeyPair stranger = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    String topic = "hostile";
    try (Published published = new Published(connection, topic);
        Predictor predictor =
            new Predictor(topic, OnnxRuntimeScorer::load, Set.of(), key.getPublic())) {
      SnapshotRecord old = published.next("line-1").signed(key.getPrivate());
      SnapshotRecord good = published.next("line-1").signed(key.getPrivate());
      SnapshotRecord next = published.next("line-1").signed(key.getPrivate());
      published.commit(good.toProducerRecord(topic));
      awaitVersion(predictor, good.version());
      String before = post(predictor, "/v1/models/line-1/predict", ROW).body();

      byte[] corrupt = next.onnx().clone();
      corrupt[corrupt.length / 2] ^= 1;
      published.commit(
          withValue(next.toProducerRecord(topic), corrupt),
          withValue(
              next.toProducerRecord(topic), Arrays.copyOf(next.onnx(), next.onnx().length / 2)),
          old.toProducerRecord(topic),
          published.next("line-1").signed(stranger.getPrivate()).toProducerRecord(topic),
          published.next("line-1").toProducerRecord(topic));
      await()
          .atMost(DEADLINE)
          .untilAsserted(
              () -> {
                assertThat(predictor.refused("wrong-hash")).isEqualTo(2);
                assertThat(predictor.refused("not-newer")).isEqualTo(1);
                assertThat(predictor.refused("bad-signature")).isEqualTo(2);
              });
      assertThat(post(predictor, "/v1/models/line-1/predict", ROW).body()).isEqualTo(before);
      assertThat(get(predictor, "/health/ready").statusCode()).isEqualTo(200);

      published.commit(next.toProducerRecord(topic));
      awaitVersion(predictor, next.version());
      assertThat(post(predictor, "/v1/models/line-1/predict", ROW).body()).isNotEqualTo(before);
    }
  }

  private static ProducerRecord<byte[], byte[]> withValue(
      ProducerRecord<byte[], byte[]> record, byte[] value) {
    return new ProducerRecord<>(record.topic(), null, record.key(), value, record.headers());
  }

  @Test
  void closingLetsARunningRequestComeToItsEnd() throws Exception {
    try (Published published = new Published(connection, "closing");
        Predictor predictor = new Predictor("closing", GraphScorer::load, Set.of())) {
      awaitVersion(predictor, published.publish("line-1").version());
      ExecutorService closer = Executors.newSingleThreadExecutor();
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), predictor.server.port())) {
        OutputStream out = socket.getOutputStream();
        out.write(
            ("POST /v1/models/line-1/predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Content-Length: "
                    + ROW.length()
                    + "\r\n\r\n"
                    + ROW.substring(0, 10))
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        await()
            .atMost(DEADLINE)
            .until(
                () ->
                    predictor.registry.get("samgs.prediction.requests.running").gauge().value()
                        == 1);
        Future<?> closed = closer.submit(predictor.server::close);
        out.write(ROW.substring(10).getBytes(StandardCharsets.US_ASCII));
        out.flush();
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).startsWith("HTTP/1.1 200").contains("\"predictions\"");
        closed.get();
      } finally {
        closer.shutdownNow();
      }
    }
  }
}
