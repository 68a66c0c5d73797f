package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.deploy.predict.SnapshotComparison;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares two snapshots. */
@Command(
    name = "diff",
    sortOptions = false,
    description = {
      "Compares two snapshots: features and tasks, steps between them, scores, how far the"
          + " parameters have moved, and how far apart their predictions are on random rows.",
      ""
    })
final class SnapshotDiffCommand implements Callable<Integer> {
  private final Terminal out;

  @Mixin private SnapshotSource source;

  @Parameters(index = "0", paramLabel = "A", description = "MODEL[@VERSION] or an .onnx file.")
  private String first;

  @Parameters(index = "1", paramLabel = "B", description = "The same.")
  private String second;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  SnapshotDiffCommand(Terminal out) {
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    ObjectNode json = SnapshotComparison.of(source.find(first), source.find(second));
    if (output == OutputFormat.JSON) {
      out.print(json.toString());
    } else {
      out.print(text(json));
    }
    return 0;
  }

  private static List<String> text(ObjectNode json) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "version "
            + json.at("/a/version").asText()
            + " of "
            + json.at("/a/model").asText()
            + " against version "
            + json.at("/b/version").asText()
            + " of "
            + json.at("/b/model").asText()
            + ": "
            + json.get("updates").asText()
            + " steps further");
    for (String what : List.of("features", "tasks")) {
      for (String change : List.of("removed", "added")) {
        JsonNode names = json.get(what).get(change);
        if (!names.isEmpty()) {
          lines.add(what + " " + change + ": " + names);
        }
      }
    }
    lines.add(
        json.get("parameterChange").isNull()
            ? "the parameters cannot be compared: the networks differ"
            : "the parameters have moved by "
                + Figures.figure(100 * json.get("parameterChange").asDouble())
                + " % of their norm");
    lines.add("");
    TextTable table = new TextTable("lrrrr");
    table.add("task", "loss of A", "loss of B", "mean difference", "largest");
    json.get("scores")
        .fields()
        .forEachRemaining(
            task -> {
              JsonNode difference = json.get("predictions").path(task.getKey());
              table.add(
                  task.getKey(),
                  figure(task.getValue().path("a")),
                  figure(task.getValue().path("b")),
                  figure(difference.path("mean")),
                  figure(difference.path("largest")));
            });
    lines.addAll(table.lines());
    return lines;
  }

  private static String figure(JsonNode number) {
    return number.isNumber() ? Figures.figure(number.asDouble()) : "-";
  }
}
