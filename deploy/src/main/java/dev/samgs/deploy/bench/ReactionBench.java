package dev.samgs.deploy.bench;

import dev.samgs.connectors.csv.CsvInference;
import dev.samgs.connectors.csv.CsvRow;
import dev.samgs.connectors.csv.CsvRows;
import dev.samgs.connectors.csv.CsvStream;
import dev.samgs.connectors.csv.TimestampUnit;
import dev.samgs.deploy.simulator.FactoryLine;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.Reaction;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * What each reaction to drift is worth: the prequential loss of all tasks of a drifting stream,
 * with the reaction, relative to the loss without one.
 */
public final class ReactionBench {
  private static final List<String> RECORDED =
      List.of("gas", "hydraulic", "hydraulic_mixed", "airquality", "cmapss");
  private static final int LINE_PARTS = 20_000;

  private ReactionBench() {}

  /**
   * Measures.
   *
   * @param data directory of the recorded streams; null for none
   * @param seeds how often each stream is run: seeds of the learner, 1 and on, and of what is
   *     synthetic or simulated in the stream
   * @param progress is told of what is passed over, a sentence each
   * @return by stream and reaction, for each seed the geometric mean over the tasks of the ratio of
   *     losses (mean absolute error, or log-loss) to those without a reaction
   */
  public static Map<String, Map<Reaction, double[]>> run(
      Path data, int seeds, Consumer<String> progress) throws Exception {
    Map<String, Map<Reaction, double[]>> ratios = new LinkedHashMap<>();
    for (DriftingRows.Kind kind : DriftingRows.Kind.values()) {
      ratios.put(
          kind.text(),
          compare(
              DriftingRows.features(),
              DriftingRows.tasks(),
              seeds,
              seed -> DriftingRows.of(kind, 16 + seed)));
    }
    for (FactoryLine.Drift drift : List.of(FactoryLine.Drift.MATERIAL, FactoryLine.Drift.TOOLING)) {
      ratios.put(
          "line, " + drift.name().toLowerCase(Locale.ROOT),
          compare(FactoryLine.FEATURES, lineTasks(), seeds, seed -> line(drift, seed)));
    }
    for (String name : RECORDED) {
      Path file = data == null ? null : data.resolve(name + ".csv.gz");
      if (file == null || !Files.isReadable(file)) {
        progress.accept(
            "passed over: "
                + name
                + ", "
                + (file == null ? "--data names no directory" : file + " is not there"));
      } else {
        ratios.put(name, compare(file, seeds, progress));
      }
    }
    return ratios;
  }

  static List<TaskSpec> lineTasks() {
    return List.of(
        TaskSpec.regression(FactoryLine.REMAINING_HOURS),
        TaskSpec.binary(FactoryLine.FAULT),
        TaskSpec.multiclass(FactoryLine.QUALITY, 3),
        TaskSpec.regression(FactoryLine.ENERGY_KWH));
  }

  private static List<Row> line(FactoryLine.Drift drift, long seed) {
    FactoryLine line = new FactoryLine("line", seed, drift);
    List<Row> rows = new ArrayList<>();
    for (int part = 0; part < LINE_PARTS; part++) {
      if (part == LINE_PARTS / 2) {
        line.drift();
      }
      rows.add(line.next(part).row());
    }
    return rows;
  }

  private static Map<Reaction, double[]> compare(Path file, int seeds, Consumer<String> progress) {
    CsvStream stream = CsvStream.open(file);
    CsvInference inference = stream.infer(Map.of(), progress);
    List<Row> rows = new ArrayList<>();
    try (CsvRows csv =
        stream.rows(
            spec(inference.features(), inference.tasks(), Reaction.NONE, 1),
            TimestampUnit.ROW,
            progress)) {
      for (CsvRow row = csv.next(); row != null; row = csv.next()) {
        rows.add(row.row());
      }
    }
    return compare(inference.features(), inference.tasks(), seeds, seed -> rows);
  }

  private static Map<Reaction, double[]> compare(
      List<String> features, List<TaskSpec> tasks, int seeds, LongFunction<List<Row>> rows) {
    Map<Reaction, double[]> ratios = new EnumMap<>(Reaction.class);
    for (Reaction reaction : Reaction.values()) {
      ratios.put(reaction, new double[seeds]);
    }
    for (int seed = 1; seed <= seeds; seed++) {
      List<Row> stream = rows.apply(seed);
      double[] without = losses(spec(features, tasks, Reaction.NONE, seed), stream);
      for (Reaction reaction : Reaction.values()) {
        double[] with =
            reaction == Reaction.NONE
                ? without
                : losses(spec(features, tasks, reaction, seed), stream);
        double logarithms = 0;
        for (int t = 0; t < with.length; t++) {
          logarithms += Math.log(with[t] / without[t]);
        }
        ratios.get(reaction)[seed - 1] = Math.exp(logarithms / with.length);
      }
    }
    return ratios;
  }

  private static double[] losses(ModelSpec spec, List<Row> rows) {
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    RowBatch batch = new RowBatch(spec);
    for (Row row : rows) {
      batch.clear();
      batch.add(row);
      learner.arrive(batch);
      learner.release(batch);
    }
    LearnerState state = learner.state();
    double[] losses = new double[spec.tasks().size()];
    for (int t = 0; t < losses.length; t++) {
      losses[t] =
          spec.tasks().get(t).kind() == TaskKind.REGRESSION
              ? state.score(t).meanAbsoluteError()
              : state.score(t).logLoss();
    }
    return losses;
  }

  private static ModelSpec spec(
      List<String> features, List<TaskSpec> tasks, Reaction reaction, long seed) {
    return new ModelSpec(
        features,
        tasks.stream().map(task -> task.withReaction(reaction)).toList(),
        NetworkSpec.defaults(),
        LearningSpec.defaults().withSeed(seed),
        SurgeryMethod.all().get(0).defaults(),
        DetectorMethod.all().get(0).defaults());
  }
}
