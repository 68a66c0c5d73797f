package dev.samgs.deploy.bench;

import dev.samgs.connectors.csv.CsvInference;
import dev.samgs.connectors.csv.CsvRow;
import dev.samgs.connectors.csv.CsvRows;
import dev.samgs.connectors.csv.CsvStream;
import dev.samgs.connectors.csv.TimestampUnit;
import dev.samgs.deploy.simulator.FactoryLine;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.drift.DriftDetector;
import dev.samgs.drift.PopulationShift;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.ShiftSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.function.Supplier;

/**
 * How well the drift detectors do, next to one that never gives an alarm and one that always does:
 * on synthetic errors whose changes are known, on a learner's own errors on a simulated line, and
 * on those on recorded streams whose drifts are documented.
 */
public final class DriftBench {
  /** Rows at which the recorded streams drift; none: no drift is known. */
  private static final Map<String, int[]> DRIFTS = new LinkedHashMap<>();

  static {
    DRIFTS.put("gas", new int[] {445, 1689, 3275, 3436, 3633, 5933, 6227});
    DRIFTS.put("hydraulic", new int[] {732, 1464});
    DRIFTS.put("hydraulic_mixed", new int[] {732, 1464});
    DRIFTS.put("cmapss", new int[] {20631, 45351, 99110});
    DRIFTS.put("ai4i", new int[] {});
  }

  /** Labels after a drift of a learner's errors within which an alarm counts as its detection. */
  private static final int HORIZON = 500;

  private static final int LINE_PARTS = 20_000;
  private static final int LINES = 3;

  private final DriftBenchSettings settings;
  private final Consumer<String> progress;
  private final Map<String, Supplier<DoublePredicate>> detectors = new LinkedHashMap<>();

  private DriftBench(DriftBenchSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
    for (DetectorMethod method : DetectorMethod.all()) {
      detectors.put(
          method.name(),
          () -> {
            DriftDetector detector = DetectorMethod.create(method.defaults());
            return detector::add;
          });
    }
    detectors.put(DriftFigures.NEVER, () -> error -> false);
    detectors.put(DriftFigures.ALWAYS, () -> error -> true);
  }

  /**
   * Measures.
   *
   * @param progress is told of what is passed over, a sentence each
   */
  public static DriftFigures run(DriftBenchSettings settings, Consumer<String> progress)
      throws Exception {
    return new DriftBench(settings, progress).run();
  }

  private DriftFigures run() throws Exception {
    DriftFigures figures = new DriftFigures(settings);
    for (String detector : detectors.keySet()) {
      figures.add(detector, synthetic(detector));
    }
    figures.shift(shift(), shiftNanosPerValue());
    simulated(figures);
    for (Map.Entry<String, int[]> stream : DRIFTS.entrySet()) {
      recorded(figures, stream.getKey(), stream.getValue());
    }
    return figures;
  }

  private DriftFigures.Synthetic synthetic(String name) {
    Supplier<DoublePredicate> detector = detectors.get(name);
    Map<ErrorStream.Kind, AlarmTally> changes = new EnumMap<>(ErrorStream.Kind.class);
    AlarmTally all = new AlarmTally();
    for (ErrorStream.Kind kind : ErrorStream.Kind.values()) {
      AlarmTally tally = new AlarmTally();
      for (int seed = 0; seed < settings.streams(); seed++) {
        ErrorStream stream = ErrorStream.of(kind, seed);
        tally.run(detector.get(), stream);
        all.run(detector.get(), stream);
      }
      changes.put(kind, tally);
    }
    AlarmTally stationary = new AlarmTally();
    long nanos = 0;
    for (int quarter = 0; quarter < 4; quarter++) {
      ErrorStream stream = ErrorStream.stationary(quarter, settings.events() / 4);
      DoublePredicate fresh = detector.get();
      long from = System.nanoTime();
      stationary.run(fresh, stream);
      nanos += System.nanoTime() - from;
    }
    AlarmTally dependent = new AlarmTally();
    dependent.run(detector.get(), ErrorStream.dependent(settings.events() / 4));
    return new DriftFigures.Synthetic(
        changes, all, stationary, dependent, (double) nanos / stationary.values());
  }

  /** Ten standard normal features in independent rows; one of them changes. */
  private Map<String, AlarmTally> shift() {
    Map<String, AlarmTally> tallies = new LinkedHashMap<>();
    tallies.put("abrupt", new AlarmTally());
    tallies.put("gradual", new AlarmTally());
    tallies.put("incremental", new AlarmTally());
    tallies.put("recurring", new AlarmTally());
    tallies.forEach(
        (kind, tally) -> {
          for (int seed = 0; seed < settings.streams(); seed++) {
            tally.run(shiftDetector(kind, seed), shiftStream(kind));
          }
        });
    AlarmTally stationary = new AlarmTally();
    int rows = settings.events() / 10;
    stationary.run(shiftDetector("none", 99), new ErrorStream(new double[rows], new int[0], 0));
    tallies.put("none", stationary);
    return tallies;
  }

  /** Stands for rows: the detector makes them itself, from their number. */
  private static ErrorStream shiftStream(String kind) {
    return kind.equals("recurring")
        ? new ErrorStream(new double[24_000], new int[] {8000, 12_000, 16_000, 20_000}, 4000)
        : new ErrorStream(new double[18_000], new int[] {10_000}, 8000);
  }

  private static DoublePredicate shiftDetector(String kind, int seed) {
    int features = 10;
    PopulationShift shift =
        new PopulationShift(features, PopulationShift.NUMBER_BINS, ShiftSpec.defaults());
    SplittableRandom random = new SplittableRandom(500 + seed);
    int[] row = new int[1];
    return ignored -> {
      int r = row[0]++;
      double offset =
          switch (kind) {
            case "abrupt" -> r < 10_000 ? 0 : 1;
            case "gradual" -> random.nextDouble() < (r - 10_000) / 2000.0 ? 1 : 0;
            case "incremental" -> Math.max(0, Math.min(1, (r - 10_000) / 4000.0));
            case "recurring" -> r < 8000 || r / 4000 % 2 != 0 ? 0 : 1;
            default -> 0;
          };
      for (int f = 0; f < features; f++) {
        shift.add(f, PopulationShift.binOf(random.nextGaussian() + (f == 3 ? offset : 0)));
      }
      shift.endRow(r, 1);
      return shift.takeShift() != null;
    };
  }

  /** Time of one feature value, judging included, in standardised rows made beforehand. */
  private static double shiftNanosPerValue() {
    int features = 100;
    int rows = 1000;
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[features * rows];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    PopulationShift shift =
        new PopulationShift(features, PopulationShift.NUMBER_BINS, ShiftSpec.defaults());
    int repeats = 60;
    long from = 0;
    for (int repeat = -repeats / 2; repeat < repeats; repeat++) {
      if (repeat == 0) {
        from = System.nanoTime();
      }
      for (int r = 0; r < rows; r++) {
        for (int f = 0; f < features; f++) {
          shift.add(f, PopulationShift.binOf(values[r * features + f]));
        }
        shift.endRow(r, 5);
      }
    }
    return (System.nanoTime() - from) / ((double) repeats * rows * features);
  }

  private void simulated(DriftFigures figures) {
    ModelSpec spec =
        new ModelSpec(
            FactoryLine.FEATURES,
            ReactionBench.lineTasks(),
            NetworkSpec.defaults(),
            LearningSpec.defaults(),
            SurgeryMethod.all().get(0).defaults(),
            DetectorMethod.all().get(0).defaults());
    for (FactoryLine.Drift drift : FactoryLine.Drift.values()) {
      List<RecordedErrors> lines = new ArrayList<>();
      for (int seed = 0; seed < Math.min(LINES, settings.streams()); seed++) {
        RecordedErrors errors = new RecordedErrors(spec);
        FactoryLine line = new FactoryLine("line", seed, drift);
        for (int part = 0; part < LINE_PARTS; part++) {
          if (part == LINE_PARTS / 2) {
            line.drift();
          }
          errors.add(line.next(part).row());
        }
        lines.add(errors);
      }
      int[] drifts = drift == FactoryLine.Drift.NONE ? new int[0] : new int[] {LINE_PARTS / 2};
      for (String detector : detectors.keySet()) {
        figures.add(
            detector,
            "line, " + drift.name().toLowerCase(java.util.Locale.ROOT),
            judge(detectors.get(detector), lines, drifts));
      }
    }
  }

  private void recorded(DriftFigures figures, String name, int[] drifts) throws Exception {
    Path file = settings.data() == null ? null : settings.data().resolve(name + ".csv.gz");
    if (file == null || !Files.isReadable(file)) {
      progress.accept(
          "passed over: "
              + name
              + ", "
              + (file == null ? "--data names no directory" : file + " is not there"));
      return;
    }
    CsvStream stream = CsvStream.open(file);
    CsvInference inference = stream.infer(Map.of(), progress);
    ModelSpec spec =
        new ModelSpec(
            inference.features(),
            inference.tasks(),
            NetworkSpec.defaults(),
            LearningSpec.defaults(),
            SurgeryMethod.all().get(0).defaults(),
            DetectorMethod.all().get(0).defaults());
    RecordedErrors errors = new RecordedErrors(spec);
    try (CsvRows rows = stream.rows(spec, TimestampUnit.ROW, progress)) {
      for (CsvRow row = rows.next(); row != null; row = rows.next()) {
        errors.add(row.row());
      }
    }
    for (String detector : detectors.keySet()) {
      figures.add(detector, name, judge(detectors.get(detector), List.of(errors), drifts));
    }
  }

  /** All tasks of all runs; a drift is seen when one task is alarmed. */
  private static DriftFigures.OfLearner judge(
      Supplier<DoublePredicate> detector, List<RecordedErrors> runs, int[] drifts) {
    AlarmTally tally = new AlarmTally();
    int seen = 0;
    for (RecordedErrors run : runs) {
      boolean[] found = new boolean[drifts.length];
      for (int t = 0; t < run.tasks(); t++) {
        boolean[] byTask = tally.run(detector.get(), run.stream(t, drifts, HORIZON));
        for (int d = 0; d < found.length; d++) {
          found[d] |= byTask[d];
        }
      }
      for (boolean one : found) {
        seen += one ? 1 : 0;
      }
    }
    return new DriftFigures.OfLearner(tally, seen, drifts.length * runs.size());
  }
}
