package dev.samgs.connectors.report;

import dev.samgs.learn.DriftAlarm;
import dev.samgs.learn.DriftAlarm.MovedFeature;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * An alarm with the model that it belongs to; see {@link DriftAlarm}. The published schema is
 * {@code drift-alarms.schema.json} beside this class.
 *
 * @param kind {@code error}: a task's error has risen; {@code labels}: the distribution of its
 *     labels has changed; {@code features}: that of at least one feature
 * @param task null for {@code features}
 * @param update the model's update count at that time
 * @param timestamp event time of the row that triggered it, milliseconds since 1970
 * @param began event time at which the change is estimated to have begun
 * @param before mean error before the estimated change, 0 to 1; of a shift the largest population
 *     stability index half a window earlier
 * @param after the same after it
 * @param values labels of the task, or rows, since the estimated change
 * @param moved the features that moved most in the recent rows, furthest first
 */
public record DriftAlarmRecord(
    String model,
    String kind,
    String task,
    String detector,
    long update,
    long timestamp,
    long began,
    double before,
    double after,
    long values,
    List<MovedFeature> moved) {

  public DriftAlarmRecord {
    moved = moved == null ? List.of() : List.copyOf(moved);
  }

  /** The record of a model's alarm. */
  public static DriftAlarmRecord of(String model, DriftAlarm alarm) {
    return new DriftAlarmRecord(
        model,
        alarm.kind().name().toLowerCase(Locale.ROOT),
        alarm.task(),
        alarm.detector(),
        alarm.update(),
        alarm.timestamp(),
        alarm.began(),
        alarm.before(),
        alarm.after(),
        alarm.values(),
        alarm.moved());
  }

  /** Whether a task's error has risen. */
  public boolean ofError() {
    return "error".equals(kind);
  }

  /** As UTF-8 JSON: one object, keys as the components are named. */
  public byte[] toJson() {
    return ReportJson.write(this);
  }

  /** Reads what {@link #toJson} wrote, in this or a later version. */
  public static DriftAlarmRecord fromJson(byte[] json) throws IOException {
    return ReportJson.read(json, DriftAlarmRecord.class);
  }
}
