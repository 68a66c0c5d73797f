package dev.samgs.deploy.container;

import dev.samgs.deploy.cluster.JobManager;
import dev.samgs.deploy.cluster.TaskManager;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The embedded broker, and the two processes of Flink from the launcher's class path. */
final class ProcessCluster implements Cluster {
  private static final Path MODULE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();

  private final Path directory;
  private final EmbeddedKafka kafka;
  private final Path configuration;
  private final int rpcPort = freePort();
  private final int restPort = freePort();
  private final int metricsPort = freePort();
  private final List<Path> logs = new ArrayList<>();
  private Process jobManager;
  private Process taskManager;

  ProcessCluster(Path directory, String configuration) throws IOException {
    this.directory = directory;
    this.kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("kafka")));
    this.configuration =
        Files.writeString(
            directory.resolve("samgs.yaml"),
            configuration
                .replaceFirst("localhost:9092", kafka.bootstrapServers())
                .replaceFirst(
                    "file://" + CHECKPOINTS, directory.resolve("checkpoints").toUri() + "")
                .replaceFirst("port: 9404", "port: " + metricsPort));
    startJobManager();
    startTaskManager();
  }

  private void startJobManager() throws IOException {
    jobManager =
        java(
            JobManager.class,
            "--config",
            configuration.toString(),
            "-Djobmanager.rpc.address=localhost",
            "-Djobmanager.rpc.port=" + rpcPort,
            "-Drest.address=localhost",
            "-Drest.port=" + restPort,
            "-Dheartbeat.interval=1 s",
            "-Dheartbeat.timeout=8 s",
            "-Dheartbeat.rpc-failure-threshold=1",
            "-Dcluster.registration.max-timeout=1 s",
            "-Dcluster.registration.error-delay=500 ms");
  }

  private void startTaskManager() throws IOException {
    taskManager =
        java(
            TaskManager.class,
            "-Djobmanager.rpc.address=localhost",
            "-Djobmanager.rpc.port=" + rpcPort,
            "-Dtaskmanager.host=localhost",
            "-Dheartbeat.interval=1 s",
            "-Dheartbeat.timeout=8 s",
            "-Dheartbeat.rpc-failure-threshold=1",
            "-Dcluster.registration.max-timeout=1 s",
            "-Dcluster.registration.error-delay=500 ms");
  }

  private Process java(Class<?> main, String... args) throws IOException {
    Path log = directory.resolve(main.getSimpleName() + "-" + logs.size() + ".log");
    logs.add(log);
    Path temporary = Files.createDirectories(directory.resolve("tmp"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx768m");
    // Most of what a short run does is to start.
    command.add("-XX:TieredStopAtLevel=1");
    command.add("--add-opens=java.base/java.util=ALL-UNNAMED");
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    command.add(
        "-Dorg.bytedeco.javacpp.cachedir="
            + System.getProperty("org.bytedeco.javacpp.cachedir", temporary.toString()));
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-Dlog4j2.configurationFile=" + MODULE.resolve("docker/log4j2.properties"));
    command.addAll(List.of("-cp", MODULE.resolve("target/lib") + "/*", main.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  @Override
  public void replaceTaskManager() throws Exception {
    taskManager.destroyForcibly().waitFor();
    startTaskManager();
  }

  @Override
  public void replaceJobManager() throws Exception {
    jobManager.destroyForcibly().waitFor();
    startJobManager();
  }

  @Override
  public String scrape() throws Exception {
    URI uri = URI.create("http://localhost:" + metricsPort + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Override
  public String logs() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path log : logs) {
      all.append(Files.readString(log));
    }
    return all.toString();
  }

  @Override
  public void close() throws InterruptedException {
    taskManager.destroyForcibly().waitFor();
    jobManager.destroyForcibly().waitFor();
    kafka.close();
  }
}
