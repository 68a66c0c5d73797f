package dev.samgs.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboards for Grafana: their form, and every query of theirs put to a real Prometheus that
 * scrapes a running demonstration and evaluates the rules.
 */
class GrafanaDashboardsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
  private static final Path DASHBOARDS = Path.of("grafana/dashboards");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Path PROVISIONING = Path.of("grafana/provisioning");
  private static final int COLUMNS = 24;

  /** Grafana's data source variable. */
  private static final String DATA_SOURCE = "${datasource}";

  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir Path directory;

  @Test
  void everyDashboardIsWellFormedAndChoosesDataSourceAndModelByVariable() throws IOException {
    Map<String, JsonNode> dashboards = dashboards();
    assertThat(dashboards)
        .containsOnlyKeys("drift", "flow", "gradients", "health", "learning", "snapshots");
    dashboards.forEach(
        (name, dashboard) -> {
          assertThat(dashboard.get("uid").asText()).isEqualTo("samgs-" + name);
          assertThat(dashboard.get("id").isNull()).as("the id is Grafana's to give").isTrue();
          assertThat(dashboard.get("schemaVersion").asInt()).isEqualTo(39);
          assertThat(dashboard.at("/templating/list/0/type").asText()).isEqualTo("datasource");
          assertThat(dashboard.at("/templating/list/0/query").asText()).isEqualTo("prometheus");
          boolean byModel = dashboard.toString().contains("$model");
          assertThat(dashboard.at("/templating/list/1/name").asText())
              .isEqualTo(byModel ? "model" : "");
          checkPanels(name, dashboard.get("panels"));
        });
  }

  @Test
  void whatProvisionsThemNamesAPrometheusAndTheirDirectory() throws IOException {
    ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
    JsonNode source =
        yaml.readTree(Files.readString(PROVISIONING.resolve("datasources/prometheus.yml")));
    assertThat(source.at("/apiVersion").asInt()).isEqualTo(1);
    assertThat(source.at("/datasources/0/type").asText()).isEqualTo("prometheus");
    assertThat(source.at("/datasources/0/url").asText()).isEqualTo("${PROMETHEUS_URL}");
    JsonNode provider =
        yaml.readTree(Files.readString(PROVISIONING.resolve("dashboards/samgs.yml")));
    assertThat(provider.at("/apiVersion").asInt()).isEqualTo(1);
    assertThat(provider.at("/providers/0/type").asText()).isEqualTo("file");
    assertThat(provider.at("/providers/0/options/path").asText())
        .isEqualTo("/var/lib/grafana/dashboards");
  }

  private static void checkPanels(String dashboard, JsonNode panels) {
    TreeSet<Integer> ids = new TreeSet<>();
    boolean[][] taken = new boolean[200][COLUMNS];
    for (JsonNode panel : panels) {
      String title = dashboard + ": " + panel.get("title").asText();
      assertThat(ids.add(panel.get("id").asInt())).as(title).isTrue();
      assertThat(panel.get("type").asText()).as(title).isIn("timeseries", "stat");
      assertThat(panel.get("description").asText()).as(title).endsWith(".");
      assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotEmpty();
      assertThat(panel.get("targets")).as(title).isNotEmpty();
      for (JsonNode target : panel.get("targets")) {
        assertThat(target.at("/datasource/uid").asText()).as(title).isEqualTo(DATA_SOURCE);
        assertThat(target.get("legendFormat").asText()).as(title).isNotEmpty();
      }
      JsonNode place = panel.get("gridPos");
      for (int y = 0; y < place.get("h").asInt(); y++) {
        for (int x = 0; x < place.get("w").asInt(); x++) {
          boolean[] row = taken[place.get("y").asInt() + y];
          int column = place.get("x").asInt() + x;
          assertThat(row[column]).as(title + " lies on another panel").isFalse();
          row[column] = true;
        }
      }
    }
  }

  @Test
  void everyQueryHasAnAnswerFromARunningJob() throws Exception {
    assumeTrue(Files.isExecutable(PROMETHEUS), "prometheus is not installed (Debian: prometheus)");
    int metrics = freePort();
    int port = freePort();
    Path demoDirectory = Files.createDirectory(directory.resolve("demo"));
    try (SamgsProcess demo =
        SamgsProcess.java(
            demoDirectory,
            "demo",
            "--duration",
            "10m",
            "--rate",
            1000,
            "--port",
            metrics,
            "--console-port",
            0,
            "-o",
            "json")) {
      Process prometheus = prometheus(metrics, port);
      try {
        List<String> open = new ArrayList<>(queries());
        assertThat(open).hasSizeGreaterThan(50);
        Awaitility.await("answers to all queries")
            .atMost(PATIENCE)
            .pollInterval(Duration.ofSeconds(1))
            .untilAsserted(
                () -> {
                  open.removeIf(query -> answered(port, query));
                  assertThat(open).as("queries without an answer; %s", demo.err()).isEmpty();
                });
      } finally {
        prometheus.destroy();
        assertThat(prometheus.waitFor(60, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  /** The project's own configuration, on this demonstration, and so quick that a test can wait. */
  private Process prometheus(int metrics, int port) throws IOException {
    Path rules = Path.of("prometheus/samgs.rules.yml").toAbsolutePath();
    String configuration =
        Files.readString(Path.of("prometheus/prometheus.yml"))
            .replace("15s", "1s")
            .replace("samgs.rules.yml", rules.toString())
            .replace("localhost:9404", "127.0.0.1:" + metrics);
    Path file = Files.writeString(directory.resolve("prometheus.yml"), configuration);
    return new ProcessBuilder(
            PROMETHEUS.toString(),
            "--config.file=" + file,
            "--storage.tsdb.path=" + directory.resolve("tsdb"),
            "--web.listen-address=127.0.0.1:" + port,
            "--log.level=warn")
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("prometheus.log").toFile())
        .start();
  }

  /** All queries of all panels, variables and annotations as Grafana would put them. */
  private static List<String> queries() throws IOException {
    TreeSet<String> queries = new TreeSet<>();
    for (JsonNode dashboard : dashboards().values()) {
      for (JsonNode expression : dashboard.get("panels").findValues("expr")) {
        queries.add(expression.asText().replace("$__rate_interval", "4s").replace("$model", ".+"));
      }
      if (dashboard.toString().contains("$model")) {
        // What label_values asks for.
        queries.add("group by (model) (samgs_rows_total)");
      }
    }
    return List.copyOf(queries);
  }

  /** Whether there is a series with a figure in it. */
  private boolean answered(int port, String query) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(
                      "http://127.0.0.1:"
                          + port
                          + "/api/v1/query?query="
                          + URLEncoder.encode(query, StandardCharsets.UTF_8)))
              .build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode json = JSON.readTree(answer.body());
      assertThat(json.path("error").asText()).as(query).isEmpty();
      for (JsonNode series : json.at("/data/result")) {
        if (Double.isFinite(series.at("/value/1").asDouble(Double.NaN))) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      // It has not started yet.
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, JsonNode> dashboards() throws IOException {
    Map<String, JsonNode> dashboards = new TreeMap<>();
    try (Stream<Path> files = Files.list(DASHBOARDS)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        assertThat(name).endsWith(".json");
        dashboards.put(
            name.substring(0, name.length() - ".json".length()),
            JSON.readTree(Files.readString(file)));
      }
    }
    return dashboards;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
