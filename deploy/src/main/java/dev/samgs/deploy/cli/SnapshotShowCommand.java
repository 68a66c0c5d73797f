package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.snapshot.PublishedSpec;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.predict.PredictionJson;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.TextTable;
import dev.samgs.spec.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one snapshot. */
@Command(
    name = "show",
    sortOptions = false,
    description = {
      "Shows where a snapshot comes from, what it takes and gives, and its scores. The newest"
          + " version, if none is named.",
      ""
    })
final class SnapshotShowCommand implements Callable<Integer> {
  private final Terminal out;

  @Mixin private SnapshotSource source;

  @Parameters(
      paramLabel = SnapshotSource.REFERENCE,
      description = "The snapshot, or an .onnx file.")
  private String reference;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  SnapshotShowCommand(Terminal out) {
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    SnapshotRecord snapshot = source.find(reference);
    ModelSpec spec = PublishedSpec.of(snapshot.onnx());
    ObjectNode json =
        PredictionJson.describe(snapshot.model(), snapshot.version(), spec, snapshot.headers());
    json.put("bytes", snapshot.onnx().length);
    if (output == OutputFormat.JSON) {
      out.print(json.toString());
    } else {
      out.print(text(json, spec));
    }
    return 0;
  }

  private static List<String> text(ObjectNode json, ModelSpec spec) {
    List<String> lines = new ArrayList<>();
    TextTable facts = new TextTable("ll");
    JsonNode provenance = json.get("provenance");
    provenance
        .fields()
        .forEachRemaining(
            fact -> {
              String value =
                  fact.getKey().equals("watermark")
                      ? SnapshotListCommand.time(fact.getValue())
                      : fact.getValue().isTextual()
                          ? fact.getValue().asText()
                          : fact.getValue().toString();
              facts.add(fact.getKey(), value);
            });
    facts.add("bytes", Figures.bytes(json.get("bytes").asLong()));
    facts.add("features", String.join(", ", spec.features()));
    lines.addAll(facts.lines());
    lines.add("");
    TextTable tasks = new TextTable("llrrr");
    tasks.add("task", "kind", "labels", "loss", "baseline");
    for (JsonNode task : (ArrayNode) json.get("tasks")) {
      JsonNode score = json.path("scores").path(task.get("name").asText());
      tasks.add(
          task.get("name").asText(),
          task.get("kind").asText(),
          Figures.count(score.path("labels").asLong()),
          Figures.figure(score.path("loss").asDouble(Double.NaN)),
          Figures.figure(score.path("baselineLoss").asDouble(Double.NaN)));
    }
    lines.addAll(tasks.lines());
    return lines;
  }
}
