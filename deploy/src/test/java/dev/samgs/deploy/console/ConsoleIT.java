package dev.samgs.deploy.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.ControlCommand.Action;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.Chromium;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.embedded.TopicReader;
import dev.samgs.deploy.predict.Published;
import dev.samgs.job.config.PortRange;
import java.net.URI;
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
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The console as a browser shows it, on a real broker, filled in transactions as a job does. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ConsoleIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The default checkpoint interval: what a job finds becomes visible one interval later. */
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private static final String MODEL = "line-1";
  private static final List<String> TASKS = List.of("hours", "fault", "grade");

  /** A name that would run a script if it got into the page as it is. */
  private static final String HOSTILE = "<img src=x onerror=alert(1)>";

  private static final ConsoleTopics TOPICS =
      new ConsoleTopics(
          "task-metrics", "drift-alarms", "model-snapshots", "dead-letters", "model-control");

  @TempDir private static Path directory;

  private static EmbeddedKafka kafka;
  private static KafkaConnection connection;
  private static Published job;
  private static Console console;
  private static Chromium chromium;
  private static long start;
  private static int update;

  @BeforeAll
  static void open() throws Exception {
    Optional<Path> executable = Chromium.installed();
    assumeTrue(executable.isPresent(), "Chromium is not installed, so nobody looks at the console");
    kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("kafka")));
    connection = KafkaConnection.to(kafka.bootstrapServers());
    // The console is there before the topics are.
    console =
        Console.start(
            "127.0.0.1", new PortRange(0, 0), connection, TOPICS, Duration.ofHours(1), true);
    Topics.prepare(
        connection,
        List.of(
            TopicPlan.reports(TOPICS.metrics(), 2, 1, Duration.ofDays(1)),
            TopicPlan.reports(TOPICS.alarms(), 1, 1, Duration.ofDays(1)),
            TopicPlan.reports(TOPICS.control(), 1, 1, Duration.ofDays(1)),
            TopicPlan.deadLetters(TOPICS.deadLetters(), 1, 1, Duration.ofDays(1), 1 << 20)));
    job = new Published(connection, TOPICS.snapshots());
    start = System.currentTimeMillis();
    for (int i = 0; i < 3; i++) {
      job.publish(MODEL);
    }
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(letters());
    for (int i = 0; i < 30; i++) {
      records.addAll(step("stable"));
    }
    for (int i = 0; i < 3000; i++) {
      records.add(
          record(
              TOPICS.metrics(),
              "press-" + i,
              metrics("press-" + i, "fault", 1, "stable").toJson()));
    }
    commit(records);
    chromium = new Chromium(executable.get(), Files.createDirectory(directory.resolve("profile")));
  }

  @BeforeEach
  void load() throws Exception {
    chromium.emulate(1440, 900, false, false);
    chromium.open(URI.create("about:blank"));
    chromium.open(console.address().resolve("#model=" + MODEL));
    await("document.querySelectorAll('#scores path.line').length === 6");
  }

  @AfterAll
  static void close() throws Exception {
    for (AutoCloseable part : new AutoCloseable[] {chromium, console, job, kafka}) {
      if (part != null) {
        part.close();
      }
    }
  }

  @Test
  @Order(1)
  void showsWhatTheTopicsHoldAndAsksNobodyElse() throws Exception {
    await("document.querySelector('#connection').textContent === 'live'");
    assertThat(text("#name")).isEqualTo(MODEL);
    assertThat(text("#scores figure:nth-child(2)")).contains("fault", "0.9", "baseline 0.6");
    assertThat(number("document.querySelectorAll('#losses path.line.baseline').length"))
        .isEqualTo(3);
    assertThat(
            number(
                "[...document.querySelectorAll('path.line')].filter(l => l.getTotalLength() > 50).length"))
        .as("three scores, three losses, their baselines, and two of the surgery")
        .isEqualTo(14);
    assertThat(number("document.querySelectorAll('svg.heat rect.along').length")).isEqualTo(6);
    assertThat(number("document.querySelectorAll('svg.heat rect.against').length")).isEqualTo(6);
    assertThat(text("#gradients .now"))
        .isEqualTo("25\u00a0%of steps equalise; 25\u00a0% since the model began");
    assertThat(number("document.querySelectorAll('#snapshots tbody tr').length")).isEqualTo(3);
    assertThat(text("#letters")).contains("malformed", "events-0 at 17", HOSTILE);
    assertThat(number("document.images.length")).as("records are text and nothing else").isZero();
    assertThat(text("#totals")).contains("models3,001", "dead letters2");
    assertThat(chromium.requests())
        .allMatch(
            address ->
                address.startsWith(console.address().toString()) || address.equals("about:blank"));
    assertThat(chromium.complaints()).isEmpty();
  }

  @Test
  @Order(2)
  void aDriftIsShownWithinTwoCheckpointIntervals() throws Exception {
    assertThat(text("#standing")).isEqualTo("stable");
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(step("drift"));
    records.add(record(TOPICS.alarms(), MODEL, alarm().toJson()));
    commit(records);
    // Found in one interval, committed at its end at the latest: one is left to show it.
    Awaitility.await().atMost(INTERVAL).until(() -> text("#standing").equals("drifting: fault"));
    assertThat(text("#alarms tbody")).contains("error of fault", "adwin", "0.05", "0.4");
    assertThat(number("document.querySelectorAll('#scores path.alarm').length")).isEqualTo(1);
    assertThat(text("#announcement")).isEqualTo("Drift alarm for line-1: fault");
    assertThat(text("#models li")).as("what drifts comes first").contains(MODEL, "drifting");
  }

  @Test
  @Order(3)
  void oneOfThousandsOfModelsIsFoundByItsName() throws Exception {
    assertThat(number("document.querySelectorAll('#models li').length")).isEqualTo(100);
    assertThat(text("#more")).isEqualTo("2,901 more; type to narrow the list");
    chromium.evaluate(
        "document.getElementById('search').value = 'PRESS-2718';"
            + "document.getElementById('search').dispatchEvent(new Event('input'))");
    assertThat(text("#models")).contains("press-2718");
    chromium.evaluate("document.querySelector('#models a').click()");
    await("document.querySelector('#name').textContent === 'press-2718'");
    assertThat(number("document.querySelectorAll('#scores figure').length")).isEqualTo(1);
  }

  @Test
  @Order(4)
  void aRollbackNeedsTheModelsNameAndWritesWhatTheCommandLineWrites() throws Exception {
    String version =
        chromium
            .evaluate("document.querySelectorAll('[data-action=rollback]')[0].dataset.version")
            .asText();
    chromium.evaluate("document.querySelectorAll('[data-action=rollback]')[0].click()");
    assertThat(chromium.evaluate("document.activeElement.id").asText()).isEqualTo("d-confirm");
    type("d-confirm", "line-2");
    assertThat(chromium.evaluate("document.getElementById('d-send').disabled").asBoolean())
        .isTrue();
    type("d-reason", "scrap rate doubled");
    type("d-confirm", MODEL);
    chromium.evaluate("document.getElementById('d-send').click()");
    await("document.getElementById('d-answer').className === 'good'");

    List<ControlCommand> commands = new CopyOnWriteArrayList<>();
    try (TopicReader reader =
        new TopicReader(
            "commands",
            connection,
            List.of(TOPICS.control()),
            records -> records.forEach(r -> commands.add(parsed(r.key(), r.value()))))) {
      reader.awaitEnd(PATIENCE);
    }
    assertThat(commands).hasSize(1);
    ControlCommand command = commands.get(0);
    assertThat(command.model()).isEqualTo(MODEL);
    assertThat(command.action()).isEqualTo(Action.ROLLBACK);
    assertThat(command.version()).hasValue(Long.parseLong(version));
    assertThat(command.reason()).isEqualTo("scrap rate doubled");
    assertThat(command.by()).isEqualTo(System.getProperty("user.name"));
    await("document.getElementById('commands').textContent.includes('scrap rate doubled')");
  }

  @Test
  @Order(5)
  void otherSitesAndOtherNamesAreRefused() throws Exception {
    String good = "{\"model\":\"line-1\",\"confirm\":\"line-1\",\"action\":\"pin\"}";
    String origin = console.address().toString().replaceAll("/$", "");
    assertThat(post(good, "application/json", "http://evil.example")).isEqualTo(403);
    assertThat(post(good, "application/json", null)).isEqualTo(403);
    assertThat(post(good, "text/plain", origin)).isEqualTo(415);
    assertThat(
            post(
                good.replace("confirm\":\"line-1", "confirm\":\"line-2"),
                "application/json",
                origin))
        .isEqualTo(400);
    assertThat(post(good.replace("line-1", "line-9"), "application/json", origin)).isEqualTo(404);
    assertThat(post("x".repeat(5000), "application/json", origin)).isEqualTo(413);
    String named =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://localhost:" + console.address().getPort() + "/"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .headers()
            .firstValue("Content-Security-Policy")
            .orElse("");
    assertThat(named).contains("default-src 'none'", "script-src 'self'").doesNotContain("unsafe");
    assertThat(foreignHost()).startsWith("HTTP/1.1 421 ");
  }

  @Test
  @Order(6)
  void aPhoneNeedsNoSidewaysScrollingAndTextIsReadableInLightAndDark() throws Exception {
    for (boolean dark : List.of(false, true)) {
      chromium.emulate(390, 844, true, dark);
      assertThat(number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(390);
      assertThat(number(LOWEST_CONTRAST))
          .as("lowest contrast, dark: " + dark)
          .isGreaterThanOrEqualTo(4.5);
    }
    String focused = "document.activeElement.matches('svg.plot')";
    for (int i = 0; i < 130 && !chromium.evaluate(focused).asBoolean(); i++) {
      chromium.press("Tab");
    }
    assertThat(chromium.evaluate(focused).asBoolean()).as("a chart has the focus").isTrue();
    assertThat(
            chromium
                .evaluate(
                    "document.activeElement.parentElement.querySelector('output').textContent")
                .asText())
        .contains("learner ", "baseline ");
  }

  @Test
  @Order(7)
  void survivesARestartOfTheBrokerAndSaysSo() throws Exception {
    kafka.close();
    await(
        "document.querySelector('#connection').textContent.includes('does not answer; trying again')");
    int port = Integer.parseInt(connection.bootstrapServers().replaceFirst(".*:", ""));
    kafka = EmbeddedKafka.start(directory.resolve("kafka"), port, port, Map.of());
    await("document.querySelector('#connection').textContent === 'live'");
    double before = number("document.querySelectorAll('#snapshots tbody tr').length");
    SnapshotRecord next = job.publish(MODEL);
    await("document.querySelectorAll('#snapshots tbody tr').length === " + (int) (before + 1));
    assertThat(text("#snapshots tbody tr")).contains("#" + next.version());
    assertThat(chromium.complaints()).isEmpty();
  }

  /** Of all elements with text of their own, in front of the nearest painted background. */
  private static final String LOWEST_CONTRAST =
      """
      (() => {
      const channels = colour => colour.match(/[\\d.]+/g).map(Number);
      const luminance = colour => channels(colour).slice(0, 3)
        .map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      return Math.min(...[...document.querySelectorAll('body *')].filter(e =>
          !e.closest('script, title, desc') && e.checkVisibility() &&
          [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
        .map(e => {
          const style = getComputedStyle(e);
          const front = luminance(e instanceof SVGElement ? style.fill : style.color);
          let behind = e;
          while (behind.parentElement && channels(getComputedStyle(behind).backgroundColor)[3] === 0) {
            behind = behind.parentElement;
          }
          const back = luminance(getComputedStyle(behind).backgroundColor);
          return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        })); })()\
      """;

  private static int post(String body, String type, String origin) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(console.address().resolve("control"))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (origin != null) {
      request.header("Origin", origin);
    }
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(JSON.readTree(answer.body()).path("error").asText()).isNotEmpty();
    return answer.statusCode();
  }

  /** What somebody is told whose name server says that this machine is his. */
  private static String foreignHost() throws Exception {
    try (java.net.Socket socket = new java.net.Socket("127.0.0.1", console.address().getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /events HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static ControlCommand parsed(byte[] key, byte[] value) {
    try {
      return ControlCommand.parse(key, value);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static void commit(List<ProducerRecord<byte[], byte[]>> records) {
    job.commit(records.toArray(ProducerRecord[]::new));
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, String model, byte[] value) {
    return new ProducerRecord<>(topic, model.getBytes(StandardCharsets.UTF_8), value);
  }

  private static List<ProducerRecord<byte[], byte[]>> letters() {
    List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>();
    for (String value : List.of("{\"model\": \"line-1\", " + HOSTILE, "\u0001\u0002")) {
      letters.add(
          DeadLetterRecords.toProducerRecord(
              TOPICS.deadLetters(),
              new DeadLetter(
                  new SourceRecord(
                      "events", 0, 17, start, null, value.getBytes(StandardCharsets.UTF_8)),
                  List.of(new Refusal(RefusalReason.MALFORMED, "", "the record is not JSON")),
                  false),
              1 << 20));
    }
    return letters;
  }

  /** The metrics of all tasks after the model's next step. */
  private static List<ProducerRecord<byte[], byte[]>> step(String drift) {
    update++;
    return TASKS.stream()
        .map(
            task ->
                record(
                    TOPICS.metrics(),
                    MODEL,
                    metrics(MODEL, task, update, task.equals("fault") ? drift : "stable").toJson()))
        .toList();
  }

  private static TaskMetrics metrics(String model, String task, int update, String drift) {
    try {
      String others =
          TASKS.stream()
              .filter(other -> !other.equals(task))
              .map(o -> "{\"task\":\"" + o + "\",\"magnitude\":0.4,\"cosine\":-0.2}")
              .reduce((a, b) -> a + "," + b)
              .orElseThrow();
      return TaskMetrics.fromJson(
          ("""
          {"model":"%s","task":"%s","kind":"binary","version":3,"update":%d,"rows":%d,"watermark":%d,
           "labels":%d,"loss":%s,"baselineLoss":0.7,"score":%s,"baselineScore":0.6,
           "gradientNorm":1.5,"effectiveWeight":0.8,"similarities":[%s],"meanSimilarity":0.4,
           "equalisedShare":0.25,"driftDetector":"adwin","driftStatistic":0.1,"driftState":"%s"}
          """
                  .formatted(
                      model,
                      task,
                      update,
                      32L * update,
                      start + 5000L * update,
                      32L * update,
                      0.2 + 1.0 / (1 + update),
                      0.9 + 0.001 * update,
                      others,
                      drift))
              .getBytes(StandardCharsets.UTF_8));
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static DriftAlarmRecord alarm() {
    long now = start + 5000L * update;
    return new DriftAlarmRecord(
        MODEL,
        "error",
        "fault",
        "adwin",
        update,
        now - 5000,
        now - 20_000,
        0.05,
        0.4,
        90,
        List.of());
  }

  private static void type(String id, String text) throws Exception {
    chromium.evaluate(
        "document.getElementById('%s').value = '%s';".formatted(id, text)
            + "document.getElementById('%s').dispatchEvent(new Event('input'))".formatted(id));
  }

  private static void await(String condition) {
    Awaitility.await(condition)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> chromium.evaluate(condition).asBoolean());
  }

  private static double number(String expression) throws Exception {
    return chromium.evaluate(expression).asDouble();
  }

  private static String text(String selector) throws Exception {
    JsonNode text = chromium.evaluate("document.querySelector(\"" + selector + "\").textContent");
    return text.asText();
  }
}
