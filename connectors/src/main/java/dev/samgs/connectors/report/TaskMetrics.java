package dev.samgs.connectors.report;

import dev.samgs.learn.LearnerState;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.TaskScore;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import java.io.IOException;
import java.util.Locale;

/**
 * Standing of one task of one model after a mini-batch. Figures that do not apply, or are over no
 * labels, are NaN here and null in JSON. Errors of regression are in the label's own unit.
 *
 * @param kind regression, binary or multiclass
 * @param version of the model's newest snapshot
 * @param update optimiser steps applied to the model
 * @param rows rows that the model has seen
 * @param watermark largest event time of these rows, milliseconds since 1970
 * @param labels labels of this task that the model has seen
 * @param loss fading mean absolute error or log-loss, over about the last 200 labels
 * @param baselineLoss the same of the naive baseline
 * @param scored labels that the following figures are over, since the model began
 * @param gradientNorm norm of the task's gradient over the shared parameters in the last step
 * @param meanSimilarity mean gradient magnitude similarity of the mini-batch's steps
 * @param equalisedShare share of all steps of the model that equalised the gradients, 0 to 1
 * @param driftState {@code drift} if the mini-batch raised an alarm for this task, else {@code
 *     stable}
 * @param driftError the drift detector's estimate of the mean error, 0 to 1
 * @param alarms drift alarms of the model, all tasks together
 * @param refusedUpdates steps of the model that were not applied: non-finite or exploding
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
    double loss,
    double baselineLoss,
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
    double meanSimilarity,
    double equalisedShare,
    String driftState,
    double driftError,
    long alarms,
    long refusedUpdates) {

  /** The task had no alarm in the mini-batch. */
  public static final String STABLE = "stable";

  /** The task had an alarm in the mini-batch. */
  public static final String DRIFT = "drift";

  /**
   * The metrics of a task after a mini-batch.
   *
   * @param task index of the task in the specification
   */
  public static TaskMetrics of(String model, LearnerState state, StepReport report, int task) {
    TaskSpec spec = state.spec().tasks().get(task);
    TaskScore score = state.score(task);
    boolean regression = spec.kind() == TaskKind.REGRESSION;
    boolean alarmed = report.alarms().stream().anyMatch(alarm -> alarm.task().equals(spec.name()));
    return new TaskMetrics(
        model,
        spec.name(),
        spec.kind().name().toLowerCase(Locale.ROOT),
        state.version(),
        state.updates(),
        state.rows(),
        state.latestTimestamp(),
        score.labels(),
        score.fadingLoss(),
        score.fadingBaselineLoss(),
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
        report.meanSimilarity(),
        (double) state.equalisedUpdates() / state.updates(),
        alarmed ? DRIFT : STABLE,
        state.detector(task).mean(),
        state.alarms(),
        state.refusedUpdates());
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
