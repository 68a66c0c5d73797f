package dev.samgs.deploy.demo;

import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.deploy.demo.DemoStatus.Model;
import dev.samgs.deploy.evaluate.TaskFigures;
import dev.samgs.deploy.evaluate.Verdict;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.Terminal.Style;
import dev.samgs.deploy.terminal.TextTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The status of a demonstration, as lines for a screen of 80 by 24. */
public final class Dashboard {
  private static final long NANOS = 1_000_000_000;

  private final Terminal terminal;

  public Dashboard(Terminal terminal) {
    this.terminal = terminal;
  }

  /** All of it. */
  public List<String> lines(DemoStatus status) {
    List<String> lines = new ArrayList<>();
    lines.add(headline(status));
    lines.add(detail(status));
    if (status.console() != null) {
      lines.add("watch it at " + terminal.styled(status.console().toString(), Style.BOLD));
    }
    lines.add(terminal.styled(drift(status), Style.FAINT));
    lines.add("");
    lines.addAll(tasks(status.models()));
    lines.add("");
    status.models().forEach(model -> lines.add(model(model)));
    return lines;
  }

  /** What a demonstration has come to. */
  public List<String> lines(DemoReport report) {
    DemoStatus status = report.status();
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s  %s, %s events, %.0f/s%s",
            terminal.styled("samgs demo", Style.BOLD),
            Figures.clock(status.elapsed()),
            Figures.count(status.events()),
            status.eventsPerSecond(),
            report.interrupted() ? ", stopped early" : ""));
    lines.add("");
    lines.addAll(tasks(status.models()));
    lines.add("");
    lines.add(report.tasksBetter() + " of " + report.tasks() + " tasks beat their baseline.");
    lines.add(
        String.format(
            Locale.ROOT,
            "%s of %s published models were read back, and predicted %s events.",
            Figures.count(report.snapshotsRead()),
            Figures.count(report.snapshots()),
            Figures.count(report.predictions())));
    if (report.snapshotLatency(0.5) != null) {
      lines.add(
          String.format(
              Locale.ROOT,
              "From event to predicting model: half of them within %.1f s, 95 %% within %.1f s.",
              report.snapshotLatency(0.5) / 1e3,
              report.snapshotLatency(0.95) / 1e3));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "%d drift alarms; %s.",
            report.driftAlarms(),
            status.drifted()
                ? "half-way, line-1 got other material and line-2 other tools"
                : "the lines had not changed yet"));
    lines.add(
        status.deadLetters() + " of " + status.poison() + " spoilt records are dead letters.");
    return lines;
  }

  /** The most important of it, in one line. */
  public String line(DemoStatus status) {
    long updates = status.models().stream().mapToLong(Model::updates).sum();
    long alarms = status.models().stream().mapToLong(model -> model.alarms().size()).sum();
    return String.format(
        Locale.ROOT,
        "%s of %s, %s: %s events (%.0f/s), %s updates, %d of %d poison records refused, %d drift"
            + " alarms",
        Figures.clock(status.elapsed()),
        Figures.clock(status.planned()),
        status.phase().text(),
        Figures.count(status.events()),
        status.eventsPerSecond(),
        Figures.count(updates),
        status.deadLetters(),
        status.poison(),
        alarms);
  }

  private String headline(DemoStatus status) {
    return String.format(
        Locale.ROOT,
        "%s  %s of %s  %s  %s",
        terminal.styled("samgs demo", Style.BOLD),
        Figures.clock(status.elapsed()),
        Figures.clock(status.planned()),
        Terminal.bar((double) status.elapsed().toNanos() / status.planned().toNanos()),
        terminal.styled(status.phase().text(), Style.FAINT));
  }

  private String detail(DemoStatus status) {
    String metrics =
        status.metricsPort().isPresent()
            ? "  metrics http://127.0.0.1:" + status.metricsPort().getAsInt() + "/metrics"
            : "";
    return String.format(
        Locale.ROOT,
        "%s events, %.0f/s  %d/%d poison refused%s",
        Figures.count(status.events()),
        status.eventsPerSecond(),
        status.deadLetters(),
        status.poison(),
        metrics);
  }

  private static String drift(DemoStatus status) {
    Duration halfWay = status.planned().dividedBy(2);
    return status.drifted()
        ? "since " + Figures.clock(halfWay) + " line-1 has other material, line-2 other tools"
        : "at " + Figures.clock(halfWay) + " line-1 gets other material, line-2 other tools";
  }

  private List<String> tasks(List<Model> models) {
    TextTable table = new TextTable("lllrrlrr");
    table.add("model", "task", "score", "learner", "baseline", "", "now/baseline", "labels");
    for (Model model : models) {
      String name = model.name();
      for (TaskMetrics task : model.tasks().values()) {
        TaskFigures figures = TaskFigures.of(task);
        table.add(
            name,
            task.task(),
            figures.primaryScore().label(),
            Figures.figure(figures.primary()),
            Figures.figure(figures.baselinePrimary()),
            Verdict.of(figures, terminal),
            Figures.figure(task.loss() / task.baselineLoss()),
            Figures.count(task.labels()));
        name = "";
      }
    }
    return table.lines();
  }

  private String model(Model model) {
    String alarms =
        model.alarms().isEmpty()
            ? ""
            : "  "
                + terminal.styled(
                    model.alarms().size()
                        + (model.alarms().size() == 1 ? " drift alarm" : " drift alarms"),
                    Style.YELLOW);
    String predictor =
        model.predictor().snapshots() == 0
            ? "no snapshot yet"
            : "snapshot "
                + (model.predictor().version() & 0xffffffffL)
                + " read "
                + (System.nanoTime() - model.predictor().loadedNanos()) / NANOS
                + " s ago  "
                + Figures.count(model.predictor().predictions())
                + " predictions";
    return String.format(
        Locale.ROOT,
        "%s  %s updates, %.0f %% equalised  %s%s",
        model.name(),
        Figures.count(model.updates()),
        100 * model.equalisedShare(),
        predictor,
        alarms);
  }
}
