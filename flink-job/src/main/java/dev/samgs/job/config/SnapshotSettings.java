package dev.samgs.job.config;

import dev.samgs.spec.GateSpec;
import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.PublishingSpec;
import dev.samgs.spec.Setting;
import java.io.Serializable;
import java.time.Duration;

/** When models are published, and where they go. */
public record SnapshotSettings(
    @Setting(
            value = "updates of a model between two snapshots of it; 0 for not by updates",
            min = 0,
            max = 1_000_000_000)
        long every,
    @Setting(
            value = "event time between two snapshots of a model; 0s for not by time",
            min = 0,
            max = 31_536_000)
        Duration eventTime,
    @Setting(
            value =
                "share by which a task's recent loss must have fallen below the published model's"
                    + " for a snapshot out of turn; 0 for none",
            min = 0,
            max = 1)
        double improvement,
    @Setting("which snapshots are held back") GateSpec gate,
    @Setting(
            value =
                "largest record that is sent, and that a created topic takes; larger models go to the"
                    + " store, with a claim check in their place",
            min = 65_536,
            max = 1_073_741_824)
        ByteSize largest,
    @Setting(
            value =
                "directory of the snapshot store, as file:///…, s3://… or hdfs://…; without one,"
                    + " models above the largest record are withheld",
            optional = true)
        String store,
    @Setting(value = "newest versions of each model that the store keeps", min = 1, max = 1_000_000)
        int keep,
    @Setting(
            value =
                "file with the Ed25519 private key that signs snapshots, PKCS#8 PEM, on every task"
                    + " manager; not signed if not set",
            optional = true)
        String signingKey,
    @Setting("topic of commands to the job: pin, unpin, rollback, promote; keyed by model")
        String control,
    @Setting(
            value =
                "snapshot that models without saved state begin with: an .onnx file, or the models"
                    + " directory of a store, where each finds its LATEST",
            optional = true)
        String startFrom,
    @Setting(
            "whether models whose restored state is older than what the topic holds go on under a"
                + " new incarnation, above it; otherwise the job stops and says so")
        boolean newIncarnation)
    implements Serializable {

  /** Settings that are used where the user gives none. */
  public static SnapshotSettings defaults() {
    return new SnapshotSettings(
        64,
        Duration.ZERO,
        0,
        GateSpec.defaults(),
        ByteSize.ofMebibytes(8),
        null,
        10,
        null,
        "model-control",
        null,
        false);
  }

  public SnapshotSettings {
    TopicName.check("control", control);
    if (every == 0 && eventTime.isZero() && improvement == 0) {
      throw new InvalidSettingException(
          "every", "nothing says when to publish; set every, event-time or improvement");
    }
    if (improvement > 0 && !gate.enabled()) {
      throw new InvalidSettingException(
          "improvement", "without the gate nothing is compared; enable it, or set this to 0");
    }
  }

  /** When a candidate is due, and when it is held back. */
  public PublishingSpec policy() {
    return new PublishingSpec(every, eventTime.toMillis(), improvement, gate);
  }

  SnapshotSettings withNewIncarnation() {
    return new SnapshotSettings(
        every,
        eventTime,
        improvement,
        gate,
        largest,
        store,
        keep,
        signingKey,
        control,
        startFrom,
        true);
  }
}
