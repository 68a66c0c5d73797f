package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.snapshot.SnapshotHistory.Entry;
import dev.samgs.deploy.predict.PredictionJson;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.TextTable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the models that the snapshot topic holds. */
@Command(
    name = "list",
    sortOptions = false,
    description = {
      "Lists the models that are published, each with its newest version. A model that has not yet"
          + " published, or is retired, is not there.",
      ""
    })
final class ModelListCommand implements Callable<Integer> {
  private final Terminal out;

  @Mixin private SnapshotSource source;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one array (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  ModelListCommand(Terminal out) {
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    Map<String, ObjectNode> models = new TreeMap<>();
    source.read(
        entry -> {
          if (entry.removal()) {
            models.remove(entry.model());
          } else if (entry.problem() == null) {
            models.put(entry.model(), describe(entry));
          }
        });
    if (output == OutputFormat.JSON) {
      ArrayNode all = JsonNodeFactory.instance.arrayNode();
      models.values().forEach(all::add);
      out.print(all.toString());
    } else {
      out.print(table(models));
    }
    return 0;
  }

  private static ObjectNode describe(Entry entry) {
    ObjectNode provenance = PredictionJson.provenance(entry.snapshot().headers());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", entry.model());
    json.put("version", entry.snapshot().version());
    json.put("incarnation", entry.snapshot().version() >>> 32);
    json.set("update", provenance.get("update"));
    json.set("watermark", provenance.get("watermark"));
    json.put("published", entry.published());
    return json;
  }

  private static List<String> table(Map<String, ObjectNode> models) {
    TextTable table = new TextTable("lrrll");
    table.add("model", "version", "update", "watermark", "published");
    models.forEach(
        (model, json) ->
            table.add(
                model,
                json.get("version").asText(),
                json.path("update").asText(),
                SnapshotListCommand.time(json.path("watermark")),
                SnapshotListCommand.time(json.path("published"))));
    return models.isEmpty() ? List.of("no model is published") : table.lines();
  }
}
