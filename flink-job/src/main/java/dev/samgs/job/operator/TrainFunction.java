package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ConnectorTypes;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.job.operator.Publishing.RefusedCommandException;
import dev.samgs.job.state.ModelStates;
import dev.samgs.job.state.Pending;
import dev.samgs.learn.MiniBatchRule;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.spec.ModelSpec;
import io.micrometer.core.instrument.Counter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains one model per key. The per-record path is here: a row joins the model's open mini-batch,
 * and {@link MiniBatchRule}, a function of the rows alone, says when that closes; {@link
 * ModelTrainer} does the rest.
 *
 * <p>Each model has an event-time timer at the end of time. It fires when a bounded input ends and
 * the last watermark comes, and learns the last, partial mini-batch; a savepoint leaves that
 * mini-batch open, as it has to be for the next run to close it where this one would have.
 *
 * <p>Main output: standing of the tasks. Side outputs: {@link #ALARMS}, and snapshots.
 */
public final class TrainFunction
    extends KeyedCoProcessFunction<String, TrainingRow, ResolvedCommand, TaskMetrics> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(TrainFunction.class);

  /** Drift alarms. */
  public static final OutputTag<DriftAlarmRecord> ALARMS =
      new OutputTag<>("drift-alarms", ConnectorTypes.DRIFT_ALARM_RECORD);

  /** Snapshots of models of that specification. */
  public static OutputTag<TakenSnapshot> snapshots(ModelSpec spec) {
    return new OutputTag<>("snapshots", TakenSnapshot.type(spec));
  }

  private static final long END_OF_INPUT = Long.MAX_VALUE;

  private final TrainSettings settings;
  private final OutputTag<TakenSnapshot> snapshots;

  private transient SharedMetrics.Lease metrics;
  private transient Counter scatteredModels;
  private transient Counter obeyed;
  private transient Counter refused;
  private transient Counter retired;
  private transient MiniBatchRule rule;
  private transient OpenMiniBatch miniBatch;
  private transient ModelTrainer trainer;
  private transient RowBatch batch;

  public TrainFunction(TrainSettings settings) {
    this.settings = settings;
    this.snapshots = snapshots(settings.spec());
  }

  @Override
  public void open(OpenContext context) {
    metrics = SharedMetrics.lease(settings.metrics());
    scatteredModels =
        Counter.builder("samgs.scattered.models")
            .description("Models whose events came from more than one input partition")
            .register(metrics.registry());
    obeyed =
        Counter.builder("samgs.commands")
            .description("Commands of people that were done")
            .register(metrics.registry());
    refused =
        Counter.builder("samgs.commands.refused")
            .description("Commands of people that could not be done")
            .register(metrics.registry());
    retired =
        Counter.builder("samgs.models.retired")
            .description("Models retired, on command or because they were idle")
            .register(metrics.registry());
    ModelSpec spec = settings.spec();
    rule = new MiniBatchRule(spec.learning());
    batch = new RowBatch(spec);
    RuntimeContext state = getRuntimeContext();
    trainer =
        new ModelTrainer(
            settings,
            state.getState(ModelStates.learner(spec)),
            new KeyedReplay(state.getMapState(ModelStates.replayRows())),
            state.getState(ModelStates.publication()),
            state.getState(ModelStates.publishedModel()),
            state.getState(ModelStates.previousModel()),
            state.getState(ModelStates.lives()),
            metrics.learners());
    miniBatch =
        new OpenMiniBatch(
            state.getState(ModelStates.pending()), state.getListState(ModelStates.pendingRows()));
  }

  @Override
  public void processElement1(TrainingRow arrived, Context context, Collector<TaskMetrics> out)
      throws Exception {
    if (arrived.retires()) {
      retire(arrived.model(), context, out);
      return;
    }
    Row row = arrived.row();
    Pending pending = miniBatch.pending();
    if (pending == null) {
      pending = Pending.first(arrived.partition());
    }
    if (rule.closesBefore(pending.rows(), pending.latestTimestamp(), row.timestamp())) {
      miniBatch.moveTo(batch);
      trainer.learn(
          arrived.model(), batch, arrived.partition(), arrived.offset(), new Outputs(context, out));
      pending = pending.emptied();
    }
    if (pending.rows() == 0) {
      context.timerService().registerEventTimeTimer(END_OF_INPUT);
    }
    Pending now = pending.with(row.timestamp(), row.labelled(), arrived.partition());
    if (now.scattered() && !pending.scattered() && !settings.arranged()) {
      reportScattered(arrived, pending);
    }
    miniBatch.add(row, now);
    if (rule.full(now.rows(), now.labelled())) {
      miniBatch.moveTo(batch);
      trainer.learn(
          arrived.model(),
          batch,
          arrived.partition(),
          arrived.offset() + 1,
          new Outputs(context, out));
    }
  }

  @Override
  public void processElement2(ResolvedCommand resolved, Context context, Collector<TaskMetrics> out)
      throws Exception {
    ControlCommand command = resolved.command();
    try {
      if (resolved.retires()) {
        retire(command.model(), context, out);
      } else {
        trainer.obey(resolved, new Outputs(context, out));
      }
      obeyed.increment();
      LOG.info("Did what was asked for: {}.", command);
    } catch (RefusedCommandException e) {
      refused.increment();
      LOG.error("The command {} is refused: {}.", command, e.getMessage());
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<TaskMetrics> out)
      throws Exception {
    miniBatch.moveTo(batch);
    trainer.finish(context.getCurrentKey(), batch, new Outputs(context, out));
  }

  /** Leaves nothing of a model but the number of its life, and withdraws what it published. */
  private void retire(String model, Context context, Collector<TaskMetrics> out) throws Exception {
    boolean known = miniBatch.pending() != null;
    context.timerService().deleteEventTimeTimer(END_OF_INPUT);
    miniBatch.clear();
    trainer.retire(model, new Outputs(context, out));
    if (known) {
      retired.increment();
      LOG.info("Model '{}' is retired.", model);
    } else {
      LOG.info("Model '{}' is to be retired, but there is none of that name.", model);
    }
  }

  private void reportScattered(TrainingRow arrived, Pending pending) {
    scatteredModels.increment();
    LOG.warn(
        "Events of model '{}' come from partition {} and from partition {}: their order, and so the"
            + " model's exact bits, are no longer a function of the input. Use the model as the"
            + " producer's key.",
        arrived.model(),
        pending.partition(),
        arrived.partition());
  }

  @Override
  public void close() {
    if (trainer != null) {
      trainer.close();
    }
    if (metrics != null) {
      metrics.close();
    }
  }

  private final class Outputs implements Results {
    private final Context context;
    private final Collector<TaskMetrics> out;

    Outputs(Context context, Collector<TaskMetrics> out) {
      this.context = context;
      this.out = out;
    }

    @Override
    public void metrics(TaskMetrics metrics) {
      out.collect(metrics);
    }

    @Override
    public void alarm(DriftAlarmRecord alarm) {
      context.output(ALARMS, alarm);
    }

    @Override
    public void snapshot(TakenSnapshot snapshot) {
      context.output(snapshots, snapshot);
    }
  }
}
