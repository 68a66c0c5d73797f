package dev.samgs.connectors.flink;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Type information of what travels between operators. Flink would take these records for generic
 * types; name them in {@code returns(…)} and in output tags.
 */
public final class ConnectorTypes {
  public static final TypeInformation<SourceRecord> SOURCE_RECORD =
      new ValueType<>(SourceRecord.class, new SourceRecordSerializer());

  public static final TypeInformation<LabelledEvent> LABELLED_EVENT =
      new ValueType<>(LabelledEvent.class, new LabelledEventSerializer());

  public static final TypeInformation<DeadLetter> DEAD_LETTER =
      new ValueType<>(DeadLetter.class, new DeadLetterSerializer());

  public static final TypeInformation<SnapshotRecord> SNAPSHOT_RECORD =
      new ValueType<>(SnapshotRecord.class, new SnapshotRecordSerializer());

  public static final TypeInformation<TaskMetrics> TASK_METRICS =
      new ValueType<>(TaskMetrics.class, new TaskMetricsSerializer());

  public static final TypeInformation<DriftAlarmRecord> DRIFT_ALARM_RECORD =
      new ValueType<>(DriftAlarmRecord.class, new DriftAlarmRecordSerializer());

  private ConnectorTypes() {}
}
