package dev.samgs.deploy.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.NewestVersions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/** The compose file at the root, really brought up. */
class ComposeIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int LINES = 3;

  private final String project = "samgs-test-" + UUID.randomUUID();
  private final Map<String, String> ports = new HashMap<>();

  @Test
  void theWholeSystemComesUpAndEveryPartThatIsKilledComesBack() throws Exception {
    assumeTrue(Images.named(), "SAMGS_IMAGE names no image: there is nothing to compose");
    for (String service : List.of("KAFKA", "FLINK", "CONSOLE", "PREDICTOR", "PROMETHEUS")) {
      ports.put(service + "_PORT", Integer.toString(freePort()));
    }
    try {
      compose("up", "-d", "--no-build");
      awaitTrue(() -> versions().size() == LINES);
      prometheusScrapesAndEvaluates();
      awaitTrue(() -> !http("PREDICTOR", "/v1/models/line-1").isMissingNode());

      Map<String, Long> before = versions();
      crash("taskmanager");
      awaitTrue(() -> newer(before));

      Map<String, Long> again = versions();
      docker("kill", container("taskmanager"));
      compose("up", "-d", "--no-build");
      awaitTrue(() -> newer(again));

      Map<String, Long> last = versions();
      docker("kill", container("jobmanager"));
      compose("up", "-d", "--no-build");
      awaitTrue(() -> newer(last));
      awaitTrue(() -> http("PROMETHEUS", targets()).size() == 2);
    } finally {
      compose("down", "-v", "-t", "1");
    }
  }

  private void prometheusScrapesAndEvaluates() throws Exception {
    // Both targets are up, and what the rules record of them is there.
    awaitTrue(() -> http("PROMETHEUS", targets()).size() == 2);
    awaitTrue(() -> http("PROMETHEUS", query("model:samgs_rows:rate15m > 0")).size() == LINES);
    JsonNode groups = get("PROMETHEUS", "/api/v1/rules").at("/data/groups");
    assertThat(groups).isNotEmpty();
    for (JsonNode group : groups) {
      for (JsonNode rule : group.get("rules")) {
        assertThat(rule.get("health").asText()).as(rule.toString()).isNotEqualTo("err");
      }
    }
  }

  private static String targets() {
    return query("up == 1");
  }

  private static String query(String expression) {
    return "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8);
  }

  /** What a query found, or what a page says; nothing if it cannot be had yet. */
  private JsonNode http(String service, String path) throws InterruptedException {
    try {
      JsonNode answer = get(service, path);
      return service.equals("PROMETHEUS") ? answer.at("/data/result") : answer;
    } catch (IOException notYet) {
      return JSON.missingNode();
    }
  }

  private JsonNode get(String service, String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://localhost:" + ports.get(service + "_PORT") + path);
    HttpResponse<String> response =
        HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(uri + " answers " + response.statusCode() + ": " + response.body());
    }
    return JSON.readTree(response.body());
  }

  private Map<String, Long> versions() {
    return NewestVersions.read(
        KafkaConnection.to("localhost:" + ports.get("KAFKA_PORT")), "model-snapshots");
  }

  private boolean newer(Map<String, Long> before) {
    Map<String, Long> now = versions();
    return before.entrySet().stream().allMatch(e -> now.get(e.getKey()) > e.getValue());
  }

  private String container(String service) throws Exception {
    return compose("ps", "-q", service).strip();
  }

  /** Ends the JVM in a container, which its engine starts again by itself. */
  private void crash(String service) throws Exception {
    docker("exec", container(service), "bash", "-c", "kill -9 -- -1");
  }

  private String compose(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("docker-compose", "-p", project));
    command.addAll(List.of(words));
    return run(command);
  }

  private void docker(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(words));
    run(command);
  }

  /** What it says on its standard output. */
  private String run(List<String> command) throws Exception {
    Path error = Files.createTempFile("compose", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(Path.of("..").toFile()).redirectError(error.toFile());
    builder.environment().putAll(ports);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    String complaint = Files.readString(error);
    Files.delete(error);
    // kill -9 of all ends the shell that says it, too.
    boolean crash = command.contains("kill -9 -- -1");
    assertThat(exit).as("%s: %s", command, complaint).isIn(crash ? List.of(0, 137) : List.of(0));
    return said;
  }

  private void awaitTrue(Callable<Boolean> condition) throws Exception {
    try {
      Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(condition);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(compose("ps") + compose("logs", "--no-color", "--tail", "60"), e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
