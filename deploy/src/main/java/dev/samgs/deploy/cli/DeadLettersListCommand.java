package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.kafka.DeadLetterRecords;
import dev.samgs.deploy.cli.DeadLetterSource.Letter;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.TextTable;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists dead letters. */
@Command(
    name = "list",
    sortOptions = false,
    description = {
      "Lists the records that the job refused, whole or in part: where each lies, where it comes"
          + " from, and why it was refused.",
      ""
    })
final class DeadLettersListCommand implements Callable<Integer> {
  private final Terminal out;

  @Mixin private DeadLetterSource source;

  @Option(
      names = "--newest",
      paramLabel = "N",
      description = "Only the last N of each partition of the topic.")
  private Integer newest;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one array (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  DeadLettersListCommand(Terminal out) {
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    List<Letter> letters = source.read();
    if (newest != null) {
      List<Letter> all = letters;
      letters =
          all.stream()
              .filter(
                  letter ->
                      all.stream()
                              .filter(l -> l.record().partition() == letter.record().partition())
                              .filter(l -> l.record().offset() > letter.record().offset())
                              .count()
                          < newest)
              .toList();
    }
    if (output == OutputFormat.JSON) {
      ArrayNode all = JsonNodeFactory.instance.arrayNode();
      letters.forEach(letter -> all.add(describe(letter)));
      out.print(all.toString());
    } else {
      out.print(table(letters));
    }
    return 0;
  }

  private static ObjectNode describe(Letter letter) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("letter", letter.place());
    json.put("refused", letter.record().timestamp());
    json.put("reason", letter.reason());
    json.put("detail", letter.header(DeadLetterRecords.DETAIL));
    json.put("topic", letter.header(DeadLetterRecords.TOPIC));
    json.put("partition", Integer.parseInt(letter.header(DeadLetterRecords.PARTITION)));
    json.put("offset", Long.parseLong(letter.header(DeadLetterRecords.OFFSET)));
    json.put("timestamp", Long.parseLong(letter.header(DeadLetterRecords.TIMESTAMP)));
    json.put("key", letter.key());
    json.put("bytes", letter.bytes());
    json.put("partly", letter.partly());
    json.put("cut", letter.cut());
    return json;
  }

  private static List<String> table(List<Letter> letters) {
    TextTable table = new TextTable("rlllrll");
    table.add("letter", "refused", "from", "reason", "size", "used", "why");
    for (Letter letter : letters) {
      table.add(
          letter.place(),
          Instant.ofEpochMilli(letter.record().timestamp()).toString(),
          letter.origin(),
          letter.reason(),
          Figures.bytes(letter.bytes()),
          letter.partly() ? "partly" : "no",
          letter.header(DeadLetterRecords.DETAIL));
    }
    return letters.isEmpty() ? List.of("there is no such dead letter") : table.lines();
  }
}
