package dev.samgs.job.operator;

import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.job.state.StoredLearner;
import dev.samgs.learn.DriftAlarm;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.ReplayRows;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.Trainer;
import dev.samgs.metrics.LearnerMetrics;
import dev.samgs.metrics.ModelMetrics;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.spec.ModelSpec;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;

/**
 * The per-batch path: fetches the current key's learner from state, learns one mini-batch, tells
 * about it and puts the learner back, all within one call. No learner is held between calls: an
 * asynchronous snapshot of the state would be torn.
 */
final class ModelTrainer implements AutoCloseable {
  private final ModelSpec spec;
  private final VersionFloor floor;
  private final long snapshotEvery;
  private final long metricsEvery;
  private final long metricsEveryMillis;
  private final ValueState<StoredLearner> learner;
  private final ReplayRows replay;
  private final LearnerMetrics instruments;
  private final Trainer trainer;
  private final Map<String, ModelMetrics> metrics = new HashMap<>();

  /**
   * @param learner state of the current key
   * @param replay rows of the current key
   */
  ModelTrainer(
      TrainSettings settings,
      ValueState<StoredLearner> learner,
      ReplayRows replay,
      LearnerMetrics instruments) {
    this.spec = settings.spec();
    this.floor = settings.floor();
    this.snapshotEvery = settings.snapshotEvery();
    this.metricsEvery = settings.metrics().every();
    this.metricsEveryMillis = settings.metrics().everyEventTime().toMillis();
    this.learner = learner;
    this.replay = replay;
    this.instruments = instruments;
    this.trainer = new Trainer(spec);
  }

  /**
   * Learns a mini-batch of the current key.
   *
   * @param model the current key
   * @param batch its rows, which receive predictions
   */
  void learn(String model, RowBatch batch, Results results) throws IOException {
    learn(model, batch, false, results);
  }

  /**
   * Learns what is left of the current key's rows, and publishes the model a last time.
   *
   * @param batch may be empty
   */
  void finish(String model, RowBatch batch, Results results) throws IOException {
    learn(model, batch, true, results);
  }

  private void learn(String model, RowBatch batch, boolean last, Results results)
      throws IOException {
    LearnerState state = load(model);
    ModelMetrics instruments = instruments(model, state);
    long before = state.updates();
    long timeBefore = state.latestTimestamp();
    if (batch.size() > 0) {
      trainer.predict(state, batch);
    }
    StepReport report = trainer.learn(state, batch, replay);
    long after = state.updates();
    for (DriftAlarm alarm : report.alarms()) {
      results.alarm(DriftAlarmRecord.of(model, alarm));
    }
    if (last ? after > 0 : passes(before, after, snapshotEvery)) {
      results.snapshot(new TakenSnapshot(model, ModelSnapshot.take(state)));
    }
    if (last
        || passes(before, after, metricsEvery)
        || timePasses(timeBefore, state.latestTimestamp())) {
      instruments.compare(report, state);
      for (int t = 0; t < spec.tasks().size(); t++) {
        results.metrics(TaskMetrics.of(model, state, report, t));
      }
    }
    instruments.update(report, state);
    learner.update(StoredLearner.of(state));
  }

  private LearnerState load(String model) throws IOException {
    StoredLearner stored = learner.value();
    if (stored == null) {
      return floor.fresh(spec);
    }
    LearnerState state = stored.live(spec);
    floor.admit(model, state);
    return state;
  }

  private ModelMetrics instruments(String model, LearnerState state) {
    return metrics.computeIfAbsent(model, m -> instruments.register(m, state));
  }

  /** Whether the count reached or passed a multiple of {@code every}. */
  private static boolean passes(long before, long after, long every) {
    return before / every < after / every;
  }

  /** Whether event time reached or passed a multiple of what lies between two reports. */
  private boolean timePasses(long before, long after) {
    return metricsEveryMillis > 0
        && before != Long.MIN_VALUE
        && Math.floorDiv(before, metricsEveryMillis) < Math.floorDiv(after, metricsEveryMillis);
  }

  /** Removes the series of this instance's models. */
  @Override
  public void close() {
    metrics.values().forEach(ModelMetrics::close);
    metrics.clear();
  }
}
