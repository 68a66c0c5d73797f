package dev.samgs.deploy.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.learn.TaskScore;
import dev.samgs.spec.TaskKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Prequential figures of one task next to those of its naive baseline (running mean; majority class
 * so far). Figures that do not apply to the kind, or are over no labels, are NaN.
 *
 * @param scored labels that the figures are over
 * @param mae mean absolute error, in the label's unit
 * @param rmse root of the mean squared error, in the label's unit
 * @param averagePrecision of a binary task
 */
public record TaskFigures(
    TaskKind kind,
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
    double baselineLogLoss) {

  /** From here on the majority class is so frequent that accuracy says little. */
  private static final double RARE = 0.9;

  /** What a task is judged by. */
  public enum PrimaryScore {
    MAE("MAE", false),
    ACCURACY("accuracy", true),
    LOG_LOSS("log-loss", false);

    private final String label;
    private final boolean higherIsBetter;

    PrimaryScore(String label, boolean higherIsBetter) {
      this.label = label;
      this.higherIsBetter = higherIsBetter;
    }

    /** The score's name, for people. */
    public String label() {
      return label;
    }
  }

  /** The figures of a learner's own score of a task. */
  static TaskFigures of(TaskKind kind, TaskScore score, double averagePrecision) {
    boolean regression = kind == TaskKind.REGRESSION;
    return new TaskFigures(
        kind,
        score.scored(),
        regression ? score.meanAbsoluteError() : Double.NaN,
        regression ? score.rootMeanSquaredError() : Double.NaN,
        regression ? Double.NaN : score.accuracy(),
        regression ? Double.NaN : score.macroF1(),
        regression ? Double.NaN : score.logLoss(),
        kind == TaskKind.BINARY ? averagePrecision : Double.NaN,
        regression ? score.baselineMeanAbsoluteError() : Double.NaN,
        regression ? score.baselineRootMeanSquaredError() : Double.NaN,
        regression ? Double.NaN : score.baselineAccuracy(),
        regression ? Double.NaN : score.baselineMacroF1(),
        regression ? Double.NaN : score.baselineLogLoss());
  }

  /** The figures that a job has reported; its average precision is a close estimate. */
  public static TaskFigures of(TaskMetrics metrics) {
    return new TaskFigures(
        TaskKind.valueOf(metrics.kind().toUpperCase(Locale.ROOT)),
        metrics.scored(),
        metrics.mae(),
        metrics.rmse(),
        metrics.accuracy(),
        metrics.macroF1(),
        metrics.logLoss(),
        metrics.averagePrecision(),
        metrics.baselineMae(),
        metrics.baselineRmse(),
        metrics.baselineAccuracy(),
        metrics.baselineMacroF1(),
        metrics.baselineLogLoss());
  }

  /** MAE; accuracy; or log-loss where guessing the majority class is right nine times in ten. */
  public PrimaryScore primaryScore() {
    if (kind == TaskKind.REGRESSION) {
      return PrimaryScore.MAE;
    }
    return baselineAccuracy >= RARE ? PrimaryScore.LOG_LOSS : PrimaryScore.ACCURACY;
  }

  /** The primary score of the learner. */
  public double primary() {
    return switch (primaryScore()) {
      case MAE -> mae;
      case ACCURACY -> accuracy;
      case LOG_LOSS -> logLoss;
    };
  }

  /** The primary score of the baseline. */
  public double baselinePrimary() {
    return switch (primaryScore()) {
      case MAE -> baselineMae;
      case ACCURACY -> baselineAccuracy;
      case LOG_LOSS -> baselineLogLoss;
    };
  }

  /** Whether the learner is better than the baseline by the primary score. */
  public boolean beatsBaseline() {
    return primaryScore().higherIsBetter
        ? primary() > baselinePrimary()
        : primary() < baselinePrimary();
  }

  /**
   * Means of the figures of several runs over the same labels, which differ by their seeds.
   *
   * @param runs at least one
   */
  public static TaskFigures mean(List<TaskFigures> runs) {
    TaskFigures first = runs.get(0);
    return new TaskFigures(
        first.kind,
        first.scored,
        Spread.of(runs, TaskFigures::mae).mean(),
        Spread.of(runs, TaskFigures::rmse).mean(),
        Spread.of(runs, TaskFigures::accuracy).mean(),
        Spread.of(runs, TaskFigures::macroF1).mean(),
        Spread.of(runs, TaskFigures::logLoss).mean(),
        Spread.of(runs, TaskFigures::averagePrecision).mean(),
        first.baselineMae,
        first.baselineRmse,
        first.baselineAccuracy,
        first.baselineMacroF1,
        first.baselineLogLoss);
  }

  /** As JSON: only the keys of the kind, in a fixed order, null where there is no figure. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("kind", kind.name().toLowerCase(Locale.ROOT));
    json.put("scored", scored);
    own(kind).forEach((key, figure) -> put(json, key, figure.applyAsDouble(this)));
    if (kind == TaskKind.REGRESSION) {
      put(json, "baselineMae", baselineMae);
      put(json, "baselineRmse", baselineRmse);
    } else {
      put(json, "baselineAccuracy", baselineAccuracy);
      put(json, "baselineMacroF1", baselineMacroF1);
      put(json, "baselineLogLoss", baselineLogLoss);
    }
    return json;
  }

  /**
   * As JSON: the {@link #mean} of the runs; if there are several, then {@code deviation}, {@code
   * min} and {@code max} of each figure, and its {@code values}, one for each run.
   */
  public static ObjectNode toJson(List<TaskFigures> runs) {
    TaskFigures mean = mean(runs);
    ObjectNode json = mean.toJson();
    if (runs.size() == 1) {
      return json;
    }
    ObjectNode deviation = json.putObject("deviation");
    ObjectNode min = json.putObject("min");
    ObjectNode max = json.putObject("max");
    ObjectNode values = json.putObject("values");
    own(mean.kind)
        .forEach(
            (key, figure) -> {
              Spread spread = Spread.of(runs, figure);
              put(deviation, key, spread.deviation());
              put(min, key, spread.min());
              put(max, key, spread.max());
              ArrayNode each = values.putArray(key);
              runs.forEach(run -> add(each, figure.applyAsDouble(run)));
            });
    return json;
  }

  /** The learner's own figures of a kind, under their keys. */
  private static Map<String, ToDoubleFunction<TaskFigures>> own(TaskKind kind) {
    Map<String, ToDoubleFunction<TaskFigures>> figures = new LinkedHashMap<>();
    if (kind == TaskKind.REGRESSION) {
      figures.put("mae", TaskFigures::mae);
      figures.put("rmse", TaskFigures::rmse);
    } else {
      figures.put("accuracy", TaskFigures::accuracy);
      figures.put("macroF1", TaskFigures::macroF1);
      figures.put("logLoss", TaskFigures::logLoss);
      if (kind == TaskKind.BINARY) {
        figures.put("averagePrecision", TaskFigures::averagePrecision);
      }
    }
    return figures;
  }

  private static void add(ArrayNode json, double value) {
    if (Double.isFinite(value)) {
      json.add(value);
    } else {
      json.addNull();
    }
  }

  private static void put(ObjectNode json, String key, double value) {
    if (Double.isFinite(value)) {
      json.put(key, value);
    } else {
      json.putNull(key);
    }
  }
}
