package dev.samgs.metrics;

import dev.samgs.learn.LearnerState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instruments of all models of one process, in one Micrometer registry. Each model has its own
 * {@link ModelMetrics}, which lists them. Together they hold at most a given number of series, so
 * that a stream of ever new model keys cannot exhaust whoever scrapes: models beyond it train as
 * the others do and are counted by {@code samgs_models_without_metrics_total}.
 *
 * <p>Safe for use by several threads; a {@link ModelMetrics} belongs to one.
 */
public final class LearnerMetrics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LearnerMetrics.class);

  private final MeterRegistry registry;
  private final int maxSeries;
  private final Counter omitted;
  private final Map<String, ModelMetrics> models = new HashMap<>();
  private int series;

  /**
   * @param maxSeries limit on the series of all models together; a model has 16 and 17 for each
   *     task
   */
  public LearnerMetrics(MeterRegistry registry, int maxSeries) {
    this.registry = registry;
    this.maxSeries = maxSeries;
    this.omitted =
        Counter.builder("samgs.models.without.metrics")
            .description("Models that train without metrics because the limit on series is reached")
            .register(registry);
  }

  /**
   * Begins the series of a model: counters at 0, gauges at what its state says. A model that is
   * registered already changes hands: the earlier owner's updates and its close have no effect any
   * more.
   *
   * @param state the model as it is now, fresh or restored; only read, during the call
   * @return without series, and still safe to update and close, where the limit is reached
   */
  public synchronized ModelMetrics register(String model, LearnerState state) {
    ModelMetrics earlier = models.get(model);
    if (earlier != null) {
      drop(earlier);
    }
    int needed = ModelMetrics.series(state.spec());
    if (series + needed > maxSeries) {
      omitted.increment();
      LOG.warn(
          "Model '{}' trains without metrics: its {} series would exceed the limit of {}.",
          model,
          needed,
          maxSeries);
      return ModelMetrics.withoutSeries();
    }
    series += needed;
    ModelMetrics metrics = new ModelMetrics(this, registry, model, state);
    models.put(model, metrics);
    return metrics;
  }

  synchronized void remove(ModelMetrics metrics) {
    if (models.get(metrics.model()) == metrics) {
      drop(metrics);
    }
  }

  private void drop(ModelMetrics metrics) {
    models.remove(metrics.model());
    series -= metrics.removeSeries();
  }

  /** Removes the series of all models. */
  @Override
  public synchronized void close() {
    for (ModelMetrics metrics : models.values().toArray(ModelMetrics[]::new)) {
      drop(metrics);
    }
    registry.remove(omitted);
  }
}
