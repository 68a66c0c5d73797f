package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.csv.CsvInference;
import dev.samgs.connectors.csv.CsvRow;
import dev.samgs.connectors.csv.CsvRows;
import dev.samgs.connectors.csv.CsvStream;
import dev.samgs.connectors.csv.TimestampUnit;
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
    if (surgery != null) {
      try {
        SurgeryMethod.named(surgery);
      } catch (IllegalArgumentException e) {
        throw usage(e.getMessage());
      }
    }
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }

  private void evaluate(Path file) throws IOException, ConfigurationException, CommandFailure {
    long start = System.nanoTime();
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
    spec = adjusted(spec);

    Evaluation evaluation = new Evaluation(spec, labelBlock);
    Complaints complaints = new Complaints(err);
    run(stream, spec, evaluation, expectedRows, complaints);
    complaints.summarise();
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, TaskFigures> figures = evaluation.figures();
    if (output == OutputFormat.JSON) {
      out.print(json(file, spec, evaluation, seconds, figures).toString());
    } else {
      out.print(text(file, spec, evaluation, seconds, figures));
    }
  }

  private ModelSpec adjusted(ModelSpec spec) {
    return new ModelSpec(
        spec.features(),
        spec.tasks(),
        spec.network(),
        seed == null ? spec.learning() : spec.learning().withSeed(seed),
        surgery == null ? spec.surgery() : SurgeryMethod.named(surgery).defaults(),
        spec.drift());
  }

  private void run(
      CsvStream stream,
      ModelSpec spec,
      Evaluation evaluation,
      long expectedRows,
      Complaints complaints) {
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
