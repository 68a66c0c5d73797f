package dev.samgs.connectors.report;

import dev.samgs.learn.DriftAlarm;
import java.io.IOException;

/**
 * A drift alarm with the model that it belongs to; see {@link DriftAlarm}.
 *
 * @param update the model's update count at that time
 * @param timestamp event time of the row that triggered it, milliseconds since 1970
 * @param errorBefore mean error before the estimated change, 0 to 1
 * @param errorAfter mean error after it, 0 to 1
 * @param labelsSince labels of the task since the estimated change
 */
public record DriftAlarmRecord(
    String model,
    String task,
    String detector,
    long update,
    long timestamp,
    double errorBefore,
    double errorAfter,
    long labelsSince) {

  /** The record of a model's alarm. */
  public static DriftAlarmRecord of(String model, DriftAlarm alarm) {
    return new DriftAlarmRecord(
        model,
        alarm.task(),
        alarm.detector(),
        alarm.update(),
        alarm.timestamp(),
        alarm.errorBefore(),
        alarm.errorAfter(),
        alarm.labelsSince());
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
