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
    @Setting(value = "completed checkpoints that are kept", min = 1, max = 100) int retained)
    implements Serializable {

  /** Settings that are used where the user gives none. */
  public static CheckpointSettings defaults() {
    return new CheckpointSettings(Duration.ofSeconds(5), Duration.ofMinutes(2), null, 3);
  }
}
