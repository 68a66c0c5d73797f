package dev.samgs.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run of the drift benchmark has measured, as tables and as JSON. */
public final class DriftFigures {
  /** Control that gives no alarm. */
  static final String NEVER = "(never)";

  /** Control that gives an alarm with every error. */
  static final String ALWAYS = "(always)";

  /**
   * A detector on synthetic errors.
   *
   * @param changes by kind of change
   * @param all the same streams together
   * @param stationary errors that are independent, without a change
   * @param dependent errors that depend on each other, without a lasting change
   * @param nanosPerError time of one error
   */
  record Synthetic(
      Map<ErrorStream.Kind, AlarmTally> changes,
      AlarmTally all,
      AlarmTally stationary,
      AlarmTally dependent,
      double nanosPerError) {}

  /**
   * A detector on a learner's errors.
   *
   * @param tasks over the tasks, each by itself
   * @param seen drifts that at least one task was alarmed of
   * @param drifts drifts that there were
   */
  record OfLearner(AlarmTally tasks, int seen, int drifts) {}

  private final DriftBenchSettings settings;
  private final Map<String, Synthetic> synthetic = new LinkedHashMap<>();
  private final Map<String, Map<String, OfLearner>> ofLearner = new LinkedHashMap<>();
  private Map<String, AlarmTally> shift = Map.of();
  private double shiftNanos = Double.NaN;

  DriftFigures(DriftBenchSettings settings) {
    this.settings = settings;
  }

  void add(String detector, Synthetic figures) {
    synthetic.put(detector, figures);
  }

  void add(String detector, String stream, OfLearner figures) {
    ofLearner.computeIfAbsent(stream, s -> new LinkedHashMap<>()).put(detector, figures);
  }

  /**
   * @param nanosPerValue time of one feature value
   */
  void shift(Map<String, AlarmTally> tallies, double nanosPerValue) {
    shift = tallies;
    shiftNanos = nanosPerValue;
  }

  /** All of it, in tables. */
  public List<String> text() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "Synthetic errors: median delay, and recall where it is not 100 %%, over %d streams of"
                + " each kind;",
            settings.streams()));
    lines.add(
        "false alarms per million in "
            + Figures.count(settings.events())
            + " independent and "
            + Figures.count(settings.events() / 4)
            + " dependent errors; ns per error.");
    lines.add("");
    TextTable table = new TextTable("lrrrrrrrrrr");
    table.add(
        "detector",
        "abrupt",
        "small",
        "gradual",
        "incremental",
        "recurring",
        "numbers",
        "false/M",
        "dependent",
        "F1",
        "ns");
    synthetic.forEach(
        (detector, figures) -> {
          List<String> cells = new ArrayList<>();
          cells.add(detector);
          figures.changes().values().forEach(tally -> cells.add(delay(tally)));
          cells.add(perMillion(figures.stationary()));
          cells.add(perMillion(figures.dependent()));
          cells.add(String.format(Locale.ROOT, "%.3f", figures.all().f1()));
          cells.add(String.format(Locale.ROOT, "%.0f", figures.nanosPerError()));
          table.add(cells.toArray(String[]::new));
        });
    lines.addAll(table.lines());
    lines.add("");
    lines.add(
        "A learner's own errors: drifts seen by at least one task, median delay in labels, false"
            + " alarms per million labels.");
    lines.add("");
    lines.addAll(learnerTable());
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "One of ten features changes by a deviation, seen by population stability index, %.1f"
                + " ns per value:",
            shiftNanos));
    lines.add("");
    TextTable features = new TextTable("lrr");
    features.add("change", "delay", "false/M");
    shift.forEach((kind, tally) -> features.add(kind, delay(tally), perMillion(tally)));
    lines.addAll(features.lines());
    return lines;
  }

  private List<String> learnerTable() {
    TextTable table = new TextTable("l" + "r".repeat(ofLearner.size()));
    List<String> head = new ArrayList<>(List.of("detector"));
    head.addAll(ofLearner.keySet());
    table.add(head.toArray(String[]::new));
    for (String detector : synthetic.keySet()) {
      List<String> cells = new ArrayList<>(List.of(detector));
      for (Map<String, OfLearner> stream : ofLearner.values()) {
        OfLearner figures = stream.get(detector);
        String found =
            figures.drifts() == 0
                ? ""
                : figures.seen()
                    + "/"
                    + figures.drifts()
                    + " "
                    + wholes(figures.tasks().medianDelay())
                    + " ";
        cells.add(found + perMillion(figures.tasks()));
      }
      table.add(cells.toArray(String[]::new));
    }
    return table.lines();
  }

  private static String delay(AlarmTally tally) {
    if (tally.changes() == 0) {
      return "-";
    }
    return wholes(tally.medianDelay())
        + (tally.found() == tally.changes()
            ? ""
            : String.format(Locale.ROOT, " (%.0f %%)", 100 * tally.recall()));
  }

  private static String wholes(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.0f", value);
  }

  private static String perMillion(AlarmTally tally) {
    double rate = tally.falseAlarmsPerMillion();
    return String.format(Locale.ROOT, rate < 100 ? "%.1f" : "%,.0f", rate);
  }

  /** All of it, as one object. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("events", settings.events());
    json.put("streams", settings.streams());
    ObjectNode detectors = json.putObject("detectors");
    synthetic.forEach(
        (detector, figures) -> {
          ObjectNode one = detectors.putObject(detector);
          figures.changes().forEach((kind, tally) -> put(one.putObject(kind.text()), tally));
          put(one.putObject("stationary"), figures.stationary());
          put(one.putObject("dependent"), figures.dependent());
          one.put("f1", figures.all().f1());
          one.put("nanosPerError", figures.nanosPerError());
          ObjectNode learners = one.putObject("learners");
          ofLearner.forEach(
              (stream, all) -> {
                ObjectNode of = learners.putObject(stream);
                put(of, all.get(detector).tasks());
                of.put("drifts", all.get(detector).drifts());
                of.put("driftsSeen", all.get(detector).seen());
              });
        });
    json.put("featureNanosPerValue", shiftNanos);
    ObjectNode features = json.putObject("features");
    shift.forEach((kind, tally) -> put(features.putObject(kind), tally));
    return json;
  }

  private static void put(ObjectNode json, AlarmTally tally) {
    json.put("values", tally.values());
    json.put("changes", tally.changes());
    json.put("found", tally.found());
    if (tally.found() > 0) {
      json.put("medianDelay", tally.medianDelay());
    }
    json.put("falseAlarms", tally.falseAlarms());
    json.put("falseAlarmsPerMillion", tally.falseAlarmsPerMillion());
  }
}
