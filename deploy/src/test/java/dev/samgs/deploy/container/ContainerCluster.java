package dev.samgs.deploy.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** Three containers on a Docker engine, the two of Flink from the project's own image. */
final class ContainerCluster implements Cluster {
  private static final Duration START_TIMEOUT = Duration.ofMinutes(5);
  private static final int METRICS_PORT = 9404;
  private static final int REST_PORT = 8081;

  private final Images images;
  private final String configuration;
  private final String checkpoints = "samgs-test-" + UUID.randomUUID();
  private final Network network = Network.newNetwork();
  private final KafkaContainer kafka;
  private GenericContainer<?> jobManager;
  private GenericContainer<?> taskManager;

  ContainerCluster(Images images, String configuration) {
    this.images = images;
    this.configuration = configuration.replaceFirst("localhost:9092", "kafka:19092");
    this.kafka =
        new KafkaContainer(
                DockerImageName.parse(images.kafka()).asCompatibleSubstituteFor("apache/kafka"))
            .withNetwork(network)
            .withListener("kafka:19092")
            .withStartupTimeout(START_TIMEOUT);
    kafka.start();
    startJobManager();
    startTaskManager();
  }

  private void startJobManager() {
    jobManager =
        started(
            () ->
                node("jobmanager")
                    .withCopyToContainer(Transferable.of(configuration), "/etc/samgs/samgs.yaml")
                    .withExposedPorts(REST_PORT)
                    .withCommand(
                        "jobmanager",
                        "--config",
                        "/etc/samgs/samgs.yaml",
                        "-Djobmanager.rpc.address=jobmanager",
                        "-Drest.bind-address=0.0.0.0",
                        "-Dheartbeat.interval=2 s",
                        "-Dheartbeat.timeout=15 s",
                        "-Dcluster.registration.error-delay=1 s")
                    .waitingFor(
                        Wait.forHttp("/overview")
                            .forPort(REST_PORT)
                            .withStartupTimeout(START_TIMEOUT)));
  }

  private void startTaskManager() {
    taskManager =
        started(
            () ->
                node("taskmanager")
                    .withExposedPorts(METRICS_PORT)
                    .withCommand(
                        "taskmanager",
                        "-Djobmanager.rpc.address=jobmanager",
                        "-Dheartbeat.interval=2 s",
                        "-Dheartbeat.timeout=15 s",
                        "-Dcluster.registration.error-delay=1 s")
                    .waitingFor(
                        Wait.forHttp("/metrics")
                            .forPort(METRICS_PORT)
                            .withStartupTimeout(START_TIMEOUT)));
  }

  private GenericContainer<?> node(String alias) {
    return new GenericContainer<>(DockerImageName.parse(images.samgs()))
        .withNetwork(network)
        .withNetworkAliases(alias)
        .withCreateContainerCmdModifier(
            create ->
                Objects.requireNonNull(create.getHostConfig())
                    .withMemory(1536L << 20)
                    .withBinds(new Bind(checkpoints, new Volume("/var/lib/samgs"))));
  }

  /** Its own log is what a container that does not come up leaves behind. */
  private static GenericContainer<?> started(Supplier<GenericContainer<?>> container) {
    GenericContainer<?> starting = container.get();
    try {
      starting.start();
      return starting;
    } catch (RuntimeException e) {
      String logs = starting.getContainerId() == null ? "" : starting.getLogs();
      starting.close();
      throw new IllegalStateException("a container did not start; it said: " + logs, e);
    }
  }

  @Override
  public String bootstrapServers() {
    return kafka.getBootstrapServers();
  }

  @Override
  public void replaceTaskManager() {
    kill(taskManager);
    startTaskManager();
  }

  @Override
  public void replaceJobManager() {
    kill(jobManager);
    startJobManager();
  }

  private static void kill(GenericContainer<?> container) {
    DockerClient docker = DockerClientFactory.instance().client();
    docker.killContainerCmd(container.getContainerId()).exec();
    container.close();
  }

  @Override
  public String scrape() throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "http://"
                + taskManager.getHost()
                + ":"
                + taskManager.getMappedPort(METRICS_PORT)
                + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Override
  public String logs() {
    return jobManager.getLogs() + taskManager.getLogs();
  }

  @Override
  public void close() {
    for (GenericContainer<?> container : List.of(taskManager, jobManager, kafka)) {
      container.close();
    }
    network.close();
    DockerClientFactory.instance().client().removeVolumeCmd(checkpoints).exec();
  }
}
