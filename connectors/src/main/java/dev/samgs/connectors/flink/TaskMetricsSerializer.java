package dev.samgs.connectors.flink;

import dev.samgs.connectors.report.TaskMetrics;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class TaskMetricsSerializer extends ValueSerializer<TaskMetrics> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(TaskMetrics metrics, DataOutputView out) throws IOException {
    Wire.writeBytes(metrics.toJson(), out);
  }

  @Override
  public TaskMetrics deserialize(DataInputView in) throws IOException {
    return TaskMetrics.fromJson(Wire.readBytes(in));
  }

  @Override
  public TypeSerializerSnapshot<TaskMetrics> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<TaskMetrics> {
    public Snapshot() {
      super(TaskMetricsSerializer::new);
    }
  }
}
