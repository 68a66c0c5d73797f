package dev.samgs.job.config;

import dev.samgs.spec.Setting;
import java.io.Serializable;

/** When models are published. */
public record SnapshotSettings(
    @Setting(value = "updates of a model between two snapshots of it", min = 1, max = 1_000_000_000)
        long every,
    @Setting(
            value = "largest snapshot that is sent, and that a created topic takes",
            min = 65_536,
            max = 1_073_741_824)
        ByteSize largest,
    @Setting(
            "whether models whose restored state is older than what the topic holds go on under a"
                + " new incarnation, above it; otherwise the job stops and says so")
        boolean newIncarnation)
    implements Serializable {

  /** Settings that are used where the user gives none. */
  public static SnapshotSettings defaults() {
    return new SnapshotSettings(64, ByteSize.ofMebibytes(8), false);
  }

  SnapshotSettings withNewIncarnation() {
    return new SnapshotSettings(every, largest, true);
  }
}
