package dev.samgs.deploy.cli;

import dev.samgs.deploy.embedded.EmbeddedFlink;
import dev.samgs.deploy.embedded.TemporaryDirectory;
import dev.samgs.deploy.terminal.StopRequest;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.job.SamGsJob;
import dev.samgs.job.SavedState;
import dev.samgs.job.config.CheckpointSettings.Resume;
import dev.samgs.job.config.ConfigurationException;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.metrics.SharedMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.util.SerializedThrowable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the job on a cluster inside this process. */
@Command(
    name = "train",
    customSynopsis = "samgs train --config YAML [--bootstrap-servers HOST:PORT] [OPTION]...",
    sortOptions = false,
    description = {
      "Runs the training job against an existing Kafka broker, on a Flink cluster inside this"
          + " process, until Ctrl-C or SIGTERM stops it with a savepoint.",
      ""
    })
final class TrainCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(200);

  /** A job that is only just starting, or starting again, cannot be stopped yet. */
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

  private static final Duration STOP_TIMEOUT = Duration.ofMinutes(2);

  private static final String LATEST = "latest";

  private final Terminal out;
  private final Terminal err;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "YAML",
      description = "Configuration of the job, as samgs init writes it.")
  private Path config;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "Brokers to begin with, instead of those in the configuration.")
  private String bootstrapServers;

  @Option(
      names = "--restore",
      paramLabel = "PATH",
      description =
          "Savepoint or checkpoint to continue from; latest for the newest of either among the"
              + " job's checkpoints.")
  private String restore;

  @Option(
      names = "--new-incarnation",
      description =
          "Go on, with higher versions, where the restored state is older than what is published.")
  private boolean newIncarnation;

  TrainCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    JobConfiguration job = configuration();
    StopRequest stop = StopRequest.onSignals();
    try (TemporaryDirectory temporary = TemporaryDirectory.create();
        EmbeddedFlink flink =
            EmbeddedFlink.start(
                job.execution().parallelism(), temporary.path(), new Configuration())) {
      JobID id = flink.submit(graph(job));
      return run(flink, id, job, stop);
    }
  }

  private JobConfiguration configuration() throws ConfigurationException, IOException {
    JobConfiguration job = JobConfiguration.read(config);
    if (bootstrapServers != null) {
      job = job.withBootstrapServers(bootstrapServers);
    }
    return newIncarnation ? job.withNewIncarnation() : job;
  }

  private StreamGraph graph(JobConfiguration job) throws CommandFailure {
    Configuration start = new Configuration();
    start.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints(job));
    Optional<SavedState> newest = SavedState.newest(checkpoints(job));
    if (LATEST.equals(restore)) {
      restore =
          newest
              .orElseThrow(
                  () ->
                      new CommandFailure(
                          "there is no checkpoint in " + checkpoints(job) + " to continue from"))
              .path();
    }
    if (restore != null) {
      start.set(StateRecoveryOptions.SAVEPOINT_PATH, restore);
    } else if (newest.isPresent() && job.checkpoints().resume() == Resume.NONE) {
      err.print(
          "the models begin afresh, and an earlier run has left "
              + newest.get().path()
              + "; --restore latest continues from there");
    }
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(start);
    try {
      SamGsJob.build(environment, job);
    } catch (IllegalStateException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
    return environment.getStreamGraph();
  }

  /** Where checkpoints go: as configured, else into the working directory. */
  private static String checkpoints(JobConfiguration job) {
    return job.checkpoints().directory() != null
        ? job.checkpoints().directory()
        : Path.of(".samgs", job.name()).toAbsolutePath().toUri().toString();
  }

  private int run(EmbeddedFlink flink, JobID id, JobConfiguration job, StopRequest stop)
      throws Exception {
    CompletableFuture<JobResult> result = flink.result(id);
    err.print(
        "training '"
            + job.name()
            + "' from topic "
            + job.input().topic()
            + " at "
            + job.kafka().bootstrapServers()
            + "; checkpoints go to "
            + checkpoints(job)
            + "; Ctrl-C or SIGTERM stops it with a savepoint");
    boolean announced = false;
    while (!stop.await(TICK) && !result.isDone()) {
      OptionalInt port = SharedMetrics.port();
      if (!announced && port.isPresent()) {
        announced = true;
        err.print("metrics are at http://localhost:" + port.getAsInt() + "/metrics");
      }
    }
    if (result.isDone()) {
      return ended(result.get());
    }
    return stopped(flink, id, job);
  }

  /** A bounded input has come to its end, or the job has failed for good. */
  private int ended(JobResult result) throws CommandFailure {
    if (result.isSuccess()) {
      out.print("the input is learned to its end");
      return 0;
    }
    SerializedThrowable failure = result.getSerializedThrowable().orElseThrow();
    throw new CommandFailure("the job has failed: " + innermost(failure).getMessage(), failure);
  }

  private int stopped(EmbeddedFlink flink, JobID id, JobConfiguration job) throws Exception {
    err.print("stopping ...");
    String directory = checkpoints(job).replaceFirst("/*$", "/savepoints");
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    String savepoint;
    try {
      while (!flink.allRunning(id) && System.nanoTime() - deadline < 0) {
        Thread.sleep(TICK.toMillis());
      }
      savepoint = flink.stop(id, directory, false, STOP_TIMEOUT);
    } catch (ExecutionException | TimeoutException e) {
      throw new CommandFailure(
          "the job did not stop with a savepoint ("
              + innermost(e)
              + "); its last checkpoint is in "
              + checkpoints(job),
          e);
    }
    out.print("stopped; to continue: samgs train --config " + config + " --restore " + savepoint);
    return 0;
  }

  private static Throwable innermost(Throwable thrown) {
    Throwable innermost = thrown;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return innermost;
  }
}
