package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.csv.CsvInference;
import dev.samgs.connectors.csv.CsvRow;
import dev.samgs.connectors.csv.CsvRows;
import dev.samgs.connectors.csv.CsvStream;
import dev.samgs.connectors.csv.TimestampUnit;
import dev.samgs.deploy.evaluate.AllCores;
import dev.samgs.deploy.evaluate.Comparison;
import dev.samgs.deploy.evaluate.Evaluation;
import dev.samgs.deploy.evaluate.LabelDelay;
import dev.samgs.deploy.evaluate.Spread;
import dev.samgs.deploy.evaluate.Sweep;
import dev.samgs.deploy.evaluate.TaskFigures;
import dev.samgs.deploy.evaluate.Verdict;
import dev.samgs.deploy.report.Report;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.Terminal.Style;
import dev.samgs.deploy.terminal.TextTable;
import dev.samgs.job.config.ConfigurationException;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.ModelSettings;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.Preset;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.surgery.SurgeryMethod;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
  private static final int MOST_SEEDS = 1000;
  private static final int MOST_COMBINATIONS = 1000;

  /** Instead of the number of expected rows: the run shows no progress. */
  private static final long NO_PROGRESS = -1;

  private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9_./:,=@%+-]+");

  private final Terminal out;
  private final Terminal err;

  @Spec private CommandSpec command;

  /** What --sweep says; null without it. */
  private Sweep tried;

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
      names = "--label-delay",
      paramLabel = "ROWS|DURATION",
      defaultValue = "0",
      description =
          "How much later than its features a row's labels come: rows, or event time such as 2h or"
              + " 1d, which needs --ts-unit. They are released with the first block that ends after"
              + " that (default: ${DEFAULT-VALUE}).")
  private LabelDelay labelDelay;

  @Option(
      names = "--task",
      paramLabel = "NAME=KIND",
      description =
          "Kind of a task, regression, binary or multiclass, instead of the inferred one.")
  private Map<String, TaskKind> kinds = new LinkedHashMap<>();

  @Option(
      names = "--surgery",
      paramLabel = "NAME",
      description =
          "Gradient surgery method, with its default settings, or name:setting=value:... as in"
              + " sam-gs:mode=full:gamma=0.7.")
  private String surgery;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "fast, balanced or thorough: how much computation a row is worth (default: balanced, or"
              + " as the model says).")
  private Preset preset;

  @Option(
      names = "--compare",
      paramLabel = "NAME,NAME...",
      split = ",",
      description =
          "Runs each of these gradient surgery methods and prints one table: scores, worst task"
              + " relative to the best method, mean rank, share of equalised steps, time per step.")
  private List<String> compare = List.of();

  @Option(
      names = "--sweep",
      arity = "1..*",
      paramLabel = "SETTING=VALUE,VALUE...",
      description =
          "Tries each value of a setting of the model, by its name in the configuration, with each"
              + " of the others, on all cores: gamma=0.1,0.5 learning-rate=0.001,0.003. One line"
              + " for each combination; with -o json one object, with the key sweep.")
  private List<String> sweep = List.of();

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the initial weights.")
  private Long seed;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description =
          "Runs N seeds, counted from the model's or --seed, on all cores; every figure is then"
              + " the mean of the runs, with its deviation, smallest and largest value.")
  private Integer seeds;

  @Option(
      names = "--ts-unit",
      paramLabel = "UNIT",
      defaultValue = "row",
      description =
          "What ts holds: s, ms, us, ns, or row to take a row's position instead (default:"
              + " ${DEFAULT-VALUE}). Matters only to --label-delay and to a model with learning.gap-millis.")
  private TimestampUnit unit;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "Writes DIR/index.html, one page without outside parts: learning curves, gradients,"
              + " conflicts, drift alarms, scores, configuration.")
  private Path report;

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
    Report page = report == null ? null : new Report(typed());
    if (report != null) {
      makeDirectory();
    }
    for (Path file : data) {
      evaluate(file, page);
    }
    if (page != null) {
      err.print("report: " + page.write(report));
    }
    return 0;
  }

  private void checkUsage() {
    if (labelBlock < 1) {
      throw usage("--label-block must be at least 1, not " + labelBlock);
    }
    if (seeds != null && (seeds < 1 || seeds > MOST_SEEDS)) {
      throw usage("--seeds must be from 1 to " + MOST_SEEDS + ", not " + seeds);
    }
    if (labelDelay.inTime() && unit == TimestampUnit.ROW) {
      throw usage(
          "--label-delay "
              + labelDelay
              + " is event time: say with --ts-unit s, ms, us or ns what ts holds");
    }
    if (model != null && !kinds.isEmpty()) {
      throw usage("--task goes without --model, whose file says what the tasks are");
    }
    if (surgery != null && !compare.isEmpty()) {
      throw usage("--surgery and --compare exclude each other; name the method in --compare");
    }
    if (!sweep.isEmpty()) {
      if (!compare.isEmpty()) {
        throw usage("--sweep goes without --compare; sweep method=" + String.join(",", compare));
      }
      try {
        tried = Sweep.parse(sweep);
      } catch (IllegalArgumentException e) {
        throw usage("--sweep: " + e.getMessage());
      }
      if (tried.size() > MOST_COMBINATIONS) {
        throw usage(
            "--sweep has " + tried.size() + " combinations, more than " + MOST_COMBINATIONS);
      }
    }
    if (report != null && !compare.isEmpty()) {
      throw usage("--report goes without --compare; write a report of each method");
    }
    if (surgery != null) {
      method(surgery);
    }
    compare.forEach(this::method);
  }

  private SurgerySpec method(String word) {
    try {
      return JobConfiguration.surgery(word);
    } catch (ConfigurationException e) {
      throw usage(e.problems().get(0));
    }
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }

  private void evaluate(Path file, Report page) throws Exception {
    CsvStream stream = CsvStream.open(file);
    if (labelDelay.inTime() && !stream.timed()) {
      throw new CommandFailure(
          file
              + " has no ts column, so a --label-delay of "
              + labelDelay
              + " means nothing there;"
              + " say it in rows");
    }
    long expectedRows = 0;
    ModelSpec given;
    if (model == null) {
      CsvInference inference = stream.infer(kinds, complaint -> {});
      expectedRows = inference.rows() + inference.rejected();
      given = InferredModel.of(stream, inference);
    } else {
      given = JobConfiguration.read(model).model();
    }
    if (!compare.isEmpty()) {
      compare(stream, given, expectedRows);
      return;
    }
    ModelSpec spec = adjusted(given, surgery);
    if (tried != null) {
      sweep(stream, spec, expectedRows, page);
      return;
    }
    List<Run> runs = runs(stream, seeded(spec), expectedRows);
    if (page != null) {
      page.add(section(file, spec, runs, null));
    }
    if (output == OutputFormat.JSON) {
      out.print(json(file, spec, runs).toString());
    } else {
      out.print(text(file, spec, runs));
    }
  }

  /** The command as it was typed, for a shell. */
  private String typed() {
    return command.root().commandLine().getParseResult().originalArgs().stream()
        .map(
            word ->
                PLAIN_WORD.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" ", "./samgs ", ""));
  }

  /** Fails before the work is done, not after it. */
  private void makeDirectory() throws CommandFailure {
    try {
      Files.createDirectories(report);
    } catch (IOException e) {
      throw new CommandFailure("--report " + report + " is no directory that can be made", e);
    }
  }

  /** What a report shows of the runs on a stream: means, and the course of the first. */
  private Report.Run section(Path file, ModelSpec spec, List<Run> runs, Report.Tried swept) {
    Evaluation first = runs.get(0).evaluation();
    Map<String, TaskFigures> figures = new LinkedHashMap<>();
    figures(runs).forEach((task, each) -> figures.put(task, TaskFigures.mean(each)));
    List<String> conditions = new ArrayList<>();
    conditions.add(Figures.count(first.rows()) + " rows");
    if (first.rejected() > 0) {
      conditions.add(Figures.count(first.rejected()) + " rejected");
    }
    conditions.add("labels in blocks of " + labelBlock + late(first));
    conditions.add(
        Figures.count(first.updates())
            + " updates with "
            + SurgeryMethod.of(spec.surgery()).name());
    conditions.add(
        runs.size() == 1
            ? "seed " + spec.learning().seed()
            : "scores: means of " + runs.size() + " seeds; curves: seed " + spec.learning().seed());
    conditions.add(
        String.format(
            Locale.ROOT,
            "%.1f s, %s rows/s",
            runs.get(0).seconds(),
            Figures.count(Math.round(first.rows() / runs.get(0).seconds()))));
    return new Report.Run(
        file.toString(),
        conditions,
        spec,
        figures,
        first.rows(),
        first.course(),
        JobConfiguration.of("evaluated", spec).toYaml(List.of()),
        swept);
  }

  /** One evaluation of a stream, at its end. */
  private record Run(Evaluation evaluation, double seconds) {}

  /** One run for each spec. The faults of the file, the same for all, are shown once. */
  private List<Run> runs(CsvStream stream, List<ModelSpec> specs, long expectedRows)
      throws Exception {
    Complaints complaints = new Complaints(err);
    List<Callable<Run>> work = new ArrayList<>();
    for (ModelSpec spec : specs) {
      boolean first = work.isEmpty();
      work.add(
          () -> {
            long start = System.nanoTime();
            Evaluation evaluation = new Evaluation(spec, labelBlock, labelDelay);
            if (report != null) {
              evaluation.follow();
            }
            run(
                stream,
                spec,
                evaluation,
                first ? expectedRows : NO_PROGRESS,
                first ? complaints : c -> {});
            return new Run(evaluation, (System.nanoTime() - start) / 1e9);
          });
    }
    List<Run> runs = AllCores.call(work);
    complaints.summarise();
    return runs;
  }

  /** The spec once for each seed that is asked for. */
  private List<ModelSpec> seeded(ModelSpec spec) {
    List<ModelSpec> specs = new ArrayList<>();
    for (int i = 0; i < (seeds == null ? 1 : seeds); i++) {
      specs.add(spec.withLearning(spec.learning().withSeed(spec.learning().seed() + i)));
    }
    return specs;
  }

  private void compare(CsvStream stream, ModelSpec spec, long expectedRows) throws Exception {
    List<ModelSpec> specs = new ArrayList<>();
    compare.forEach(method -> specs.addAll(seeded(adjusted(spec, method))));
    List<Run> runs = runs(stream, specs, expectedRows);
    Comparison comparison = comparison(compare, runs);
    if (output == OutputFormat.JSON) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("data", stream.path().toString());
      putLabels(json, runs.get(0).evaluation());
      if (seeds != null) {
        json.put("seeds", seeds);
      }
      json.set("methods", comparison.toJson());
      out.print(json.toString());
    } else {
      out.print(text(stream.path(), comparison));
    }
  }

  /** Compares equally many runs for each name. */
  private static Comparison comparison(List<String> names, List<Run> runs) {
    List<Comparison.Entry> entries = new ArrayList<>();
    for (int n = 0; n < names.size(); n++) {
      List<Run> own = share(runs, n, names.size());
      entries.add(
          new Comparison.Entry(
              names.get(n),
              figures(own),
              mean(own, r -> (double) r.evaluation().equalisedUpdates() / r.evaluation().updates()),
              mean(own, r -> 1e6 * r.seconds() / r.evaluation().updates())));
    }
    return new Comparison(entries);
  }

  /** One of equal parts of the runs. */
  private static List<Run> share(List<Run> runs, int index, int shares) {
    int each = runs.size() / shares;
    return runs.subList(index * each, (index + 1) * each);
  }

  private void sweep(CsvStream stream, ModelSpec spec, long expectedRows, Report page)
      throws Exception {
    List<Map<String, String>> combinations = tried.combinations();
    List<ModelSpec> models = new ArrayList<>();
    List<ModelSpec> specs = new ArrayList<>();
    for (Map<String, String> combination : combinations) {
      try {
        models.add(ModelSettings.with(spec, combination));
      } catch (ConfigurationException e) {
        throw usage("--sweep " + Sweep.name(combination) + ": " + e.problems().get(0));
      }
      specs.addAll(seeded(models.get(models.size() - 1)));
    }
    List<Run> runs = runs(stream, specs, expectedRows);
    Comparison comparison = comparison(combinations.stream().map(Sweep::name).toList(), runs);
    if (output == OutputFormat.JSON) {
      for (int c = 0; c < models.size(); c++) {
        ObjectNode json = json(stream.path(), models.get(c), share(runs, c, models.size()));
        ObjectNode settings = json.putObject("sweep");
        combinations.get(c).forEach((setting, value) -> put(settings, setting, value));
        out.print(json.toString());
      }
    } else {
      out.print(sweepText(stream.path(), comparison));
    }
    if (page != null) {
      int best = comparison.entries().indexOf(comparison.best());
      page.add(
          section(
              stream.path(),
              models.get(best),
              share(runs, best, models.size()),
              new Report.Tried(tried, comparison)));
    }
  }

  /** A setting as JSON: a number, or the text that it is. */
  private static void put(ObjectNode json, String setting, String value) {
    try {
      json.put(setting, new BigDecimal(value));
    } catch (NumberFormatException e) {
      json.put(setting, value);
    }
  }

  /** A line for each combination; the best score of each task is marked. */
  private List<String> sweepText(Path file, Comparison comparison) {
    List<String> lines = new ArrayList<>();
    lines.add(out.styled(String.valueOf(file.getFileName()), Style.BOLD));
    TextTable table = new TextTable("l" + "r".repeat(comparison.tasks().size() + 1));
    List<String> head = new ArrayList<>(List.of("  combination"));
    for (String task : comparison.tasks()) {
      head.add(task + " " + comparison.entries().get(0).mean(task).primaryScore().label());
    }
    head.add("mean rank");
    table.add(head.toArray(String[]::new));
    for (Comparison.Entry entry : comparison.entries()) {
      List<String> cells = new ArrayList<>(List.of("  " + entry.method()));
      for (String task : comparison.tasks()) {
        cells.add(
            (comparison.relative(entry, task) == 1 ? "* " : "")
                + Figures.figure(entry.mean(task).primary()));
      }
      cells.add(Figures.figure(comparison.meanRank(entry)));
      table.add(cells.toArray(String[]::new));
    }
    lines.addAll(table.lines());
    lines.add("");
    return lines;
  }

  /** The figures of every run, under the names of the tasks. */
  private static Map<String, List<TaskFigures>> figures(List<Run> runs) {
    Map<String, List<TaskFigures>> figures = new LinkedHashMap<>();
    for (Run run : runs) {
      run.evaluation()
          .figures()
          .forEach((task, f) -> figures.computeIfAbsent(task, t -> new ArrayList<>()).add(f));
    }
    return figures;
  }

  private static double mean(List<Run> runs, ToDoubleFunction<Run> number) {
    return runs.stream().mapToDouble(number).average().orElse(Double.NaN);
  }

  private ModelSpec adjusted(ModelSpec spec, String method) {
    LearningSpec learning =
        preset == null ? spec.learning() : preset.learning().withSeed(spec.learning().seed());
    return new ModelSpec(
        spec.features(),
        spec.tasks(),
        spec.network(),
        seed == null ? learning : learning.withSeed(seed),
        method == null ? spec.surgery() : method(method),
        spec.drift(),
        spec.shift());
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
        if (expectedRows != NO_PROGRESS
            && err.interactive()
            && evaluation.rows() % PROGRESS_ROWS == 0) {
          err.draw(List.of(progress(stream.path(), evaluation, expectedRows, start)));
        }
      }
      reject(evaluation, rows.rejected());
    } finally {
      if (expectedRows != NO_PROGRESS) {
        err.erase();
      }
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

  private ObjectNode json(Path file, ModelSpec spec, List<Run> runs) {
    Evaluation first = runs.get(0).evaluation();
    double seconds = mean(runs, Run::seconds);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("data", file.toString());
    json.put("rows", first.rows());
    json.put("rejected", first.rejected());
    json.put("updates", Math.round(mean(runs, run -> run.evaluation().updates())));
    json.put("seconds", seconds);
    json.put("rowsPerSecond", first.rows() / seconds);
    putLabels(json, first);
    json.put("surgery", SurgeryMethod.of(spec.surgery()).name());
    if (seeds != null) {
      json.put("seeds", seeds);
    }
    ObjectNode tasks = json.putObject("tasks");
    figures(runs).forEach((task, f) -> tasks.set(task, TaskFigures.toJson(f)));
    return json;
  }

  /** When the labels came, and how many came for rows that had given way. */
  private void putLabels(ObjectNode json, Evaluation evaluation) {
    json.put("labelBlock", labelBlock);
    if (labelDelay.inTime()) {
      json.put("labelDelay", labelDelay.toString());
    } else {
      json.put("labelDelay", labelDelay.rows());
    }
    json.put("lostLabels", evaluation.lostLabels());
  }

  private List<String> text(Path file, ModelSpec spec, List<Run> runs) {
    Evaluation first = runs.get(0).evaluation();
    double seconds = mean(runs, Run::seconds);
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s: %s rows%s, %s updates with %s, labels in blocks of %d%s%s; %.1f s, %s rows/s",
            out.styled(String.valueOf(file.getFileName()), Style.BOLD),
            Figures.count(first.rows()),
            first.rejected() == 0 ? "" : " (" + Figures.count(first.rejected()) + " rejected)",
            Figures.count(Math.round(mean(runs, run -> run.evaluation().updates()))),
            SurgeryMethod.of(spec.surgery()).name(),
            labelBlock,
            late(first),
            runs.size() == 1 ? "" : ", means of " + runs.size() + " seeds",
            seconds,
            Figures.count(Math.round(first.rows() / seconds))));
    TextTable table = new TextTable("llrlrrll");
    table.add("  task", "kind", "scored", "score", "learner", "baseline", "", "and");
    figures(runs)
        .forEach(
            (task, each) -> {
              TaskFigures f = TaskFigures.mean(each);
              double deviation = Spread.ofPrimary(each).deviation();
              table.add(
                  "  " + task,
                  f.kind().name().toLowerCase(Locale.ROOT),
                  Figures.count(f.scored()),
                  f.primaryScore().label(),
                  Figures.figure(f.primary())
                      + (each.size() == 1 ? "" : " +- " + Figures.figure(deviation)),
                  Figures.figure(f.baselinePrimary()),
                  Verdict.of(f, out),
                  further(f));
            });
    lines.addAll(table.lines());
    lines.add("");
    return lines;
  }

  /** What there is to say of the labels' delay. */
  private String late(Evaluation evaluation) {
    if (labelDelay.equals(LabelDelay.NONE)) {
      return "";
    }
    String lost =
        evaluation.lostLabels() == 0
            ? ""
            : " ("
                + Figures.count(evaluation.lostLabels())
                + " lost: at most "
                + Figures.count(Evaluation.MAX_WAITING_ROWS)
                + " rows wait)";
    return ", " + labelDelay + (labelDelay.inTime() ? "" : " rows") + " late" + lost;
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
                    comparison.entries().get(0).mean(task).primaryScore().label(),
                    e -> Figures.figure(e.mean(task).primary()),
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
