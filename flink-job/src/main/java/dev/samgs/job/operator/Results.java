package dev.samgs.job.operator;

import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;

/** Where training sends what it has to tell. */
interface Results {
  void metrics(TaskMetrics metrics);

  void alarm(DriftAlarmRecord alarm);

  void snapshot(TakenSnapshot snapshot);
}
