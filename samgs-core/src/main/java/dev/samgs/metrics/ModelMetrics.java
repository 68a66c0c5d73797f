package dev.samgs.metrics;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.DriftAlarm;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.Trainer;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.PairwiseSimilarity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The instruments of one model, updated once per mini-batch. By their Prometheus names:
 *
 * <table>
 * <caption>Series of a model</caption>
 * <tr><th>name</th><th>labels beside {@code model}</th><th>meaning</th></tr>
 * <tr><td>{@code samgs_rows_total}</td><td></td><td>rows predicted</td></tr>
 * <tr><td>{@code samgs_mini_batches_total}</td><td></td><td>mini-batches learned</td></tr>
 * <tr><td>{@code samgs_updates_total}</td><td>{@code branch}</td>
 *     <td>optimiser steps applied, by what the surgery did: equalised, modulated, plain</td></tr>
 * <tr><td>{@code samgs_refused_updates_total}</td><td></td>
 *     <td>steps not applied because they were non-finite or exploding</td></tr>
 * <tr><td>{@code samgs_parameter_restores_total}</td><td></td>
 *     <td>returns of the last good parameters</td></tr>
 * <tr><td>{@code samgs_labels_total}</td><td>{@code task}</td><td>labels learned</td></tr>
 * <tr><td>{@code samgs_missing_labels_total}</td><td>{@code task}</td>
 *     <td>rows learned without a label of the task</td></tr>
 * <tr><td>{@code samgs_label_delay_seconds}</td><td>{@code task}</td>
 *     <td>event time by which the labels of the latest mini-batch were behind the newest row</td></tr>
 * <tr><td>{@code samgs_drift_alarms_total}</td><td>{@code task, detector}</td>
 *     <td>drift alarms</td></tr>
 * <tr><td>{@code samgs_label_shift_alarms_total}</td><td>{@code task, detector}</td>
 *     <td>alarms of a change in the distribution of a task's labels</td></tr>
 * <tr><td>{@code samgs_feature_shift_alarms_total}</td><td>{@code detector}</td>
 *     <td>alarms of a change in the distribution of the features</td></tr>
 * <tr><td>{@code samgs_loss}</td><td>{@code task}</td>
 *     <td>fading prequential loss: absolute error in the label's unit, or log-loss</td></tr>
 * <tr><td>{@code samgs_baseline_loss}</td><td>{@code task}</td>
 *     <td>the same of the naive baseline</td></tr>
 * <tr><td>{@code samgs_score}</td><td>{@code task}</td>
 *     <td>fading share of right classes, or of the baseline's squared error taken away</td></tr>
 * <tr><td>{@code samgs_baseline_score}</td><td>{@code task}</td>
 *     <td>the same of the naive baseline</td></tr>
 * <tr><td>{@code samgs_gradient_weight}</td><td>{@code task}</td>
 *     <td>what the surgery multiplied the task's gradient by, when last measured</td></tr>
 * <tr><td>{@code samgs_gradient_lowest_cosine}</td><td>{@code task}</td>
 *     <td>lowest cosine of the task's gradient to another task's, when last measured; negative: a
 *     conflict</td></tr>
 * <tr><td>{@code samgs_gradient_norm}</td><td>{@code task}</td>
 *     <td>norm of the task's latest gradient over the shared parameters</td></tr>
 * <tr><td>{@code samgs_gradient_similarity_ratio}</td><td></td>
 *     <td>mean gradient magnitude similarity in the latest mini-batch with two tasks</td></tr>
 * <tr><td>{@code samgs_drift_error_ratio}</td><td>{@code task, detector}</td>
 *     <td>mean error in the drift detector's present window</td></tr>
 * <tr><td>{@code samgs_drift_statistic_ratio}</td><td>{@code task, detector}</td>
 *     <td>how near the drift detector is to an alarm; 1 is there</td></tr>
 * <tr><td>{@code samgs_drifting}</td><td>{@code task, detector}</td>
 *     <td>1 from an alarm until half of the rise is gone, or its level is the normal one; else 0
 *     </td></tr>
 * <tr><td>{@code samgs_label_stability_index}</td><td>{@code task}</td>
 *     <td>population stability index of recent labels against those before</td></tr>
 * <tr><td>{@code samgs_feature_stability_index}</td><td></td>
 *     <td>largest population stability index of a feature</td></tr>
 * <tr><td>{@code samgs_missing_features_ratio}</td><td></td>
 *     <td>share of recent feature values that are missing</td></tr>
 * <tr><td>{@code samgs_version}</td><td></td><td>version of the latest snapshot</td></tr>
 * <tr><td>{@code samgs_latest_event_timestamp_seconds}</td><td></td>
 *     <td>event-time watermark</td></tr>
 * <tr><td>{@code samgs_lifetime_rows}, {@code samgs_lifetime_updates},
 *     {@code samgs_lifetime_drift_alarms}; {@code samgs_lifetime_labels}</td>
 *     <td>{@code task} on the last</td>
 *     <td>since the model began, over all restarts; the counters above count from the start of the
 *     process</td></tr>
 * </table>
 *
 * <p>Gauges that nothing is known of yet are NaN. Belongs to one thread.
 */
public final class ModelMetrics implements AutoCloseable {
  private static final int SERIES_PER_MODEL = 16;
  private static final int SERIES_PER_TASK = 17;

  /** What a gauge shows; written by the learner's thread, read by the scraper's. */
  private static final class Value {
    volatile double number = Double.NaN;
  }

  private final LearnerMetrics owner;
  private final MeterRegistry registry;
  private final String model;
  private final List<Meter> meters = new ArrayList<>();
  private final String[] taskNames;
  private volatile boolean active;

  private Counter rows;
  private Counter miniBatches;
  private Counter equalised;
  private Counter modulated;
  private Counter plain;
  private Counter refused;
  private Counter restores;
  private Counter featureShiftAlarms;
  private Counter[] labels;
  private Counter[] missingLabels;
  private Counter[] labelShiftAlarms;
  private Counter[] alarms;

  private final Value similarity = new Value();
  private final Value version = new Value();
  private final Value timestamp = new Value();
  private final Value lifetimeRows = new Value();
  private final Value lifetimeUpdates = new Value();
  private final Value lifetimeAlarms = new Value();
  private final Value featureIndex = new Value();
  private final Value missingFeatures = new Value();
  private final Value[] losses;
  private final Value[] baselineLosses;
  private final Value[] scores;
  private final Value[] baselineScores;
  private final Value[] labelDelays;
  private final Value[] labelIndices;
  private final Value[] gradientWeights;
  private final Value[] lowestCosines;
  private final Value[] driftStatistics;
  private final Value[] drifting;
  private final Value[] gradientNorms;
  private final Value[] driftErrors;
  private final Value[] lifetimeLabels;

  private long rowsBefore;

  static ModelMetrics withoutSeries() {
    return new ModelMetrics();
  }

  private ModelMetrics() {
    owner = null;
    registry = null;
    model = "";
    taskNames = new String[0];
    losses = values(0);
    baselineLosses = losses;
    scores = losses;
    baselineScores = losses;
    labelDelays = losses;
    labelIndices = losses;
    gradientWeights = losses;
    lowestCosines = losses;
    driftStatistics = losses;
    drifting = losses;
    gradientNorms = losses;
    driftErrors = losses;
    lifetimeLabels = losses;
  }

  ModelMetrics(LearnerMetrics owner, MeterRegistry registry, String model, LearnerState state) {
    this.owner = owner;
    this.registry = registry;
    this.model = model;
    ModelSpec spec = state.spec();
    int tasks = spec.tasks().size();
    taskNames = spec.tasks().stream().map(TaskSpec::name).toArray(String[]::new);
    losses = values(tasks);
    baselineLosses = values(tasks);
    scores = values(tasks);
    baselineScores = values(tasks);
    labelDelays = values(tasks);
    labelIndices = values(tasks);
    gradientWeights = values(tasks);
    lowestCosines = values(tasks);
    driftStatistics = values(tasks);
    drifting = values(tasks);
    gradientNorms = values(tasks);
    driftErrors = values(tasks);
    lifetimeLabels = values(tasks);
    registerModel(Tags.of("model", model));
    labels = new Counter[tasks];
    missingLabels = new Counter[tasks];
    labelShiftAlarms = new Counter[tasks];
    alarms = new Counter[tasks];
    String detector = DetectorMethod.of(spec.drift()).name();
    for (int t = 0; t < tasks; t++) {
      registerTask(t, Tags.of("model", model, "task", taskNames[t]), detector);
    }
    rowsBefore = state.rows();
    show(state);
    active = true;
  }

  private static Value[] values(int count) {
    Value[] values = new Value[count];
    Arrays.setAll(values, i -> new Value());
    return values;
  }

  /** How many series a model has. */
  static int series(ModelSpec spec) {
    return SERIES_PER_MODEL + SERIES_PER_TASK * spec.tasks().size();
  }

  private void registerModel(Tags tags) {
    rows = counter("samgs.rows", "Rows predicted", tags);
    miniBatches = counter("samgs.mini.batches", "Mini-batches learned", tags);
    equalised = updates(tags, "equalised");
    modulated = updates(tags, "modulated");
    plain = updates(tags, "plain");
    refused =
        counter(
            "samgs.refused.updates",
            "Optimiser steps not applied because they were non-finite or exploding",
            tags);
    restores = counter("samgs.parameter.restores", "Returns of the last good parameters", tags);
    featureShiftAlarms =
        counter(
            "samgs.feature.shift.alarms",
            "Alarms of a change in the distribution of the features",
            tags.and("detector", Trainer.SHIFT_DETECTOR));
    gauge(
        "samgs.feature.stability.index",
        "Largest population stability index of a feature, recent rows against those before",
        tags,
        featureIndex);
    gauge(
        "samgs.missing.features.ratio",
        "Share of recent feature values that are missing",
        tags,
        missingFeatures);
    gauge(
        "samgs.gradient.similarity.ratio",
        "Mean gradient magnitude similarity over pairs of tasks",
        tags,
        similarity);
    gauge("samgs.version", "Version of the latest snapshot", tags, version);
    gauge(
        "samgs.latest.event.timestamp.seconds",
        "Largest event time seen, in seconds since 1970",
        tags,
        timestamp);
    gauge("samgs.lifetime.rows", "Rows predicted since the model began", tags, lifetimeRows);
    gauge(
        "samgs.lifetime.updates",
        "Optimiser steps applied since the model began",
        tags,
        lifetimeUpdates);
    gauge(
        "samgs.lifetime.drift.alarms", "Drift alarms since the model began", tags, lifetimeAlarms);
  }

  private void registerTask(int t, Tags tags, String detector) {
    Tags detectorTags = tags.and("detector", detector);
    labels[t] = counter("samgs.labels", "Labels learned", tags);
    alarms[t] = counter("samgs.drift.alarms", "Drift alarms", detectorTags);
    missingLabels[t] =
        counter("samgs.missing.labels", "Rows learned without a label of the task", tags);
    labelShiftAlarms[t] =
        counter(
            "samgs.label.shift.alarms",
            "Alarms of a change in the distribution of the labels",
            tags.and("detector", Trainer.SHIFT_DETECTOR));
    gauge(
        "samgs.label.delay.seconds",
        "Event time by which the labels of the latest mini-batch were behind the newest row",
        tags,
        labelDelays[t]);
    gauge(
        "samgs.label.stability.index",
        "Population stability index of the task's recent labels against those before",
        tags,
        labelIndices[t]);
    gauge(
        "samgs.score",
        "Fading share of right classes, or of the baseline's squared error taken away",
        tags,
        scores[t]);
    gauge("samgs.baseline.score", "Fading score of the naive baseline", tags, baselineScores[t]);
    gauge(
        "samgs.gradient.weight",
        "What the surgery multiplied the task's gradient by, when last measured",
        tags,
        gradientWeights[t]);
    gauge(
        "samgs.gradient.lowest.cosine",
        "Lowest cosine of the task's gradient to another task's, when last measured",
        tags,
        lowestCosines[t]);
    gauge(
        "samgs.drift.statistic.ratio",
        "How near the drift detector is to an alarm; 1 is there",
        detectorTags,
        driftStatistics[t]);
    gauge(
        "samgs.drifting",
        "1 from an alarm until half of the rise is gone or normal, else 0",
        detectorTags,
        drifting[t]);
    gauge(
        "samgs.loss",
        "Fading prequential loss: absolute error in the label's unit, or log-loss",
        tags,
        losses[t]);
    gauge(
        "samgs.baseline.loss",
        "Fading prequential loss of the naive baseline",
        tags,
        baselineLosses[t]);
    gauge(
        "samgs.gradient.norm",
        "Norm of the task's latest gradient over the shared parameters",
        tags,
        gradientNorms[t]);
    gauge(
        "samgs.drift.error.ratio",
        "Mean error in the drift detector's present window",
        detectorTags,
        driftErrors[t]);
    gauge("samgs.lifetime.labels", "Labels learned since the model began", tags, lifetimeLabels[t]);
  }

  private Counter updates(Tags tags, String branch) {
    return counter(
        "samgs.updates",
        "Optimiser steps applied, by what the surgery did",
        tags.and("branch", branch));
  }

  private Counter counter(String name, String description, Tags tags) {
    Counter counter = Counter.builder(name).description(description).tags(tags).register(registry);
    meters.add(counter);
    return counter;
  }

  private void gauge(String name, String description, Tags tags, Value value) {
    meters.add(
        Gauge.builder(name, value, v -> v.number)
            .description(description)
            .tags(tags)
            .strongReference(true)
            .register(registry));
  }

  /**
   * Takes in what one mini-batch did.
   *
   * @param state the model after it; only read, during the call
   */
  public void update(StepReport report, LearnerState state) {
    if (!active) {
      return;
    }
    rows.increment(state.rows() - rowsBefore);
    rowsBefore = state.rows();
    miniBatches.increment();
    equalised.increment(report.equalised());
    modulated.increment(report.modulated());
    plain.increment(report.updates() - report.equalised() - report.modulated());
    refused.increment(report.refused());
    if (report.parametersRestored()) {
      restores.increment();
    }
    for (int t = 0; t < labels.length; t++) {
      labels[t].increment(report.labels(t));
      missingLabels[t].increment(report.rows() - report.labels(t));
      setIfKnown(labelDelays[t], report.labelDelay(t) / 1000);
      setIfKnown(gradientNorms[t], report.gradientNorm(t));
    }
    for (int a = 0; a < report.alarms().size(); a++) {
      DriftAlarm alarm = report.alarms().get(a);
      switch (alarm.kind()) {
        case ERROR -> alarms[task(alarm)].increment();
        case LABELS -> labelShiftAlarms[task(alarm)].increment();
        case FEATURES -> featureShiftAlarms.increment();
      }
    }
    setIfKnown(similarity, report.meanSimilarity());
    show(state);
  }

  /**
   * Takes in how the tasks' gradients stood to each other in the latest mini-batch and how far
   * recent rows are from those before. Costs a pass over each pair of gradients, so it is called
   * when a report is made.
   */
  public void compare(StepReport report, LearnerState state) {
    if (!active) {
      return;
    }
    PairwiseSimilarity pairs = report.similarity();
    for (int t = 0; t < labels.length; t++) {
      setIfKnown(gradientWeights[t], report.weight(t));
      double lowest = Double.NaN;
      for (int other = 0; other < labels.length; other++) {
        if (other != t && pairs.comparable(t, other) && !(pairs.cosine(t, other) >= lowest)) {
          lowest = pairs.cosine(t, other);
        }
      }
      setIfKnown(lowestCosines[t], lowest);
      driftStatistics[t].number = state.detector(t).statistic();
      if (state.labelShift(t) != null) {
        labelIndices[t].number = state.labelShift(t).largestIndex();
      }
    }
    if (state.featureShift() != null) {
      featureIndex.number = state.featureShift().largestIndex();
    }
    missingFeatures.number = state.missingFeatureRatio();
  }

  private int task(DriftAlarm alarm) {
    int task = 0;
    while (!taskNames[task].equals(alarm.task())) {
      task++;
    }
    return task;
  }

  private static void setIfKnown(Value value, double number) {
    if (!Double.isNaN(number)) {
      value.number = number;
    }
  }

  /** Shows what stands in the state itself. */
  private void show(LearnerState state) {
    version.number = state.version();
    if (state.latestTimestamp() != Long.MIN_VALUE) {
      timestamp.number = state.latestTimestamp() / 1000.0;
    }
    lifetimeRows.number = state.rows();
    lifetimeUpdates.number = state.updates();
    lifetimeAlarms.number = state.alarms();
    for (int t = 0; t < losses.length; t++) {
      losses[t].number = state.score(t).fadingLoss();
      baselineLosses[t].number = state.score(t).fadingBaselineLoss();
      scores[t].number = state.score(t).fadingScore();
      baselineScores[t].number = state.score(t).fadingBaselineScore();
      driftErrors[t].number = state.detector(t).mean();
      drifting[t].number = state.drift(t).drifting() ? 1 : 0;
      lifetimeLabels[t].number = state.score(t).labels();
    }
  }

  String model() {
    return model;
  }

  /** Takes the series out of the registry and returns how many they were. */
  int removeSeries() {
    active = false;
    meters.forEach(registry::remove);
    return meters.size();
  }

  /** Removes the model's series. */
  @Override
  public void close() {
    if (owner != null) {
      owner.remove(this);
    }
  }
}
