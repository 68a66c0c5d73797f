package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.TextTable;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.surgery.SamGs;
import dev.samgs.surgery.SurgeryMethod;
import dev.samgs.toy.ToyPicture;
import dev.samgs.toy.ToyProblem;
import dev.samgs.toy.ToyProblem.Point;
import dev.samgs.toy.ToyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Descends the toy problems of the SAM-GS paper. */
@Command(
    name = "toy",
    customSynopsis =
        "samgs toy --problem 1|2 [--method NAME] [--csv FILE] [--svg FILE] [OPTION]...",
    sortOptions = false,
    description = {
      "Descends a two-task problem in the plane from every start of the SAM-GS paper, with any gradient"
          + " surgery method, and says from where the Pareto front was reached.",
      ""
    })
final class ToyCommand implements Callable<Integer> {
  /** States between two lines of the CSV, and between two corners of the picture's paths. */
  private static final int STRIDE = 20;

  private final Terminal out;

  @Spec private CommandSpec command;

  @Option(
      names = "--problem",
      required = true,
      paramLabel = "1|2",
      description = "1: quadratic bowls; 2: bowls of the sixth degree.")
  private int problem;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "sam-gs",
      description =
          "Gradient surgery method (default: ${DEFAULT-VALUE}, with the settings of the paper's code;"
              + " the others with their defaults).")
  private String method;

  @Option(names = "--csv", paramLabel = "FILE", description = "Where the trajectories are written.")
  private Path csv;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description =
          "Where a picture is written: contours of the summed losses, Pareto front, trajectories.")
  private Path svg;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of each descent (default: as in the paper's code, 20000 or 21000).")
  private Integer steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of methods that draw random numbers (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  ToyCommand(Terminal out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    ToyProblem toy = toyProblem();
    SurgerySpec settings = settings(toy);
    int length = steps == null ? toy.steps() : steps;
    List<ToyRun> runs = new ArrayList<>();
    for (Point start : toy.starts()) {
      runs.add(ToyRun.descend(toy, start, settings, seed, length, STRIDE));
    }
    if (csv != null) {
      Files.writeString(csv, ToyPicture.csv(runs));
    }
    if (svg != null) {
      Files.writeString(svg, ToyPicture.svg("Problem " + problem + ", " + method, runs));
    }
    if (output == OutputFormat.JSON) {
      out.print(json(runs).toString());
    } else {
      out.print(text(runs));
    }
    return 0;
  }

  private ToyProblem toyProblem() {
    if (problem < 1 || problem > ToyProblem.values().length) {
      throw usage("--problem is 1 or 2, not " + problem);
    }
    if (steps != null && steps < 1) {
      throw usage("--steps must be at least 1, not " + steps);
    }
    return ToyProblem.values()[problem - 1];
  }

  private SurgerySpec settings(ToyProblem toy) {
    try {
      SurgerySpec defaults = SurgeryMethod.named(method).defaults();
      return defaults instanceof SamGs.Settings ? ToyRun.publishedSamGs(toy) : defaults;
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private ParameterException usage(String what) {
    return new ParameterException(command.commandLine(), what);
  }

  private ObjectNode json(List<ToyRun> runs) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("problem", problem);
    json.put("method", method);
    json.put("reachedFront", runs.stream().filter(ToyRun::reachedFront).count());
    json.put("reachedOptimum", runs.stream().filter(ToyRun::reachedOptimum).count());
    ArrayNode starts = json.putArray("starts");
    for (ToyRun run : runs) {
      ObjectNode start = starts.addObject();
      start.putArray("start").add(run.start().x1()).add(run.start().x2());
      start.putArray("end").add(run.end().x1()).add(run.end().x2());
      start.put("reachedFront", run.reachedFront());
      start.put("reachedOptimum", run.reachedOptimum());
    }
    return json;
  }

  private List<String> text(List<ToyRun> runs) {
    TextTable table = new TextTable("rrl");
    table.add("start", "end", "");
    for (ToyRun run : runs) {
      String reached = run.reachedFront() ? "on the front" : "not on the front";
      table.add(
          point(run.start()),
          point(run.end()),
          run.reachedOptimum() ? reached + ", at an optimum" : reached);
    }
    List<String> lines = new ArrayList<>(table.lines());
    lines.add(
        String.format(
            Locale.ROOT,
            "%s reached the Pareto front from %d of %d starts",
            method,
            runs.stream().filter(ToyRun::reachedFront).count(),
            runs.size()));
    return lines;
  }

  private static String point(Point point) {
    return "(" + Figures.figure(point.x1()) + ", " + Figures.figure(point.x2()) + ")";
  }
}
