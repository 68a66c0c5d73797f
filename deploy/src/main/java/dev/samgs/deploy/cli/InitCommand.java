package dev.samgs.deploy.cli;

import dev.samgs.connectors.csv.CsvInference;
import dev.samgs.connectors.csv.CsvInference.LabelColumn;
import dev.samgs.connectors.csv.CsvStream;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.TextTable;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.state.StateSize;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes a configuration for a recorded stream. */
@Command(
    name = "init",
    customSynopsis = "samgs init --data FILE [--name NAME] [--task NAME=KIND]... > model.yaml",
    sortOptions = false,
    description = {
      "Reads a recorded stream and writes a complete, commented configuration to standard output.",
      "",
      "A label column is taken for classes if every label is an integer, every value from 0 to the"
          + " largest occurs and the largest is 1 to 29 (1: binary); otherwise for regression.",
      ""
    })
final class InitCommand implements Callable<Integer> {
  private final Terminal out;
  private final Terminal err;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "CSV file, plain or gzip, with columns ts, key, f_<feature> and y_<label>.")
  private Path data;

  @Option(
      names = "--task",
      paramLabel = "NAME=KIND",
      description =
          "Kind of a task, regression, binary or multiclass, instead of the inferred one.")
  private Map<String, TaskKind> kinds = new LinkedHashMap<>();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the job (default: the file's).")
  private String name;

  InitCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws CommandFailure {
    CsvStream stream = CsvStream.open(data);
    Complaints complaints = new Complaints(err);
    CsvInference inference = stream.infer(kinds, complaints);
    complaints.summarise();
    ModelSpec model = InferredModel.of(stream, inference);
    JobConfiguration configuration = JobConfiguration.of(name == null ? nameOf(data) : name, model);
    out.print(configuration.toYaml(header(inference, model)).stripTrailing());
    return 0;
  }

  /** The file's name without its endings, in the letters that a job's name may have. */
  private static String nameOf(Path file) {
    String base = String.valueOf(file.getFileName()).replaceFirst("\\.csv(\\.gz)?$", "");
    String permitted = base.replaceAll("[^A-Za-z0-9._-]+", "-");
    return permitted.substring(0, Math.min(60, permitted.length()));
  }

  private List<String> header(CsvInference inference, ModelSpec model) {
    List<String> lines = new ArrayList<>();
    lines.add("Configuration of a samgs job, written by: samgs init --data " + data.getFileName());
    lines.add("");
    lines.add(
        Figures.count(inference.rows())
            + " rows, "
            + inference.features().size()
            + " features. What the label columns were taken for:");
    TextTable tasks = new TextTable("lllrl");
    for (LabelColumn column : inference.labels()) {
      tasks.add(
          "  " + column.task().name(),
          kind(column.task()),
          column.told() ? "(as told)" : "",
          Figures.count(column.labels()) + " labels",
          column.labels() == 0
              ? ""
              : "from "
                  + Figures.number(column.smallest())
                  + " to "
                  + Figures.number(column.largest()));
    }
    lines.addAll(tasks.lines());
    lines.add("");
    StateSize size = StateSize.of(model);
    lines.add(
        "State of a model when its replay rows are full: "
            + Figures.count(size.bytes())
            + " bytes ("
            + Figures.bytes(size.learner())
            + " learner, "
            + Figures.bytes(size.rows())
            + " rows).");
    lines.add("");
    return lines;
  }

  private static String kind(TaskSpec task) {
    return task.kind().name().toLowerCase(Locale.ROOT)
        + (task.kind() == TaskKind.MULTICLASS ? ", " + task.classes() + " classes" : "");
  }
}
