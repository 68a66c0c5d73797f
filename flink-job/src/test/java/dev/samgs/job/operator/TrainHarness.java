package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ConnectorTypes;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.job.PlainRun;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.config.PortRange;
import dev.samgs.job.state.ModelStates;
import dev.samgs.job.state.StoredLearner;
import dev.samgs.learn.Row;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.spec.GateSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.PublishingSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** The training operator alone, on a real state backend. */
final class TrainHarness implements AutoCloseable {
  static final MetricsSettings METRICS =
      new MetricsSettings(4, Duration.ZERO, false, "127.0.0.1", new PortRange(0, 0), 10_000);

  private final ModelSpec spec;
  private long offset;
  private final KeyedCoProcessOperator<String, TrainingRow, ResolvedCommand, TaskMetrics> operator;
  private final KeyedTwoInputStreamOperatorTestHarness<
          String, TrainingRow, ResolvedCommand, TaskMetrics>
      harness;

  private TrainHarness(TrainSettings settings, StateBackend backend) throws Exception {
    spec = settings.spec();
    operator = new KeyedCoProcessOperator<>(new TrainFunction(settings));
    harness =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            operator, TrainingRow::model, resolved -> resolved.command().model(), Types.STRING);
    harness.setStateBackend(backend);
  }

  static TrainSettings settings(ModelSpec spec) {
    return settings(spec, VersionFloor.above(Map.of(), false));
  }

  static TrainSettings settings(ModelSpec spec, VersionFloor floor) {
    return new TrainSettings(
        spec, new PublishingSpec(10, 0, 0, GateSpec.defaults()), "events", null, METRICS, floor);
  }

  /**
   * Starts the operator.
   *
   * @param restored state to begin from; null for none
   */
  static TrainHarness open(
      TrainSettings settings, StateBackend backend, OperatorSubtaskState restored)
      throws Exception {
    TrainHarness opened = new TrainHarness(settings, backend);
    try {
      opened.harness.setup(
          ConnectorTypes.TASK_METRICS.createSerializer(new SerializerConfigImpl()));
      if (restored != null) {
        opened.harness.initializeState(restored);
      }
      opened.harness.open();
      return opened;
    } catch (Exception e) {
      opened.close();
      throw e;
    }
  }

  TrainHarness take(String model, Collection<Row> rows) throws Exception {
    return take(model, 0, rows);
  }

  TrainHarness take(String model, int partition, Collection<Row> rows) throws Exception {
    for (Row row : rows) {
      harness.processElement1(new StreamRecord<>(new TrainingRow(model, partition, offset++, row)));
    }
    return this;
  }

  /** A command, with the version that it means if a store holds it. */
  TrainHarness command(ControlCommand command, ModelSnapshot stored) throws Exception {
    harness.processElement2(new StreamRecord<>(new ResolvedCommand(command, stored, "")));
    return this;
  }

  /** Ends the input, as a bounded source does. */
  TrainHarness finish() throws Exception {
    harness.processBothWatermarks(Watermark.MAX_WATERMARK);
    return this;
  }

  OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(1, 1);
  }

  /** Everything that a model has learned; null if it has not begun. */
  byte[] learner(String model) throws Exception {
    KeyedStateBackend<String> backend = operator.getKeyedStateBackend();
    backend.setCurrentKey(model);
    ValueState<StoredLearner> state =
        backend.getPartitionedState(
            VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, ModelStates.learner(spec));
    StoredLearner stored = state.value();
    return stored == null ? null : PlainRun.bytes(stored.live(spec));
  }

  List<TaskMetrics> metrics() {
    return harness.extractOutputValues();
  }

  List<DriftAlarmRecord> alarms() {
    return side(TrainFunction.ALARMS);
  }

  List<TakenSnapshot> snapshots() {
    return side(TrainFunction.snapshots(spec));
  }

  private <T> List<T> side(OutputTag<T> tag) {
    List<T> values = new ArrayList<>();
    Collection<StreamRecord<T>> records = harness.getSideOutput(tag);
    if (records != null) {
      records.forEach(record -> values.add(record.getValue()));
    }
    return values;
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }
}
