package dev.samgs.job.config;

import dev.samgs.spec.Setting;
import java.io.Serializable;
import java.time.Duration;

/** How state is made safe. Snapshots and metrics become visible with each checkpoint. */
public record CheckpointSettings(
    @Setting(
            value = "time between two checkpoints; what is written becomes visible only then",
            min = 0.1,
            max = 86_400)
        Duration interval,
    @Setting(value = "time after which a checkpoint is given up", min = 1, max = 86_400)
        Duration timeout,
    @Setting(
            value =
                "where checkpoints go, as file:///…, s3://… or hdfs://…; the cluster's own setting"
                    + " if not set",
            optional = true)
        String directory,
    @Setting(value = "completed checkpoints that are kept", min = 1, max = 100) int retained,
    @Setting(
            "what a start without a savepoint goes on from: none begins afresh; newest takes the"
                + " newest checkpoint or savepoint in the directory, which has to be this job's"
                + " alone")
        Resume resume)
    implements Serializable {

  /** What a job that is started without a savepoint goes on from. */
  public enum Resume {
    /** Nothing: its models begin afresh. */
    NONE,
    /** The newest completed checkpoint or savepoint in the directory; afresh if there is none. */
    NEWEST
  }

  /** Settings that are used where the user gives none. */
  public static CheckpointSettings defaults() {
    return new CheckpointSettings(
        Duration.ofSeconds(5), Duration.ofMinutes(2), null, 3, Resume.NONE);
  }
}
