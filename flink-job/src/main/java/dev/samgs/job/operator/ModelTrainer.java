package dev.samgs.job.operator;

import static java.util.stream.Collectors.joining;

import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.job.operator.Publishing.RefusedCommandException;
import dev.samgs.job.state.StoredLearner;
import dev.samgs.job.state.StoredModel;
import dev.samgs.learn.DriftAlarm;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.Trainer;
import dev.samgs.metrics.LearnerMetrics;
import dev.samgs.metrics.ModelMetrics;
import dev.samgs.snapshot.Publication;
import dev.samgs.snapshot.Publisher.Outcome;
import dev.samgs.spec.ModelSpec;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
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
  private final long metricsEvery;
  private final long metricsEveryMillis;
  private final ValueState<StoredLearner> learner;
  private final KeyedReplay replay;
  private final ValueState<Long> lives;
  private final LearnerMetrics instruments;
  private final Trainer trainer;
  private final Publishing publishing;
  private final StartingModels starting;
  private final Map<String, ModelMetrics> metrics = new HashMap<>();

  /**
   * @param learner state of the current key
   * @param replay rows of the current key
   * @param publication what is known of the current key's publication; {@code published} and {@code
   *     previous} hold its newest published models, {@code lives} the incarnation that it would
   *     begin again with
   */
  ModelTrainer(
      TrainSettings settings,
      ValueState<StoredLearner> learner,
      KeyedReplay replay,
      ValueState<Publication> publication,
      ValueState<StoredModel> published,
      ValueState<StoredModel> previous,
      ValueState<Long> lives,
      LearnerMetrics instruments) {
    this.spec = settings.spec();
    this.floor = settings.floor();
    this.metricsEvery = settings.metrics().every();
    this.metricsEveryMillis = settings.metrics().everyEventTime().toMillis();
    this.learner = learner;
    this.replay = replay;
    this.lives = lives;
    this.instruments = instruments;
    this.trainer = new Trainer(spec);
    this.publishing = new Publishing(settings, trainer, publication, published, previous);
    this.starting = new StartingModels(spec, settings.startFrom());
  }

  /**
   * Learns a mini-batch of the current key.
   *
   * @param model the current key
   * @param batch its rows, which receive predictions
   * @param partition the input partition that closed it
   * @param offset everything of this model below it, in that partition, is learned then
   */
  void learn(String model, RowBatch batch, int partition, long offset, Results results)
      throws IOException {
    LearnerState state = load(model);
    Publication known = publishing.known(state);
    known.readUpTo(partition, offset);
    learn(model, state, known, batch, false, results);
  }

  /**
   * Learns what is left of the current key's rows, and publishes the model a last time.
   *
   * @param batch may be empty
   */
  void finish(String model, RowBatch batch, Results results) throws IOException {
    LearnerState state = load(model);
    learn(model, state, publishing.known(state), batch, true, results);
  }

  private void learn(
      String model,
      LearnerState state,
      Publication known,
      RowBatch batch,
      boolean last,
      Results results)
      throws IOException {
    ModelMetrics instruments = instruments(model, state);
    long before = state.updates();
    long timeBefore = state.latestTimestamp();
    if (batch.size() > 0) {
      trainer.predict(state, batch);
      publishing.judge(known, batch);
    }
    StepReport report = trainer.learn(state, batch, replay);
    long after = state.updates();
    for (DriftAlarm alarm : report.alarms()) {
      results.alarm(DriftAlarmRecord.of(model, alarm));
    }
    List<Outcome> outcomes =
        publishing.decide(model, state, known, report, before, timeBefore, last);
    for (Outcome outcome : outcomes) {
      results.snapshot(new TakenSnapshot(model, outcome.snapshot(), outcome.reason()));
    }
    boolean explained = outcomes.stream().anyMatch(outcome -> !outcome.reason().isEmpty());
    if (last
        || explained
        || passes(before, after, metricsEvery)
        || timePasses(timeBefore, state.latestTimestamp())) {
      instruments.compare(report, state);
      for (int t = 0; t < spec.tasks().size(); t++) {
        results.metrics(TaskMetrics.of(model, state, report, t).gated(gate(known, outcomes)));
      }
    }
    instruments.update(report, state);
    learner.update(StoredLearner.of(state));
  }

  /** What the gate last decided in the mini-batch, for the report. */
  private static TaskMetrics.Gate gate(Publication known, List<Outcome> outcomes) {
    Outcome outcome = outcomes.isEmpty() ? null : outcomes.get(outcomes.size() - 1);
    String reason =
        outcomes.stream().map(Outcome::reason).filter(r -> !r.isEmpty()).collect(joining("; "));
    return new TaskMetrics.Gate(
        outcome == null ? null : outcome.verdict().code(),
        reason.isEmpty() ? null : reason,
        known.isPinned(),
        known.withheld(),
        known.rollbacks());
  }

  /**
   * Does what a person asked for.
   *
   * @throws RefusedCommandException if it cannot be done, with a sentence
   */
  void obey(ResolvedCommand resolved, Results results) throws IOException, RefusedCommandException {
    String model = resolved.command().model();
    if (learner.value() == null) {
      throw new RefusedCommandException("this job has not learned such a model");
    }
    LearnerState state = load(model);
    Outcome outcome = publishing.obey(state, resolved);
    if (outcome != null) {
      results.snapshot(new TakenSnapshot(model, outcome.snapshot(), outcome.reason()));
    }
    learner.update(StoredLearner.of(state));
  }

  /** Deletes the current key's model, and withdraws what it published. */
  void retire(String model, Results results) throws IOException {
    StoredLearner stored = learner.value();
    if (stored != null) {
      LearnerState last = stored.live(spec);
      lives.update(last.incarnation() + 1);
      results.snapshot(TakenSnapshot.removal(model, last.version()));
    }
    learner.clear();
    replay.clear();
    publishing.forget();
    ModelMetrics series = metrics.remove(model);
    if (series != null) {
      series.close();
    }
  }

  private LearnerState load(String model) throws IOException {
    StoredLearner stored = learner.value();
    if (stored == null) {
      LearnerState fresh = floor.fresh(spec, lives.value());
      starting.begin(model, fresh);
      return fresh;
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
