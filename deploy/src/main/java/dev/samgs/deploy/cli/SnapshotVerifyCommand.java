package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.snapshot.SnapshotHistory.Entry;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.predict.SnapshotComparison;
import dev.samgs.deploy.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Verifies what the snapshot topic holds. */
@Command(
    name = "verify",
    sortOptions = false,
    description = {
      "Verifies every snapshot that the topic holds as a predictor does that starts now: headers,"
          + " order of versions, signature if a key is given, SHA-256, and that the built-in scorer"
          + " and ONNX Runtime load it and predict alike. Exits 1 if one fails.",
      ""
    })
final class SnapshotVerifyCommand implements Callable<Integer> {
  private final Terminal out;

  @Mixin private SnapshotSource source;

  @Option(names = "--model", paramLabel = "NAME", description = "Verify this model only.")
  private String model;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one array (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  SnapshotVerifyCommand(Terminal out) {
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    int[] bad = new int[1];
    source.verify(
        entry -> {
          if ((model == null || model.equals(entry.model())) && !entry.removal()) {
            String problem = problem(entry);
            bad[0] += problem == null ? 0 : 1;
            all.add(json(entry, problem));
          }
        });
    if (output == OutputFormat.JSON) {
      out.print(all.toString());
    } else {
      all.forEach(
          entry ->
              out.print(
                  entry.get("model").asText()
                      + "  "
                      + entry.path("version").asText("?")
                      + "  "
                      + entry.path("problem").asText("good")));
      out.print(all.size() - bad[0] + " of " + all.size() + " snapshots are good");
    }
    return bad[0] == 0 ? 0 : 1;
  }

  private static String problem(Entry entry) {
    return entry.problem() != null ? entry.problem() : SnapshotComparison.flaw(entry.snapshot());
  }

  private static ObjectNode json(Entry entry, String problem) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", entry.model());
    SnapshotRecord snapshot = entry.snapshot();
    json.put("version", snapshot == null ? null : snapshot.version());
    json.put("partition", entry.partition());
    json.put("offset", entry.offset());
    json.put("good", problem == null);
    json.put("problem", problem);
    return json;
  }
}
