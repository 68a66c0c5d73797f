package dev.samgs.job.pipeline;

import static dev.samgs.job.TestModels.SPEC;

import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.job.config.CheckpointSettings;
import dev.samgs.job.config.ExecutionSettings;
import dev.samgs.job.config.ExecutionSettings.StateBackend;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.config.OutputSettings;
import dev.samgs.job.config.PortRange;
import dev.samgs.job.config.SnapshotSettings;
import java.nio.file.Path;
import java.time.Duration;

/** The job that the integration tests run, with quick checkpoints. */
final class TestJob {
  static final int PARALLELISM = 2;
  static final int MAX_PARALLELISM = 16;

  private TestJob() {}

  /**
   * A job with topics of its own.
   *
   * @param name begins the names of its topics
   */
  static JobConfiguration of(
      String name,
      BrokerExtension broker,
      ClusterExtension cluster,
      StateBackend backend,
      boolean bounded) {
    JobConfiguration plain =
        JobConfiguration.of(name, SPEC)
            .withBootstrapServers(broker.connection().bootstrapServers());
    Path checkpoints = cluster.directory().resolve("checkpoints");
    return new JobConfiguration(
        name,
        SPEC,
        plain.kafka(),
        new InputSettings(
            name + "-events",
            EventFormat.JSON,
            null,
            "default",
            InputSettings.StartingOffsets.EARLIEST,
            bounded),
        new OutputSettings(
            name + "-snapshots",
            name + "-metrics",
            name + "-alarms",
            name + "-dead-letters",
            Duration.ofDays(1)),
        snapshots(name, plain.snapshots()),
        new MetricsSettings(
            Lines.SNAPSHOT_EVERY, Duration.ZERO, true, "127.0.0.1", PortRange.parse("0"), 1000),
        new CheckpointSettings(
            Duration.ofMillis(200),
            Duration.ofMinutes(1),
            checkpoints.toUri().toString(),
            2,
            CheckpointSettings.Resume.NONE),
        new ExecutionSettings(PARALLELISM, MAX_PARALLELISM, backend));
  }

  private static SnapshotSettings snapshots(String name, SnapshotSettings plain) {
    return new SnapshotSettings(
        Lines.SNAPSHOT_EVERY,
        plain.eventTime(),
        plain.improvement(),
        plain.gate(),
        plain.largest(),
        plain.store(),
        plain.keep(),
        plain.signingKey(),
        name + "-control",
        plain.startFrom(),
        plain.newIncarnation());
  }
}
