package dev.samgs.job.operator;

import dev.samgs.job.config.InputSettings.Ordering;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.PublishingSpec;
import java.io.Serializable;

/**
 * What the training operator is told.
 *
 * @param publishing when models go out
 * @param topic where events come from, for the snapshots' provenance
 * @param startFrom snapshot that models without saved state begin with; null for none
 * @param floor what versions are published above
 * @param arranged whether rows come in an order that several partitions do not change
 */
public record TrainSettings(
    ModelSpec spec,
    PublishingSpec publishing,
    String topic,
    String startFrom,
    MetricsSettings metrics,
    VersionFloor floor,
    boolean arranged)
    implements Serializable {

  /** With rows as they come. */
  public TrainSettings(
      ModelSpec spec,
      PublishingSpec publishing,
      String topic,
      String startFrom,
      MetricsSettings metrics,
      VersionFloor floor) {
    this(spec, publishing, topic, startFrom, metrics, floor, false);
  }

  /** The part of a job's configuration that matters for training. */
  public static TrainSettings of(JobConfiguration configuration, VersionFloor floor) {
    return new TrainSettings(
        configuration.model(),
        configuration.snapshots().policy(),
        configuration.input().topic(),
        configuration.snapshots().startFrom(),
        configuration.metrics(),
        floor,
        configuration.input().ordering() == Ordering.EVENT_TIME);
  }
}
