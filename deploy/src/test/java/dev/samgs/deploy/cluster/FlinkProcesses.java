package dev.samgs.deploy.cluster;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.client.cli.CliFrontend;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.awaitility.Awaitility;

/**
 * A Flink cluster as a plant has it: a job manager and a task manager, each a JVM of its own, to
 * which the packaged job jar is submitted. Its classes are loaded by Flink's loader of user code;
 * Flink and ND4J are on the processes' own class path. Either process can be killed and started
 * again, on the same ports.
 */
final class FlinkProcesses implements AutoCloseable {
  private static final Path MODULE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
  private static final List<String> OF_THE_JOB =
      List.of("samgs-", "flink-connector-kafka", "kafka", "micrometer-", "prometheus-");
  private static final String SUBMITTED = "Job has been submitted with JobID ";
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory;
  private final Path jobJar;
  private final String classPath;
  private final RestClusterClient<String> client;
  private Process jobManager;
  private Process taskManager;
  private int started;

  private FlinkProcesses(Path directory, Path jobJar, Map<String, String> settings)
      throws Exception {
    this.directory = directory;
    this.jobJar = jobJar;
    this.classPath = clusterClassPath();
    Files.createDirectories(conf());
    Files.write(
        conf().resolve("config.yaml"),
        settings.entrySet().stream().map(e -> e.getKey() + ": " + e.getValue()).toList());
    this.client =
        new RestClusterClient<>(
            GlobalConfiguration.loadConfiguration(conf().toString()), "standalone");
  }

  /**
   * Starts both processes and waits until the job manager answers.
   *
   * @param directory for configuration, logs and temporary files; it has to be empty
   * @param slots of the task manager
   * @param settings further settings of Flink; not changed
   */
  public static FlinkProcesses start(Path directory, int slots, Map<String, String> settings)
      throws Exception {
    Map<String, String> all = new TreeMap<>();
    all.put("jobmanager.rpc.address", "127.0.0.1");
    all.put("jobmanager.rpc.port", freePort());
    all.put("rest.address", "127.0.0.1");
    all.put("rest.bind-address", "127.0.0.1");
    all.put("rest.port", freePort());
    all.put("taskmanager.host", "127.0.0.1");
    all.put("taskmanager.numberOfTaskSlots", Integer.toString(slots));
    all.put("io.tmp.dirs", Files.createDirectories(directory.resolve("tmp")).toString());
    // What a shell script of Flink's would work out from the size of the process.
    all.put("taskmanager.cpu.cores", Integer.toString(slots));
    all.put("taskmanager.memory.framework.heap.size", "64m");
    all.put("taskmanager.memory.framework.off-heap.size", "64m");
    all.put("taskmanager.memory.task.heap.size", "320m");
    all.put("taskmanager.memory.task.off-heap.size", "128m");
    all.put("taskmanager.memory.managed.size", "32m");
    all.put("taskmanager.memory.network.min", "32m");
    all.put("taskmanager.memory.network.max", "32m");
    all.put("taskmanager.memory.jvm-metaspace.size", "192m");
    all.put("taskmanager.memory.jvm-overhead.min", "64m");
    all.put("taskmanager.memory.jvm-overhead.max", "64m");
    // Whoever is gone is noticed soon.
    all.put("heartbeat.interval", "1 s");
    all.put("heartbeat.timeout", "10 s");
    all.put("heartbeat.rpc-failure-threshold", "1");
    all.put("rest.connection-timeout", "2 s");
    all.put("rest.retry.delay", "100 ms");
    all.put("cluster.registration.initial-timeout", "100 ms");
    all.put("cluster.registration.max-timeout", "1 s");
    all.put("cluster.registration.error-delay", "500 ms");
    all.put("cluster.registration.refused-registration-delay", "500 ms");
    all.put("restart-strategy.type", "fixed-delay");
    all.put("restart-strategy.fixed-delay.attempts", "1000");
    all.put("restart-strategy.fixed-delay.delay", "200 ms");
    all.put("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    all.putAll(settings);
    FlinkProcesses cluster = new FlinkProcesses(directory, packagedJob(), all);
    try {
      cluster.startJobManager();
      cluster.startTaskManager();
      cluster.awaitJobManager();
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw new IllegalStateException("Flink has not started:\n" + cluster.logs(), e);
    }
    return cluster;
  }

  private static Path packagedJob() throws IOException {
    Path target = MODULE.resolveSibling("flink-job/target");
    try (Stream<Path> jars = Files.list(target)) {
      return jars.filter(jar -> jar.getFileName().toString().endsWith("-job.jar"))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException(target + " holds no packaged job"));
    }
  }

  /** The launcher's class path without what is the job's and not Flink's. */
  private static String clusterClassPath() throws IOException {
    try (Stream<Path> lib = Files.list(MODULE.resolve("target/lib"))) {
      return lib.filter(
              jar -> OF_THE_JOB.stream().noneMatch(jar.getFileName().toString()::startsWith))
          .map(Path::toString)
          .sorted()
          .collect(Collectors.joining(File.pathSeparator));
    }
  }

  private static String freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return Integer.toString(socket.getLocalPort());
    }
  }

  /** Starts the job manager, after it has been killed. */
  public void startJobManager() throws IOException {
    jobManager = daemon("jobmanager", StandaloneSessionClusterEntrypoint.class, "256m");
  }

  /** Starts the task manager, after it has been killed. */
  public void startTaskManager() throws IOException {
    taskManager = daemon("taskmanager", TaskManagerRunner.class, "384m");
  }

  private Process daemon(String name, Class<?> main, String heap) throws IOException {
    return process(log(name), main, heap, List.of("--configDir", conf().toString()));
  }

  private Path log(String name) {
    return directory.resolve(name + "-" + ++started + ".log");
  }

  private Path conf() {
    return directory.resolve("conf");
  }

  private Process process(Path log, Class<?> main, String heap, List<String> args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xms" + heap, "-Xmx" + heap, "-XX:+UseSerialGC"));
    // Most of what a short run does is to start.
    command.add("-XX:TieredStopAtLevel=1");
    // Caches of the JDK go with the collection, so that only what is really held is left.
    command.add("-XX:SoftRefLRUPolicyMSPerMB=0");
    // As Flink's own scripts do.
    command.add("--add-opens=java.base/java.util=ALL-UNNAMED");
    command.add("-Djava.io.tmpdir=" + directory.resolve("tmp"));
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    for (String told : List.of("org.bytedeco.javacpp.cachedir", "log4j2.configurationFile")) {
      if (System.getProperty(told) != null) {
        command.add("-D" + told + "=" + System.getProperty(told));
      }
    }
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(args);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("FLINK_CONF_DIR", conf().toString());
    return builder.start();
  }

  /** The newest job manager, alive or not. */
  public Process jobManager() {
    return jobManager;
  }

  /** The newest task manager, alive or not. */
  public Process taskManager() {
    return taskManager;
  }

  /** Ends a process at once, as a power cut does, and waits until it is gone. */
  public static void kill(Process process) throws InterruptedException {
    if (!process.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("process " + process.pid() + " cannot be killed");
    }
  }

  /** Waits until the job manager answers. */
  public void awaitJobManager() {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .failFast("the job manager has ended", () -> !jobManager.isAlive())
        .until(() -> client.listJobs().get(5, TimeUnit.SECONDS) != null);
  }

  /**
   * Submits the packaged job, as {@code flink run} does.
   *
   * @param checkpoint to begin from; null for none
   * @param args of the job's main
   */
  public void submit(String checkpoint, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("run", "--detached"));
    if (checkpoint != null) {
      command.addAll(List.of("--fromSavepoint", checkpoint));
    }
    command.add(jobJar.toString());
    command.addAll(List.of(args));
    Path log = log("submit");
    Process process = process(log, CliFrontend.class, "128m", command);
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      kill(process);
    }
    if (!Files.readString(log).contains(SUBMITTED)) {
      throw new IllegalStateException("the job is not accepted:\n" + logs());
    }
  }

  /** What the processes have logged. */
  public String logs() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<String> all = new ArrayList<>();
      for (Path log : files.filter(f -> f.toString().endsWith(".log")).sorted().toList()) {
        all.add("== " + log.getFileName() + "\n" + Files.readString(log));
      }
      return all.stream().collect(Collectors.joining("\n"));
    }
  }

  /** Kills what runs. */
  @Override
  public void close() throws InterruptedException {
    client.close();
    for (Process process : new Process[] {taskManager, jobManager}) {
      if (process != null) {
        kill(process);
      }
    }
  }
}
