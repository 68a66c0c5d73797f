package dev.samgs.job;

import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.job.config.CheckpointSettings;
import dev.samgs.job.config.CheckpointSettings.Resume;
import dev.samgs.job.config.ConfigurationException;
import dev.samgs.job.config.ExecutionSettings.StateBackend;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.operator.VersionFloor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The training job. Started by a cluster as
 *
 * <pre>{@code flink run samgs-job.jar --config samgs.yaml}</pre>
 *
 * or built into an environment of the caller's by {@link #build}.
 */
public final class SamGsJob {
  private static final Logger LOG = LoggerFactory.getLogger(SamGsJob.class);

  private static final int TOLERABLE_FAILED_CHECKPOINTS = 3;

  private SamGsJob() {}

  /**
   * Runs the job.
   *
   * @param args {@code --config FILE [--bootstrap-servers HOST:PORT,…] [--new-incarnation]}
   */
  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    build(environment, configuration(args));
    environment.execute();
  }

  private static JobConfiguration configuration(String[] args)
      throws ConfigurationException, IOException {
    Path file = null;
    String servers = null;
    boolean newIncarnation = false;
    Deque<String> left = new ArrayDeque<>(List.of(args));
    while (!left.isEmpty()) {
      String option = left.pop();
      switch (option) {
        case "--config" -> file = Path.of(valueOf(option, left));
        case "--bootstrap-servers" -> servers = valueOf(option, left);
        case "--new-incarnation" -> newIncarnation = true;
        default ->
            throw new IllegalArgumentException(
                "there is no option '"
                    + option
                    + "'; the options are --config FILE, --bootstrap-servers HOST:PORT,… and"
                    + " --new-incarnation");
      }
    }
    if (file == null) {
      throw new IllegalArgumentException("name the configuration: --config samgs.yaml");
    }
    JobConfiguration configuration = JobConfiguration.read(file);
    if (servers != null) {
      configuration = configuration.withBootstrapServers(servers);
    }
    return newIncarnation ? configuration.withNewIncarnation() : configuration;
  }

  private static String valueOf(String option, Deque<String> left) {
    if (left.isEmpty()) {
      throw new IllegalArgumentException("option " + option + " needs a value");
    }
    return left.pop();
  }

  /**
   * Adds the job to an environment: creates and checks its topics, finds the newest published
   * versions, sets what {@link #configuration(JobConfiguration)} says, and wires the operators.
   * Does not execute.
   *
   * @throws IllegalStateException if the job cannot run as configured; the message says what to do
   * @throws dev.samgs.connectors.kafka.KafkaAccessException if Kafka cannot be reached
   */
  public static void build(StreamExecutionEnvironment environment, JobConfiguration configuration) {
    environment.configure(configuration(configuration));
    refuseWithoutCheckpointDirectory(environment);
    KafkaPreparation kafka = new KafkaPreparation(configuration);
    kafka.transactionTimeout();
    kafka.topics();
    VersionFloor floor = kafka.floor();
    if (configuration.checkpoints().resume() == Resume.NEWEST) {
      resume(environment, floor);
    }
    TrainingPipeline.wire(environment, configuration, floor);
  }

  /**
   * Goes on from the newest checkpoint, unless it was said from where.
   *
   * @throws IllegalStateException if there is none and yet models were published: then the
   *     directory is not what it was, and beginning afresh would throw away what was learned
   */
  private static void resume(StreamExecutionEnvironment environment, VersionFloor floor) {
    ReadableConfig given = environment.getConfiguration();
    if (given.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).isPresent()) {
      return;
    }
    String directory = given.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY);
    Optional<SavedState> newest = SavedState.newest(directory);
    if (newest.isEmpty() && !floor.newest().isEmpty()) {
      throw new IllegalStateException(
          "there is no checkpoint in "
              + directory
              + " to go on from, and yet models are published: see that the directory is the one"
              + " that the job wrote to, and is mounted; to begin afresh above these models, set"
              + " checkpoints.resume: none");
    }
    if (newest.isEmpty()) {
      LOG.info("There is no checkpoint in {} yet: the models begin afresh.", directory);
      return;
    }
    LOG.info("Going on from {}.", newest.get().path());
    Configuration from = new Configuration();
    from.set(StateRecoveryOptions.SAVEPOINT_PATH, newest.get().path());
    // A checkpoint is taken over and deleted once it is out of date; a savepoint is its taker's.
    from.set(
        StateRecoveryOptions.RESTORE_MODE,
        newest.get().savepoint() ? RecoveryClaimMode.NO_CLAIM : RecoveryClaimMode.CLAIM);
    environment.configure(from);
  }

  private static void refuseWithoutCheckpointDirectory(StreamExecutionEnvironment environment) {
    if (environment
        .getConfiguration()
        .getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY)
        .isEmpty()) {
      throw new IllegalStateException(
          "there is nowhere to put checkpoints: set checkpoints.directory in the configuration, for"
              + " example file:///var/lib/samgs/checkpoints, or execution.checkpointing.dir in the"
              + " cluster's");
    }
  }

  /** The topics of the job as they should be, whether they exist or not. */
  public static List<TopicPlan> topics(JobConfiguration configuration) {
    return new KafkaPreparation(configuration).plans();
  }

  /** The part of a configuration that is Flink's: state, checkpoints, restarts, parallelism. */
  public static Configuration configuration(JobConfiguration job) {
    CheckpointSettings checkpoints = job.checkpoints();
    Configuration flink = new Configuration();
    flink.set(PipelineOptions.NAME, job.name());
    flink.set(CoreOptions.DEFAULT_PARALLELISM, job.execution().parallelism());
    flink.set(PipelineOptions.MAX_PARALLELISM, job.execution().maxParallelism());
    flink.set(PipelineOptions.GENERIC_TYPES, false);
    // No operator changes what it was given or keeps what it emitted.
    flink.set(PipelineOptions.OBJECT_REUSE, true);

    boolean rocksdb = job.execution().stateBackend() == StateBackend.ROCKSDB;
    flink.set(StateBackendOptions.STATE_BACKEND, rocksdb ? "rocksdb" : "hashmap");
    flink.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, rocksdb);

    flink.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
    flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpoints.interval());
    flink.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, checkpoints.timeout());
    flink.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERABLE_FAILED_CHECKPOINTS);
    flink.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, checkpoints.retained());
    flink.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    if (checkpoints.directory() != null) {
      flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.directory());
    }

    // For ever, but ever more slowly: brokers come back, and what no restart mends says so itself.
    flink.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    flink.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        Duration.ofSeconds(1));
    flink.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
        Duration.ofSeconds(15));
    flink.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER, 2.0);
    flink.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
        Duration.ofMinutes(1));
    return flink;
  }
}
