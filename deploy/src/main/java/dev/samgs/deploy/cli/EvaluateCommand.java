package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.csv.CsvInference;
import dev.samgs.connectors.csv.CsvRow;
import dev.samgs.connectors.csv.CsvRows;
import dev.samgs.connectors.csv.CsvStream;
import dev.samgs.connectors.csv.TimestampUnit;
import dev.samgs.deploy.evaluate.Comparison;
import dev.samgs.deploy.evaluate.Evaluation;
import dev.samgs.deploy.evaluate.TaskFigures;
import dev.samgs.deploy.evaluate.Verdict;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.Terminal.Style;
import dev.samgs.deploy.terminal.TextTable;
import dev.samgs.job.config.ConfigurationException;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.surgery.SurgeryMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Test-then-train over recorded streams. */
@Command(
    name = "evaluate",
    customSynopsis = "samgs evaluate --data FILE... [--model YAML] [OPTION]...",
    sortOptions = false,
    description = {
      "Tests, then trains, a model over each recorded stream, with the learner that the job uses.",
      "",
      "Every row is predicted before its labels are used. Labels are released in blocks: all rows"
          + " of a block are predicted before any label of it is used. The first 32 labels of each"
          + " task are not scored. The baseline is the mean, or the most frequent class, of the"
          + " labels so far.",
      ""
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final int PROGRESS_ROWS = 512;

  private final Terminal out;
  private final Terminal err;

  @Spec private CommandSpec command;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = "CSV files, plain or gzip, with columns ts, key, f_<feature> and y_<label>.")
  private List<Path> data;

  @Option(
      names = "--model",
      paramLabel = "YAML",
      description = "Configuration whose model is evaluated; inferred from each file if not given.")
  private Path model;

  @Option(
      names = "--label-block",
      paramLabel = "ROWS",
      defaultValue = "32",
      description = "Rows whose labels are released together (default: ${DEFAULT-VALUE}).")
  private int labelBlock;

  @Option(
      names = "--task",
      paramLabel = "NAME=KIND",
      description =
          "Kind of a task, regression, binary or multiclass, instead of the inferred one.")
  private Map<String, TaskKind> kinds = new LinkedHashMap<>();

  @Option(
      names = "--surgery",
      paramLabel = "NAME",
      description = "Gradient surgery method, with its default settings.")
  private String surgery;

  @Option(
      names = "--compare",
      paramLabel = "NAME,NAME...",
      split = ",",
      description =
          "Runs each of these gradient surgery methods and prints one table: scores, worst task"
              + " relative to the best method, mean rank, share of equalised steps, time per step.")
  private List<String> compare = List.of();

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the initial weights.")
  private Long seed;

  @Option(
      names = "--ts-unit",
      paramLabel = "UNIT",
      defaultValue = "row",
      description =
          "What ts holds: s, ms, us, ns, or row to take a row's position instead (default:"
              + " ${DEFAULT-VALUE}). Matters only to a model with learning.gap-millis.")
  private TimestampUnit unit;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object per file and line (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  EvaluateCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    checkUsage();
    for (Path file : data) {
      evaluate(file);
    }
    return 0;
  }

  private void checkUsage() {
    if (labelBlock < 1) {
      throw usage("--label-block must be at least 1, not " + labelBlock);
    }
    if (model != null && !kinds.isEmpty()) {
      throw usage("--task goes without --model, whose file says what the tasks are");
    }
    if (surgery != null && !compare.isEmpty()) {
      throw usage("--surgery and --compare exclude each other; name the method in --compare");
    }
    if (surgery != null) {
      checkMethod(surgery);
    }
    compare.forEach(this::checkMethod);
  }

  private void checkMethod(String name) {
    try {
      SurgeryMethod.named(name);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }

  private void evaluate(Path file) throws IOException, ConfigurationException, CommandFailure {
    CsvStream stream = CsvStream.open(file);
    long expectedRows = 0;
    ModelSpec spec;
    if (model == null) {
      CsvInference inference = stream.infer(kinds, complaint -> {});
      expectedRows = inference.rows() + inference.rejected();
      spec = InferredModel.of(stream, inference);
    } else {
      spec = JobConfiguration.read(model).model();
    }
    if (!compare.isEmpty()) {
      compare(stream, spec, expectedRows);
      return;
    }
    spec = adjusted(spec, surgery);
    long start = System.nanoTime();
    Complaints complaints = new Complaints(err);
    Evaluation evaluation = evaluated(stream, spec, expectedRows, complaints);
    complaints.summarise();
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, TaskFigures> figures = evaluation.figures();
    if (output == OutputFormat.JSON) {
      out.print(json(file, spec, evaluation, seconds, figures).toString());
    } else {
      out.print(text(file, spec, evaluation, seconds, figures));
    }
  }

  private Evaluation evaluated(
      CsvStream stream, ModelSpec spec, long expectedRows, Consumer<String> complaints) {
    Evaluation evaluation = new Evaluation(spec, labelBlock);
    run(stream, spec, evaluation, expectedRows, complaints);
    return evaluation;
  }

  private void compare(CsvStream stream, ModelSpec spec, long expectedRows) {
    List<Comparison.Entry> entries = new ArrayList<>();
    Complaints complaints = new Complaints(err);
    Consumer<String> listener = complaints;
    for (String method : compare) {
      long start = System.nanoTime();
      Evaluation evaluation = evaluated(stream, adjusted(spec, method), expectedRows, listener);
      double micros = (System.nanoTime() - start) / 1e3;
      entries.add(
          new Comparison.Entry(
              method,
              evaluation.figures(),
              (double) evaluation.equalisedUpdates() / evaluation.updates(),
              micros / evaluation.updates()));
      // The file's faults are the same for every method: they have been shown.
      listener = complaint -> {};
    }
    complaints.summarise();
    Comparison comparison = new Comparison(entries);
    if (output == OutputFormat.JSON) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("data", stream.path().toString());
      json.put("labelBlock", labelBlock);
      json.set("methods", comparison.toJson());
      out.print(json.toString());
    } else {
      out.print(text(stream.path(), comparison));
    }
  }

  private ModelSpec adjusted(ModelSpec spec, String method) {
    return new ModelSpec(
        spec.features(),
        spec.tasks(),
        spec.network(),
        seed == null ? spec.learning() : spec.learning().withSeed(seed),
        method == null ? spec.surgery() : SurgeryMethod.named(method).defaults(),
        spec.drift());
  }

  private void run(
      CsvStream stream,
      ModelSpec spec,
      Evaluation evaluation,
      long expectedRows,
      Consumer<String> complaints) {
    long start = System.nanoTime();
    try (CsvRows rows = stream.rows(spec.features(), spec.tasks(), unit, complaints)) {
      for (CsvRow row = rows.next(); row != null; row = rows.next()) {
        reject(evaluation, rows.rejected());
        evaluation.add(row.row());
        if (err.interactive() && evaluation.rows() % PROGRESS_ROWS == 0) {
          err.draw(List.of(progress(stream.path(), evaluation, expectedRows, start)));
        }
      }
      reject(evaluation, rows.rejected());
    } finally {
      err.erase();
    }
    evaluation.finish();
  }

  /** Lets rows that the file's reader has left out keep their places in the stream. */
  private static void reject(Evaluation evaluation, long rejected) {
    while (evaluation.rejected() < rejected) {
      evaluation.reject();
    }
  }

  private static String progress(Path file, Evaluation evaluation, long expectedRows, long start) {
    double rate = evaluation.rows() / ((System.nanoTime() - start) / 1e9);
    String rows = Figures.count(evaluation.rows());
    return file.getFileName()
        + "  "
        + (expectedRows == 0 ? "" : Terminal.bar((double) evaluation.rows() / expectedRows) + "  ")
        + rows
        + " rows  "
        + Figures.count(Math.round(rate))
        + "/s";
  }

  private ObjectNode json(
      Path file,
      ModelSpec spec,
      Evaluation evaluation,
      double seconds,
      Map<String, TaskFigures> figures) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("data", file.toString());
    json.put("rows", evaluation.rows());
    json.put("rejected", evaluation.rejected());
    json.put("updates", evaluation.updates());
    json.put("seconds", seconds);
    json.put("rowsPerSecond", evaluation.rows() / seconds);
    json.put("labelBlock", labelBlock);
    json.put("surgery", SurgeryMethod.of(spec.surgery()).name());
    ObjectNode tasks = json.putObject("tasks");
    figures.forEach((task, f) -> tasks.set(task, f.toJson()));
    return json;
  }

  private List<String> text(
      Path file,
      ModelSpec spec,
      Evaluation evaluation,
      double seconds,
      Map<String, TaskFigures> figures) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s: %s rows%s, %s updates with %s, labels in blocks of %d; %.1f s, %s rows/s",
            out.styled(String.valueOf(file.getFileName()), Style.BOLD),
            Figures.count(evaluation.rows()),
            evaluation.rejected() == 0
                ? ""
                : " (" + Figures.count(evaluation.rejected()) + " rejected)",
            Figures.count(evaluation.updates()),
            SurgeryMethod.of(spec.surgery()).name(),
            labelBlock,
            seconds,
            Figures.count(Math.round(evaluation.rows() / seconds))));
    TextTable table = new TextTable("llrlrrll");
    table.add("  task", "kind", "scored", "score", "learner", "baseline", "", "and");
    figures.forEach(
        (task, f) ->
            table.add(
                "  " + task,
                f.kind().name().toLowerCase(Locale.ROOT),
                Figures.count(f.scored()),
                f.primaryScore().label(),
                Figures.figure(f.primary()),
                Figures.figure(f.baselinePrimary()),
                Verdict.of(f, out),
                further(f)));
    lines.addAll(table.lines());
    lines.add("");
    return lines;
  }

  private List<String> text(Path file, Comparison comparison) {
    List<String> lines = new ArrayList<>();
    lines.add(out.styled(String.valueOf(file.getFileName()), Style.BOLD));
    TextTable table = new TextTable("ll" + "r".repeat(comparison.entries().size()));
    row(table, "  task", "score", Comparison.Entry::method, comparison);
    comparison
        .tasks()
        .forEach(
            task ->
                row(
                    table,
                    "  " + task,
                    comparison.entries().get(0).figures().get(task).primaryScore().label(),
                    e -> Figures.figure(e.figures().get(task).primary()),
                    comparison));
    row(table, "  worst task", "of best", e -> share(comparison.worstTask(e)), comparison);
    row(table, "  mean rank", "", e -> Figures.figure(comparison.meanRank(e)), comparison);
    row(table, "  equalised", "of steps", e -> share(e.equalisedShare()), comparison);
    row(table, "  time", "us/step", e -> Figures.figure(e.microsPerStep()), comparison);
    lines.addAll(table.lines());
    lines.add("");
    return lines;
  }

  private static void row(
      TextTable table,
      String name,
      String unit,
      Function<Comparison.Entry, String> cell,
      Comparison comparison) {
    List<String> cells = new ArrayList<>(List.of(name, unit));
    comparison.entries().forEach(entry -> cells.add(cell.apply(entry)));
    table.add(cells.toArray(String[]::new));
  }

  private static String share(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * value);
  }

  private static String further(TaskFigures f) {
    if (f.kind() == TaskKind.REGRESSION) {
      return against("RMSE", f.rmse(), f.baselineRmse());
    }
    String averagePrecision =
        f.kind() == TaskKind.BINARY
            ? ", average precision " + Figures.figure(f.averagePrecision())
            : "";
    String other =
        f.primaryScore() == TaskFigures.PrimaryScore.ACCURACY
            ? against("log-loss", f.logLoss(), f.baselineLogLoss())
            : against("accuracy", f.accuracy(), f.baselineAccuracy());
    return against("macro-F1", f.macroF1(), f.baselineMacroF1()) + ", " + other + averagePrecision;
  }

  private static String against(String name, double learner, double baseline) {
    return name + " " + Figures.figure(learner) + " (" + Figures.figure(baseline) + ")";
  }
}
