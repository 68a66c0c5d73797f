package dev.samgs.deploy.chaos;

import dev.samgs.deploy.cluster.Broker;
import dev.samgs.deploy.cluster.JobManager;
import dev.samgs.deploy.cluster.TaskManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo;

/**
 * A broker, a job manager and a task manager: three JVMs of their own, on fixed ports. All that
 * goes to the broker and comes from it passes a link that can be cut.
 */
final class Plant implements AutoCloseable {
  static final int SLOTS = 2;

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration STOP_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration OUTAGE = Duration.ofSeconds(6);
  private static final Duration SLOW_DELAY = Duration.ofMillis(200);
  private static final long SLOW_BYTES_PER_SECOND = 100_000;
  private static final Duration TICK = Duration.ofMillis(100);
  private static final String LOOPBACK = "127.0.0.1";

  private final Path directory;
  private final Path checkpoints;
  private final int brokerPort;
  private final FaultyLink link;
  private final int restPort;
  private final int rpcPort;
  private final Supervised broker;
  private final RestClusterClient<String> client;
  private Supervised jobManager;
  private Supervised taskManager;
  private Path configuration;
  private int kills;

  /**
   * Starts the broker.
   *
   * @param directory for all that the processes write
   */
  Plant(Path directory) throws Exception {
    this.directory = directory;
    this.checkpoints = directory.resolve("checkpoints");
    this.brokerPort = freePort();
    this.link = FaultyLink.to(brokerPort);
    this.restPort = freePort();
    this.rpcPort = freePort();
    Path data = Files.createDirectories(directory.resolve("kafka"));
    this.broker =
        new Supervised(
            "broker",
            Files.createDirectories(directory.resolve("broker")),
            jvm("512m"),
            Broker.class,
            List.of(data.toString(), Integer.toString(brokerPort), Integer.toString(link.port())));
    Configuration rest = new Configuration();
    rest.set(RestOptions.ADDRESS, LOOPBACK);
    rest.set(RestOptions.PORT, restPort);
    rest.set(RestOptions.RETRY_MAX_ATTEMPTS, 1);
    this.client = new RestClusterClient<>(rest, "standalone");
  }

  /**
   * Waits until the broker takes connections.
   *
   * @throws IllegalStateException if it has not started within that time
   */
  void awaitBroker(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      try (Socket probe = new Socket(InetAddress.getByName(LOOPBACK), brokerPort)) {
        return;
      } catch (IOException e) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("the broker has not started; see its log", e);
        }
        Thread.sleep(TICK.toMillis());
      }
    }
  }

  /** Starts the job on a cluster of its own. */
  void startJob(Path configuration) throws IOException {
    this.configuration = configuration;
    this.jobManager =
        new Supervised(
            "job-manager",
            Files.createDirectories(directory.resolve("job-manager")),
            jvm("384m"),
            JobManager.class,
            jobArguments());
    List<String> task = new ArrayList<>(cluster());
    task.add("-Dtaskmanager.host=" + LOOPBACK);
    task.add("-Dtaskmanager.bind-host=" + LOOPBACK);
    task.add("-Dtaskmanager.numberOfTaskSlots=" + SLOTS);
    task.add("-Dtaskmanager.memory.managed.size=64m");
    this.taskManager =
        new Supervised(
            "task-manager",
            Files.createDirectories(directory.resolve("task-manager")),
            jvm("768m"),
            TaskManager.class,
            task);
  }

  private List<String> jobArguments() {
    List<String> job = new ArrayList<>(cluster());
    job.addAll(List.of("--config", configuration.toString()));
    job.add("-Djobmanager.bind-host=" + LOOPBACK);
    job.add("-Drest.address=" + LOOPBACK);
    job.add("-Drest.bind-address=" + LOOPBACK);
    job.add("-Drest.port=" + restPort);
    return job;
  }

  /** Whoever is gone is noticed within seconds. */
  private List<String> cluster() {
    return List.of(
        "-Djobmanager.rpc.address=" + LOOPBACK,
        "-Djobmanager.rpc.port=" + rpcPort,
        "-Dheartbeat.interval=1 s",
        "-Dheartbeat.timeout=8 s",
        "-Dheartbeat.rpc-failure-threshold=1",
        "-Dcluster.registration.initial-timeout=100 ms",
        "-Dcluster.registration.max-timeout=1 s",
        "-Dcluster.registration.error-delay=500 ms",
        "-Dcluster.registration.refused-registration-delay=500 ms");
  }

  private static List<String> jvm(String heap) {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    // Flink's client looks into java.util when it runs an application.
    options.add("--add-opens=java.base/java.util=ALL-UNNAMED");
    options.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    for (String told : List.of("org.bytedeco.javacpp.cachedir", "log4j2.configurationFile")) {
      if (System.getProperty(told) != null) {
        options.add("-D" + told + "=" + System.getProperty(told));
      }
    }
    return options;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
      return socket.getLocalPort();
    }
  }

  /** Where clients find the broker, whichever process it is at the time. */
  String bootstrapServers() {
    return LOOPBACK + ":" + link.port();
  }

  /** Where the job's checkpoints go. */
  Path checkpoints() {
    return checkpoints;
  }

  /** How many processes were killed. */
  int kills() {
    return kills;
  }

  /**
   * Makes a fault.
   *
   * @param configuration of the job after it, for those that change it
   */
  void make(Fault fault, Path configuration) throws Exception {
    switch (fault) {
      case TASK_MANAGER -> kill(taskManager);
      case JOB_MANAGER -> kill(jobManager);
      case BOTH -> {
        kill(jobManager);
        kill(taskManager);
        int starts = taskManager.starts();
        while (taskManager.starts() == starts) {
          Thread.sleep(TICK.toMillis());
        }
        Thread.sleep(OUTAGE.toMillis() / 2);
        kill(taskManager);
      }
      case BROKER -> kill(broker);
      case LINK_CUT -> {
        link.cut();
        Thread.sleep(OUTAGE.toMillis());
        link.mend();
      }
      case LINK_SLOW -> {
        link.slow(SLOW_DELAY, SLOW_BYTES_PER_SECOND);
        Thread.sleep(OUTAGE.toMillis());
        link.mend();
      }
      case STORE -> {
        Path away = directory.resolve("checkpoints.away");
        Files.move(checkpoints, away);
        Files.createFile(checkpoints);
        Thread.sleep(OUTAGE.toMillis());
        Files.delete(checkpoints);
        Files.move(away, checkpoints);
      }
      case RESCALE -> {
        this.configuration = configuration;
        jobManager.arguments(jobArguments());
        stop(false);
      }
    }
  }

  private void kill(Supervised process) throws InterruptedException {
    process.kill();
    kills++;
  }

  /**
   * Stops the job with a savepoint, among its checkpoints; its job manager ends with it, and is
   * started again.
   *
   * @param drain whether the job first does what it does at the end of its input
   */
  private void stop(boolean drain) throws Exception {
    long deadline = System.nanoTime() + STOP_TIMEOUT.toNanos();
    while (true) {
      try {
        JobID job = runningJob();
        client
            .stopWithSavepoint(
                job,
                drain,
                checkpoints.resolve("savepoints").toUri().toString(),
                SavepointFormatType.CANONICAL)
            .get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (ExecutionException | TimeoutException | IllegalStateException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        Thread.sleep(TICK.toMillis());
      }
    }
  }

  /** Ends the job as the end of its input does, once and for all. */
  void finish() throws Exception {
    stop(true);
    jobManager.close();
    taskManager.close();
  }

  /** The job, all of whose tasks run. */
  private JobID runningJob() throws InterruptedException, ExecutionException, TimeoutException {
    Collection<JobStatusMessage> jobs =
        client.listJobs().get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    for (JobStatusMessage job : jobs) {
      if (job.getJobState() == JobStatus.RUNNING
          && client
              .getJobDetails(job.getJobId())
              .get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
              .getJobVertexInfos()
              .stream()
              .map(JobDetailsInfo.JobVertexDetailsInfo::getExecutionState)
              .allMatch(ExecutionState.RUNNING::equals)) {
        return job.getJobId();
      }
    }
    throw new IllegalStateException("no job runs");
  }

  @Override
  public void close() throws InterruptedException, IOException {
    client.close();
    for (Supervised process : new Supervised[] {taskManager, jobManager, broker}) {
      if (process != null) {
        process.close();
      }
    }
    link.close();
  }
}
