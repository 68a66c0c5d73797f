package dev.samgs.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.JsonEventEncoder;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.simulator.FactoryLine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a task manager that goes through one failure after the other. */
class MetricsEndpointIT {
  private static final String EVENTS = "events";
  private static final String LINE = "press";
  private static final int MINI_BATCH = 32;
  private static final int BATCHES = 10;
  private static final int FAILOVERS = 3;
  private static final String JCMD =
      Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();

  @TempDir Path directory;

  private final FactoryLine line = new FactoryLine(LINE, 1, FactoryLine.Drift.NONE);
  private final JsonEventEncoder encoder =
      new JsonEventEncoder(FactoryLine.FEATURES, FactoryLine.TASKS, FeatureForm.BY_NAME);

  /** Event time: without a gap that would close a mini-batch early. */
  private long clock = 1_800_000_000_000L;

  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * Each time the job manager dies, the task manager gives up the job with its class loader; the
   * next one submits the job anew from its newest checkpoint, and it comes to the same process.
   */
  @Test
  void threeFailoversLeaveOneTaskManagerItsPortAndNoOldClasses() throws Exception {
    int port = freePort();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        FlinkProcesses flink =
            FlinkProcesses.start(
                Files.createDirectory(directory.resolve("flink")),
                1,
                Map.of("execution.checkpointing.dir", checkpoints().toUri().toString()))) {
      KafkaConnection connection = KafkaConnection.to(kafka.bootstrapServers());
      Topics.prepare(connection, List.of(TopicPlan.events(EVENTS, 1, 1)));
      String config = configuration(connection, port).toString();
      Process taskManager = flink.taskManager();
      for (int failover = 0; ; failover++) {
        flink.submit(newestCheckpoint(), "--config", config);
        send(connection);
        awaitRows(port, (failover + 1) * BATCHES * MINI_BATCH);
        assertThat(scrape(port)).contains("\nsamgs_metrics_bind_failures_total 0.0\n");
        assertThat(userCodeLoaders(taskManager)).as("loaders of user code").isEqualTo(1);
        if (failover == FAILOVERS) {
          break;
        }
        FlinkProcesses.kill(flink.jobManager());
        awaitFree(port);
        flink.startJobManager();
        Awaitility.await("the old class loader is collected")
            .atMost(Duration.ofSeconds(60))
            .until(() -> userCodeLoaders(taskManager) == 0);
        flink.awaitJobManager();
      }
      assertThat(flink.taskManager()).isSameAs(taskManager);
      assertThat(taskManager.isAlive()).isTrue();
    }
  }

  private Path configuration(KafkaConnection connection, int port) throws IOException {
    return Files.writeString(
        directory.resolve("job.yaml"),
        """
        name: %s
        model:
          features: %s
          tasks:
            - {name: %s, kind: regression}
            - {name: %s, kind: binary}
            - {name: %s, kind: multiclass, classes: 3}
            - {name: %s, kind: regression}
          learning: {mini-batch: %d}
        kafka: {bootstrap-servers: "%s"}
        input: {topic: %s}
        metrics: {host: 127.0.0.1, port: %d}
        checkpoints: {interval: 300ms}
        """
            .formatted(
                LINE,
                FactoryLine.FEATURES,
                FactoryLine.REMAINING_HOURS,
                FactoryLine.FAULT,
                FactoryLine.QUALITY,
                FactoryLine.ENERGY_KWH,
                MINI_BATCH,
                connection.bootstrapServers(),
                EVENTS,
                port));
  }

  /** Sends as many events as fill their mini-batches. */
  private void send(KafkaConnection connection) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            connection.with(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < BATCHES * MINI_BATCH; i++) {
        producer.send(
            new ProducerRecord<>(
                EVENTS, LINE.getBytes(StandardCharsets.UTF_8), encoder.encode(labelled())));
      }
    }
  }

  /** The next part that somebody has looked at: others fill no mini-batch. */
  private LabelledEvent labelled() {
    while (true) {
      LabelledEvent event = line.next(clock++);
      if (!Arrays.stream(event.row().labels()).allMatch(Double::isNaN)) {
        return event;
      }
    }
  }

  private void awaitRows(int port, int rows) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(
            () ->
                assertThat(scrape(port))
                    .contains(
                        "\nsamgs_lifetime_rows{model=\"" + LINE + "\"} " + (double) rows + "\n"));
  }

  private String scrape(int port) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static void awaitFree(int port) {
    Awaitility.await("the port is free again")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              try (ServerSocket socket =
                  new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return socket.isBound();
              } catch (IOException taken) {
                return false;
              }
            });
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private Path checkpoints() {
    return directory.resolve("checkpoints");
  }

  /** The newest finished checkpoint; null if there is none. */
  private String newestCheckpoint() throws IOException {
    if (!Files.exists(checkpoints())) {
      return null;
    }
    try (Stream<Path> files = Files.walk(checkpoints())) {
      return files
          .filter(file -> file.getFileName().toString().equals("_metadata"))
          .max(Comparator.comparing(file -> file.toFile().lastModified()))
          .map(file -> file.getParent().toUri().toString())
          .orElse(null);
    }
  }

  /** Loaders of user code that are still there after a collection. */
  private static long userCodeLoaders(Process process) throws IOException, InterruptedException {
    jcmd(process, "GC.run");
    return jcmd(process, "VM.classloader_stats")
        .lines()
        .filter(line -> line.contains("ChildFirstClassLoader"))
        .count();
  }

  private static String jcmd(Process process, String command)
      throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(JCMD, Long.toString(process.pid()), command)
            .redirectErrorStream(true)
            .start();
    String told = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(jcmd.waitFor()).as(told).isZero();
    return told;
  }
}
