package dev.samgs.job.operator;

import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.spec.ModelSpec;
import java.io.Serializable;

/**
 * What the training operator is told.
 *
 * @param snapshotEvery updates between two snapshots of a model
 * @param floor what versions are published above
 */
public record TrainSettings(
    ModelSpec spec, long snapshotEvery, MetricsSettings metrics, VersionFloor floor)
    implements Serializable {

  /** The part of a job's configuration that matters for training. */
  public static TrainSettings of(JobConfiguration configuration, VersionFloor floor) {
    return new TrainSettings(
        configuration.model(), configuration.snapshots().every(), configuration.metrics(), floor);
  }
}
