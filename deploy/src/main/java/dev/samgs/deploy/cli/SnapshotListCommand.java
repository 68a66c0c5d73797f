package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.snapshot.SnapshotHistory.Entry;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.predict.PredictionJson;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.TextTable;
import dev.samgs.snapshot.SnapshotFormatException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists what the snapshot topic holds. */
@Command(
    name = "list",
    sortOptions = false,
    description = {
      "Lists the versions that the snapshot topic holds. Compaction leaves the newest of each"
          + " model for ever and earlier ones for a while.",
      ""
    })
final class SnapshotListCommand implements Callable<Integer> {
  private final Terminal out;
  private final Terminal err;

  @Mixin private SnapshotSource source;

  @Option(names = "--model", paramLabel = "NAME", description = "List this model only.")
  private String model;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one array (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  SnapshotListCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    Map<String, List<ObjectNode>> versions = new TreeMap<>();
    source.read(
        entry -> {
          if (model != null && !model.equals(entry.model())) {
            return;
          }
          if (entry.removal()) {
            versions.remove(entry.model());
          } else if (entry.problem() != null) {
            err.print("samgs snapshot list: " + entry.problem());
          } else {
            versions.computeIfAbsent(entry.model(), m -> new ArrayList<>()).add(describe(entry));
          }
        });
    if (output == OutputFormat.JSON) {
      ArrayNode all = JsonNodeFactory.instance.arrayNode();
      versions.values().forEach(all::addAll);
      out.print(all.toString());
    } else {
      out.print(table(versions));
    }
    return 0;
  }

  private static ObjectNode describe(Entry entry) {
    SnapshotRecord snapshot = entry.snapshot();
    ObjectNode provenance = PredictionJson.provenance(snapshot.headers());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", snapshot.model());
    json.put("version", snapshot.version());
    json.set("parent", provenance.get("parent"));
    json.set("update", provenance.get("update"));
    json.set("watermark", provenance.get("watermark"));
    json.put("published", entry.published());
    json.put("verdict", provenance.path("gate").path("verdict").asText(null));
    json.put("bytes", bytes(snapshot));
    json.put("inStore", snapshot.isClaimCheck());
    json.put("signed", provenance.has("signature"));
    json.set("sha256", provenance.get("sha256"));
    json.put("partition", entry.partition());
    json.put("offset", entry.offset());
    return json;
  }

  private static Long bytes(SnapshotRecord snapshot) {
    if (!snapshot.isClaimCheck()) {
      return (long) snapshot.value().length;
    }
    try {
      return snapshot.claimCheck().bytes();
    } catch (SnapshotFormatException e) {
      return null;
    }
  }

  private static List<String> table(Map<String, List<ObjectNode>> versions) {
    TextTable table = new TextTable("lrrlllrll");
    table.add(
        "model",
        "version",
        "update",
        "watermark",
        "published",
        "verdict",
        "size",
        "where",
        "signed");
    versions.forEach(
        (model, list) -> {
          for (ObjectNode version : list) {
            table.add(
                model,
                version.get("version").asText(),
                version.path("update").asText(),
                time(version.path("watermark")),
                time(version.path("published")),
                version.path("verdict").asText("-"),
                Figures.bytes(version.path("bytes").asLong()),
                version.get("inStore").asBoolean() ? "store" : "topic",
                version.get("signed").asBoolean() ? "yes" : "no");
          }
        });
    return versions.isEmpty() ? List.of("no snapshot has been published") : table.lines();
  }

  static String time(JsonNode millis) {
    return millis.isIntegralNumber() ? Instant.ofEpochMilli(millis.asLong()).toString() : "-";
  }
}
