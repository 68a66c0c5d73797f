package dev.samgs.job.operator;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.Decoded;
import dev.samgs.connectors.event.EventDecoder;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.flink.ConnectorTypes;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.config.ModelsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.job.state.PartitionProgress;
import dev.samgs.job.state.PartitionProgressSerializer;
import dev.samgs.spec.ModelSpec;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Decodes records. What is refused, whole or in part, goes to {@link #DEAD_LETTERS} with its bytes.
 */
public final class DecodeFunction extends ProcessFunction<SourceRecord, TrainingRow>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  /** Records that were refused, whole or in part. */
  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", ConnectorTypes.DEAD_LETTER);

  /** Events with their records, in place of rows, where somebody may still refuse them. */
  public static final OutputTag<Candidate> CANDIDATES =
      new OutputTag<>("candidates", Candidate.TYPE);

  private static final ListStateDescriptor<PartitionProgress> PROGRESS =
      new ListStateDescriptor<>("partitions", new PartitionProgressSerializer());

  private final ModelSpec spec;
  private final InputSettings input;
  private final ModelsSettings models;
  private final MetricsSettings settings;
  private final boolean judgedLater;

  private transient EventChecks checks;
  private transient ListState<PartitionProgress> progress;
  private transient EventDecoder decoder;
  private transient SharedMetrics.Lease metrics;
  private transient Counter events;
  private transient Map<RefusalReason, Counter> refused;

  /**
   * @param models the names that there may be
   * @param judgedLater whether events go to {@link #CANDIDATES}
   */
  public DecodeFunction(
      ModelSpec spec,
      InputSettings input,
      ModelsSettings models,
      MetricsSettings settings,
      boolean judgedLater) {
    this.spec = spec;
    this.input = input;
    this.models = models;
    this.judgedLater = judgedLater;
    this.settings = settings;
  }

  /** All of it to every subtask: any of them may read a partition after a restart. */
  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    checks = EventChecks.of(input, models);
    if (checks != null) {
      progress = context.getOperatorStateStore().getUnionListState(PROGRESS);
      checks.restore(progress.get());
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    if (checks != null) {
      progress.update(checks.progress());
    }
  }

  @Override
  public void open(OpenContext context) {
    decoder = input.format().decoder(spec, input.defaultModel());
    metrics = SharedMetrics.lease(settings);
    events =
        Counter.builder("samgs.events")
            .description("Events decoded and sent to training")
            .register(metrics.registry());
    refused = new EnumMap<>(RefusalReason.class);
    for (RefusalReason reason : RefusalReason.values()) {
      refused.put(reason, refusals(reason, metrics.registry()));
    }
  }

  /** The counter of dead letters with that reason. */
  static Counter refusals(RefusalReason reason, MeterRegistry registry) {
    return Counter.builder("samgs.dead.letters")
        .description("Records refused, whole or in part, by the first reason")
        .tag("reason", reason.code())
        .register(registry);
  }

  @Override
  public void processElement(SourceRecord record, Context context, Collector<TrainingRow> out) {
    Decoded decoded = decoder.decode(record);
    if (checks != null) {
      decoded = checks.judge(record, decoded);
    }
    DeadLetter letter = decoded.deadLetter(record);
    if (letter != null) {
      refused.get(letter.refusals().get(0).reason()).increment();
      context.output(DEAD_LETTERS, letter);
    }
    LabelledEvent event = decoded.event();
    if (event != null) {
      events.increment();
      TrainingRow row =
          new TrainingRow(event.model(), record.partition(), record.offset(), event.row());
      if (judgedLater) {
        context.output(CANDIDATES, new Candidate(row, event.eventId(), record));
      } else {
        out.collect(row);
      }
    }
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
  }
}
