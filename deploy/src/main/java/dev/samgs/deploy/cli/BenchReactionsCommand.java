package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.deploy.bench.ReactionBench;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.TextTable;
import dev.samgs.spec.Reaction;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Measures what the reactions to drift are worth. */
@Command(
    name = "reactions",
    sortOptions = false,
    description = {
      "Measures what each reaction to drift does to the error of a learner with default settings,"
          + " on drifting streams: synthetic ones, a simulated line, and recorded ones.",
      ""
    })
final class BenchReactionsCommand implements Callable<Integer> {
  private final Terminal out;
  private final Terminal err;

  @ParentCommand private BenchCommand bench;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Directory with the recorded streams gas, hydraulic, hydraulic_mixed, airquality and"
              + " cmapss as .csv.gz; those that are not there are passed over.")
  private Path data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  BenchReactionsCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    if (!bench.debug()) {
      Configurator.setRootLevel(Level.ERROR);
    }
    Map<String, Map<Reaction, Double>> ratios = ReactionBench.run(data, err::print);
    if (output == OutputFormat.JSON) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      ratios.forEach(
          (stream, one) -> {
            ObjectNode object = json.putObject(stream);
            one.forEach((reaction, ratio) -> object.put(text(reaction), ratio));
          });
      out.print(json.toString());
    } else {
      out.print(text(ratios));
    }
    return 0;
  }

  private static List<String> text(Map<String, Map<Reaction, Double>> ratios) {
    TextTable table = new TextTable("l" + "r".repeat(Reaction.values().length - 1));
    table.add(
        Stream.concat(
                Stream.of("stream"),
                Stream.of(Reaction.values()).skip(1).map(BenchReactionsCommand::text))
            .toArray(String[]::new));
    ratios.forEach(
        (stream, one) ->
            table.add(
                Stream.concat(
                        Stream.of(stream),
                        one.values().stream()
                            .skip(1)
                            .map(r -> String.format(Locale.ROOT, "%+.1f %%", 100 * (r - 1))))
                    .toArray(String[]::new)));
    return Stream.concat(
            Stream.of("Change of the error against no reaction; below zero is better.", ""),
            table.lines().stream())
        .toList();
  }

  private static String text(Reaction reaction) {
    return reaction.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
