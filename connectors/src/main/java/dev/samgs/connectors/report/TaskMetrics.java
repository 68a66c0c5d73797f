package dev.samgs.connectors.report;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.DriftAlarm.MovedFeature;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.TaskDrift;
import dev.samgs.learn.TaskScore;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.PairwiseSimilarity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Standing of one task of one model after a mini-batch. Figures that do not apply, or are over no
 * labels, are NaN here and null in JSON. Errors of regression are in the label's own unit. The
 * published schema is {@code task-metrics.schema.json} beside this class.
 *
 * @param kind regression, binary or multiclass
 * @param version of the model's newest snapshot
 * @param update optimiser steps applied to the model
 * @param rows rows that the model has seen
 * @param watermark largest event time of these rows, milliseconds since 1970
 * @param labels labels of this task that the model has seen
 * @param missingLabels of the rows that the model has seen, those without a label of this task
 * @param labelDelay how far the model's newest row was ahead of the task's labelled rows when they
 *     were learned, in milliseconds of event time, on average over the mini-batch
 * @param loss fading mean absolute error or log-loss, over about the last 200 labels
 * @param baselineLoss the same of the naive baseline
 * @param score fading share of right classes, or of the baseline's squared error that is taken away
 *     (1 − Σe²/Σe₀²), over about the last 200 labels; higher is better
 * @param baselineScore the same of the naive baseline, 0 for regression
 * @param windowedLoss mean loss over the last 256 to 512 labels
 * @param windowedBaselineLoss the same of the naive baseline
 * @param windowedScore the score over these labels
 * @param windowedBaselineScore the same of the naive baseline
 * @param scored labels that the following figures are over, since the model began
 * @param gradientNorm norm of the task's gradient over the shared parameters in the last step
 * @param effectiveWeight what the surgery multiplied the task's gradient by in the last step,
 *     clipping included
 * @param similarities of the task's gradient to that of every other task in the last step
 * @param meanSimilarity mean gradient magnitude similarity of the mini-batch's steps
 * @param equalisedShare share of all steps of the model that equalised the gradients, 0 to 1
 * @param driftDetector name of the task's drift detector
 * @param driftStatistic how near the detector is to an alarm: 0 for not at all, 1 for there
 * @param driftState {@code drift} from an alarm of this task until half of the rise of its error is
 *     gone or 2048 labels have passed, else {@code stable}
 * @param driftBegan event time at which the latest drift of the task is estimated to have begun,
 *     milliseconds since 1970; null before the first
 * @param driftError the drift detector's estimate of the mean error, 0 to 1
 * @param taskAlarms drift alarms of the task
 * @param labelShift population stability index of the task's recent labels against those before
 * @param featureShift largest population stability index of a feature of the model
 * @param missingFeatures share of the model's recent feature values that are missing, 0 to 1
 * @param movedFeatures the features of the model that moved most, furthest first
 * @param alarms drift alarms of the model, all tasks together
 * @param refusedUpdates steps of the model that were not applied: non-finite or exploding
 * @param gate how the model stands with the gate between it and its predictors
 */
public record TaskMetrics(
    String model,
    String task,
    String kind,
    long version,
    long update,
    long rows,
    long watermark,
    long labels,
    long missingLabels,
    double labelDelay,
    double loss,
    double baselineLoss,
    double score,
    double baselineScore,
    double windowedLoss,
    double windowedBaselineLoss,
    double windowedScore,
    double windowedBaselineScore,
    long scored,
    double mae,
    double rmse,
    double accuracy,
    double macroF1,
    double logLoss,
    double averagePrecision,
    double baselineMae,
    double baselineRmse,
    double baselineAccuracy,
    double baselineMacroF1,
    double baselineLogLoss,
    double gradientNorm,
    double effectiveWeight,
    List<Similarity> similarities,
    double meanSimilarity,
    double equalisedShare,
    String driftDetector,
    double driftStatistic,
    String driftState,
    Long driftBegan,
    double driftError,
    long taskAlarms,
    double labelShift,
    double featureShift,
    double missingFeatures,
    List<MovedFeature> movedFeatures,
    long alarms,
    long refusedUpdates,
    Gate gate) {

  /**
   * How alike the gradients of two tasks were over the shared parameters.
   *
   * @param task the other task
   * @param magnitude gradient magnitude similarity, in (0, 1]; 1 for equal norms
   * @param cosine of the angle between them, −1 to 1; negative: the tasks conflict
   */
  public record Similarity(String task, double magnitude, double cosine) {}

  /**
   * How the model stands with the gate between it and its predictors.
   *
   * @param verdict what was decided in the mini-batch about publishing the model, see {@link
   *     dev.samgs.snapshot.Verdict}; null if nothing was
   * @param reason why, in a sentence; null where there is nothing to explain
   * @param pinned whether somebody holds everything back
   * @param withheld snapshots of the model that were withheld
   * @param rollbacks times that an earlier version was brought back
   */
  public record Gate(String verdict, String reason, boolean pinned, long withheld, long rollbacks) {
    /** Of a model that is not published. */
    public static final Gate NONE = new Gate(null, null, false, 0, 0);
  }

  /** The task is not drifting. */
  public static final String STABLE = "stable";

  /** The task is drifting. */
  public static final String DRIFT = "drift";

  private static final int NAMED_FEATURES = 3;

  public TaskMetrics {
    gate = gate == null ? Gate.NONE : gate;
    similarities = similarities == null ? List.of() : List.copyOf(similarities);
    movedFeatures = movedFeatures == null ? List.of() : List.copyOf(movedFeatures);
  }

  /**
   * The metrics of a task after a mini-batch.
   *
   * @param task index of the task in the specification
   */
  public static TaskMetrics of(String model, LearnerState state, StepReport report, int task) {
    TaskSpec spec = state.spec().tasks().get(task);
    TaskScore score = state.score(task);
    boolean regression = spec.kind() == TaskKind.REGRESSION;
    TaskDrift drift = state.drift(task);
    return new TaskMetrics(
        model,
        spec.name(),
        spec.kind().name().toLowerCase(Locale.ROOT),
        state.version(),
        state.updates(),
        state.rows(),
        state.latestTimestamp(),
        score.labels(),
        state.rows() - score.labels(),
        report.labelDelay(task),
        score.fadingLoss(),
        score.fadingBaselineLoss(),
        score.fadingScore(),
        score.fadingBaselineScore(),
        score.windowedLoss(),
        score.windowedBaselineLoss(),
        score.windowedScore(),
        score.windowedBaselineScore(),
        score.scored(),
        regression ? score.meanAbsoluteError() : Double.NaN,
        regression ? score.rootMeanSquaredError() : Double.NaN,
        regression ? Double.NaN : score.accuracy(),
        regression ? Double.NaN : score.macroF1(),
        regression ? Double.NaN : score.logLoss(),
        spec.kind() == TaskKind.BINARY ? score.averagePrecision() : Double.NaN,
        regression ? score.baselineMeanAbsoluteError() : Double.NaN,
        regression ? score.baselineRootMeanSquaredError() : Double.NaN,
        regression ? Double.NaN : score.baselineAccuracy(),
        regression ? Double.NaN : score.baselineMacroF1(),
        regression ? Double.NaN : score.baselineLogLoss(),
        report.gradientNorm(task),
        report.weight(task),
        similarities(state.spec().tasks(), report.similarity(), task),
        report.meanSimilarity(),
        (double) state.equalisedUpdates() / state.updates(),
        DetectorMethod.of(state.spec().drift()).name(),
        state.detector(task).statistic(),
        drift.drifting() ? DRIFT : STABLE,
        drift.alarms() == 0 ? null : drift.began(),
        state.detector(task).mean(),
        drift.alarms(),
        state.labelShift(task) == null ? Double.NaN : state.labelShift(task).largestIndex(),
        state.featureShift() == null ? Double.NaN : state.featureShift().largestIndex(),
        state.missingFeatureRatio(),
        state.movedFeatures(NAMED_FEATURES),
        state.alarms(),
        state.refusedUpdates(),
        Gate.NONE);
  }

  private static List<Similarity> similarities(
      List<TaskSpec> tasks, PairwiseSimilarity pairs, int task) {
    List<Similarity> similarities = new ArrayList<>();
    for (int other = 0; other < tasks.size(); other++) {
      if (other != task && pairs.comparable(task, other)) {
        similarities.add(
            new Similarity(
                tasks.get(other).name(), pairs.magnitude(task, other), pairs.cosine(task, other)));
      }
    }
    return similarities;
  }

  /** The same with how the model stands with the gate. */
  public TaskMetrics gated(Gate standing) {
    return new TaskMetrics(
        model,
        task,
        kind,
        version,
        update,
        rows,
        watermark,
        labels,
        missingLabels,
        labelDelay,
        loss,
        baselineLoss,
        score,
        baselineScore,
        windowedLoss,
        windowedBaselineLoss,
        windowedScore,
        windowedBaselineScore,
        scored,
        mae,
        rmse,
        accuracy,
        macroF1,
        logLoss,
        averagePrecision,
        baselineMae,
        baselineRmse,
        baselineAccuracy,
        baselineMacroF1,
        baselineLogLoss,
        gradientNorm,
        effectiveWeight,
        similarities,
        meanSimilarity,
        equalisedShare,
        driftDetector,
        driftStatistic,
        driftState,
        driftBegan,
        driftError,
        taskAlarms,
        labelShift,
        featureShift,
        missingFeatures,
        movedFeatures,
        alarms,
        refusedUpdates,
        standing);
  }

  /** As UTF-8 JSON: one object, keys as the components are named. */
  public byte[] toJson() {
    return ReportJson.write(this);
  }

  /** Reads what {@link #toJson} wrote, in this or a later version. */
  public static TaskMetrics fromJson(byte[] json) throws IOException {
    return ReportJson.read(json, TaskMetrics.class);
  }
}
