package dev.samgs.job.operator;

import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.config.ModelsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import io.micrometer.core.instrument.Counter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the models of the job: lets no more of them in than there may be, and retires those that
 * have been idle. There is one instance whatever the parallelism, for one that sees a part of the
 * models cannot count them, and a share of the limit for each would refuse models while others are
 * free; so what it decides depends on the order of its events alone, and survives a rescale.
 *
 * <p>Idle time is looked at whenever the largest event time passes another tenth of it. A model is
 * retired by a word in its own stream, behind its last row and in front of its next one.
 */
public final class AdmitFunction extends ProcessFunction<Candidate, Candidate>
    implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(AdmitFunction.class);

  /** Stands, in saved state, for the largest event time of all: no model has that name. */
  private static final String ALL = "";

  private static final ListStateDescriptor<Tuple2<String, Long>> MODELS =
      new ListStateDescriptor<>("models", Types.TUPLE(Types.STRING, Types.LONG));

  private final ModelsSettings settings;
  private final MetricsSettings metricsSettings;

  private transient SharedMetrics.Lease metrics;
  private transient Counter refused;
  private transient ListState<Tuple2<String, Long>> saved;

  /** Largest event time of each model. */
  private transient Map<String, Long> models;

  private transient long latest;

  public AdmitFunction(ModelsSettings settings, MetricsSettings metrics) {
    this.settings = settings;
    this.metricsSettings = metrics;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    models = new HashMap<>();
    saved = context.getOperatorStateStore().getListState(MODELS);
    for (Tuple2<String, Long> model : saved.get()) {
      models.put(model.f0, model.f1);
    }
    Long all = models.remove(ALL);
    latest = all == null ? Long.MIN_VALUE : all;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    List<Tuple2<String, Long>> all = new ArrayList<>();
    models.forEach((model, time) -> all.add(Tuple2.of(model, time)));
    all.add(Tuple2.of(ALL, latest));
    saved.update(all);
  }

  @Override
  public void open(OpenContext context) {
    metrics = SharedMetrics.lease(metricsSettings);
    refused = DecodeFunction.refusals(RefusalReason.TOO_MANY_MODELS, metrics.registry());
  }

  @Override
  public void processElement(Candidate candidate, Context context, Collector<Candidate> out) {
    String model = candidate.model();
    if (candidate.row().retires()) {
      models.remove(model);
      out.collect(candidate);
      return;
    }
    long time = candidate.row().row().timestamp();
    long before = latest;
    latest = Math.max(latest, time);
    if (looksForIdle(before)) {
      retireIdle(out);
    }
    if (!models.containsKey(model) && settings.max() > 0 && models.size() >= settings.max()) {
      refused.increment();
      context.output(
          DecodeFunction.DEAD_LETTERS,
          candidate.refused(
              RefusalReason.TOO_MANY_MODELS,
              "model",
              "the job has as many models as models.max permits, "
                  + settings.max()
                  + ", and '"
                  + model
                  + "' is none of them; correct the name, retire a model, or raise it"));
      return;
    }
    models.merge(model, time, Math::max);
    out.collect(candidate);
  }

  private boolean looksForIdle(long before) {
    long tenth = settings.idle().toMillis() / 10;
    return tenth > 0
        && before != Long.MIN_VALUE
        && Math.floorDiv(before, tenth) < Math.floorDiv(latest, tenth);
  }

  private void retireIdle(Collector<Candidate> out) {
    long idle = settings.idle().toMillis();
    List<String> gone =
        new TreeMap<>(models)
            .entrySet().stream()
                .filter(model -> latest - model.getValue() > idle)
                .map(Map.Entry::getKey)
                .toList();
    for (String model : gone) {
      LOG.info(
          "Model '{}' has had no event for models.idle, {}, and is retired.",
          model,
          settings.idle());
      models.remove(model);
      out.collect(Candidate.retirement(model));
    }
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
  }
}
