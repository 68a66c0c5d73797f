package dev.samgs.deploy.report;

import dev.samgs.deploy.evaluate.BinnedSeries;
import dev.samgs.deploy.evaluate.Course;
import dev.samgs.deploy.evaluate.TaskFigures;
import dev.samgs.deploy.evaluate.TaskFigures.PrimaryScore;
import dev.samgs.deploy.report.LineChart.Mark;
import dev.samgs.deploy.report.Report.Run;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.learn.DriftAlarm;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;

/** What a report shows of one stream: scores, learning curves, gradients, alarms, configuration. */
final class RunSection {
  /** The window of the curves is about this share of the stream. */
  private static final int WINDOWS = 25;

  /** Tasks beyond this share the styles of the first. */
  static final int STYLES = 8;

  private static final int LISTED_ALARMS = 40;
  private static final int MOVED_FEATURES = 5;

  private final Run run;
  private final String id;
  private final Course course;
  private final BinnedSeries series;
  private final List<TaskSpec> tasks;
  private final int window;

  RunSection(Run run, String id) {
    this.run = run;
    this.id = id;
    this.course = run.course();
    this.series = course.series();
    this.tasks = run.spec().tasks();
    this.window = Math.max(1, series.size() / WINDOWS);
  }

  void write(Markup to) {
    to.open("section", "id", id, "aria-labelledby", id + "-title");
    to.element("h2", Report.name(run), "id", id + "-title");
    to.open("ul", "class", "conditions");
    run.conditions().forEach(condition -> to.element("li", condition));
    to.close();
    if (run.tried() != null) {
      new SweepSection(run.tried().sweep(), run.tried().comparison()).write(to);
    }
    scores(to);
    curves(to);
    gradients(to);
    alarms(to);
    configuration(to);
    to.close();
  }

  private void scores(Markup to) {
    to.element("h3", "Scores");
    to.open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", "Scores");
    to.open("table", "class", "scores").open("thead").open("tr");
    for (String head : List.of("task", "kind", "scored", "score", "learner", "baseline", "")) {
      to.element("th", head, "scope", "col");
    }
    to.element("th", "further figures (baseline)", "scope", "col");
    to.close().close().open("tbody");
    run.figures()
        .forEach(
            (task, figures) -> {
              to.open("tr").element("th", task, "scope", "row");
              to.element("td", figures.kind().name().toLowerCase(Locale.ROOT));
              to.element("td", Figures.count(figures.scored()), "class", "number");
              to.element("td", figures.primaryScore().label());
              to.element("td", Figures.figure(figures.primary()), "class", "number");
              to.element("td", Figures.figure(figures.baselinePrimary()), "class", "number");
              verdict(to, figures);
              to.element("td", further(figures), "class", "further").close();
            });
    to.close().close().close();
  }

  private static void verdict(Markup to, TaskFigures figures) {
    if (figures.scored() == 0) {
      to.element("td", "no labels");
      return;
    }
    boolean better = figures.beatsBaseline();
    to.element("td", better ? "▲ better" : "▼ not better", "class", better ? "better" : "worse");
  }

  private static String further(TaskFigures f) {
    if (f.kind() == TaskKind.REGRESSION) {
      return against("RMSE", f.rmse(), f.baselineRmse());
    }
    String other =
        f.primaryScore() == PrimaryScore.ACCURACY
            ? against("log-loss", f.logLoss(), f.baselineLogLoss())
            : against("accuracy", f.accuracy(), f.baselineAccuracy());
    return against("macro-F1", f.macroF1(), f.baselineMacroF1())
        + ", "
        + other
        + (f.kind() == TaskKind.BINARY
            ? ", average precision " + Figures.figure(f.averagePrecision())
            : "");
  }

  private static String against(String name, double learner, double baseline) {
    return name + " " + Figures.figure(learner) + " (" + Figures.figure(baseline) + ")";
  }

  private void curves(Markup to) {
    to.element("h3", "Learning curves");
    to.element(
        "p",
        "Means over a window of the last "
            + Figures.count(window * series.width())
            + " rows, at the row with which the labels came. Thin: the mean since the start.");
    to.open("div", "class", "charts");
    for (int t = 0; t < tasks.size(); t++) {
      TaskFigures figures = run.figures().get(tasks.get(t).name());
      PrimaryScore score = figures.primaryScore();
      int learner = course.scoreChannel(t, score, false);
      int baseline = course.scoreChannel(t, score, true);
      String task = tasks.get(t).name();
      LineChart chart =
          new LineChart(
              task + ": " + score.label() + " – " + better(score),
              task
                  + ", "
                  + score.label()
                  + " over the stream: learner "
                  + Figures.figure(figures.primary())
                  + ", baseline "
                  + Figures.figure(figures.baselinePrimary())
                  + " over all "
                  + Figures.count(figures.scored())
                  + " scored labels.",
              run.rows(),
              series.width());
      if (score == PrimaryScore.ACCURACY) {
        chart.range(0, 1);
      }
      chart
          .line("learner", "learner", windowed(learner))
          .line("baseline", "baseline", windowed(baseline))
          .line("since the start", "sofar", values(bin -> series.mean(learner, 0, bin)))
          .marks(marks(task))
          .write(to);
    }
    to.close();
  }

  private static String better(PrimaryScore score) {
    return score == PrimaryScore.ACCURACY ? "higher is better" : "lower is better";
  }

  private void gradients(Markup to) {
    to.element("h3", "Gradients");
    to.element(
        "p",
        "How like each other the tasks' gradients over the shared parameters are, and what "
            + SurgeryMethod.of(run.spec().surgery()).name()
            + " did about it.");
    to.open("div", "class", "charts");
    new LineChart(
            "Gradient magnitude similarity",
            "Mean over the pairs of tasks; 1 where all gradients are of the same length, near 0"
                + " where one dwarfs the others.",
            run.rows(),
            series.width())
        .range(0, 1)
        .line("mean over pairs", "learner", windowed(course.similarityChannel()))
        .write(to);
    new LineChart(
            "Branch taken",
            "Share of the optimiser steps that equalised the gradients, and that modulated them by"
                + " momentum; the others were plain.",
            run.rows(),
            series.width())
        .range(0, 1)
        .line("equalised", "task-0", windowed(course.equalisedChannel()))
        .line("modulated", "task-1", windowed(course.modulatedChannel()))
        .write(to);
    LineChart norms =
        new LineChart(
                "Gradient norms",
                "Norm of each task's gradient over the shared parameters; a task far above the"
                    + " others drowns them where nothing is done.",
                run.rows(),
                series.width())
            .logarithmic();
    for (int t = 0; t < tasks.size(); t++) {
      norms.line(
          tasks.get(t).name(), "task-" + t % STYLES, windowed(course.gradientNormChannel(t)));
    }
    norms.write(to);
    to.close();
    if (tasks.size() > 1) {
      conflicts(to);
    }
  }

  private void conflicts(Markup to) {
    List<String> names = tasks.stream().map(TaskSpec::name).toList();
    to.element("h3", "Which tasks fight each other");
    to.element(
        "p", "Means over all mini-batches in which both tasks had labels, before any surgery.");
    to.open("div", "class", "charts");
    HeatMap.write(
        to,
        "Cosine of the gradients",
        "1: the tasks pull the shared parameters the same way; below 0: against each other.",
        names,
        course::cosine);
    HeatMap.write(
        to,
        "Magnitude similarity of the gradients",
        "1: equally long; near 0: one dwarfs the other.",
        names,
        course::magnitude);
    to.close();
  }

  private void alarms(Markup to) {
    to.element("h3", "Drift alarms");
    List<Course.Alarm> alarms = course.alarms();
    if (alarms.isEmpty()) {
      to.element("p", "None.");
      return;
    }
    to.open("details").element("summary", Figures.count(course.alarmCount()) + " alarms");
    to.open(
        "div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", "Drift alarms");
    to.open("table").open("thead").open("tr");
    for (String head :
        List.of("row", "what", "detector", "before", "after", "features that moved")) {
      to.element("th", head, "scope", "col");
    }
    to.close().close().open("tbody");
    for (Course.Alarm at : alarms.subList(0, Math.min(LISTED_ALARMS, alarms.size()))) {
      DriftAlarm alarm = at.alarm();
      to.open("tr");
      to.element("td", Figures.count(at.row() + 1), "class", "number");
      to.element("td", what(alarm));
      to.element("td", alarm.detector());
      to.element("td", Figures.figure(alarm.before()), "class", "number");
      to.element("td", Figures.figure(alarm.after()), "class", "number");
      to.element(
          "td",
          alarm.moved().stream()
              .limit(MOVED_FEATURES)
              .map(DriftAlarm.MovedFeature::feature)
              .collect(Collectors.joining(", ")));
      to.close();
    }
    to.close().close().close();
    if (course.alarmCount() > LISTED_ALARMS) {
      to.element("p", "The first " + LISTED_ALARMS + " are listed.");
    }
    to.close();
  }

  /** What concerns a task: alarms of its own, and shifts of the features. */
  private List<Mark> marks(String task) {
    List<Mark> marks = new ArrayList<>();
    for (Course.Alarm at : course.alarms()) {
      boolean shift = at.alarm().kind() == DriftAlarm.Kind.FEATURES;
      if (shift || task.equals(at.alarm().task())) {
        marks.add(
            new Mark(
                at.row(),
                shift ? "shift" : "alarm",
                what(at.alarm())
                    + " at row "
                    + Figures.count(at.row() + 1)
                    + ": "
                    + Figures.figure(at.alarm().before())
                    + " before, "
                    + Figures.figure(at.alarm().after())
                    + " after"));
      }
    }
    return marks;
  }

  private static String what(DriftAlarm alarm) {
    return switch (alarm.kind()) {
      case ERROR -> "error of " + alarm.task();
      case LABELS -> "labels of " + alarm.task();
      case FEATURES -> "features";
    };
  }

  private void configuration(Markup to) {
    to.element("h3", "Configuration");
    to.open("details").element("summary", "The model as it was evaluated, for --model");
    to.open("pre", "tabindex", "0").element("code", run.yaml()).close().close();
  }

  private double[] windowed(int channel) {
    return values(bin -> series.mean(channel, bin - window + 1, bin));
  }

  private double[] values(IntToDoubleFunction at) {
    double[] values = new double[series.size()];
    Arrays.setAll(values, at);
    return values;
  }
}
