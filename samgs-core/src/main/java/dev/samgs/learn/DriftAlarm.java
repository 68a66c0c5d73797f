package dev.samgs.learn;

import java.util.List;

/**
 * Something has changed: a task's error has risen, its labels are others than before, or the
 * features are.
 *
 * @param kind what has changed
 * @param task name of the task; null for {@link Kind#FEATURES}
 * @param detector name of the detector that saw it
 * @param update the learner's update count at that time
 * @param timestamp event time of the row that triggered it
 * @param began event time at which the change is estimated to have begun
 * @param before mean error before the estimated change, in [0, 1]; of a shift the largest
 *     population stability index half a window earlier
 * @param after the same after it
 * @param values labels, or rows, since the estimated change
 * @param moved the features that moved most, furthest first; empty while there are none to compare
 *     with
 */
public record DriftAlarm(
    Kind kind,
    String task,
    String detector,
    long update,
    long timestamp,
    long began,
    double before,
    double after,
    long values,
    List<MovedFeature> moved) {

  /** What has changed. */
  public enum Kind {
    /** A task's error has risen. */
    ERROR,
    /** The distribution of a task's labels. */
    LABELS,
    /** The distribution of at least one feature. */
    FEATURES
  }

  /**
   * How a feature has moved in the recent rows against those before.
   *
   * @param feature its name
   * @param stabilityIndex population stability index; below 0.1 is little, from 0.25 on much
   * @param missingRatio share of the recent rows in which it is missing
   */
  public record MovedFeature(String feature, double stabilityIndex, double missingRatio) {}

  public DriftAlarm {
    moved = List.copyOf(moved);
  }
}
