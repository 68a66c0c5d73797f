package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
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
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

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
  @Spec private CommandSpec command;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Directory with the recorded streams gas, hydraulic, hydraulic_mixed, airquality and"
              + " cmapss as .csv.gz; those that are not there are passed over.")
  private Path data;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Runs of each stream, with another learner, and other events where the stream is made"
              + " (default: ${DEFAULT-VALUE}).")
  private int seeds;

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
    if (seeds < 1) {
      throw new ParameterException(
          command.commandLine(), "--seeds must be at least 1, not " + seeds);
    }
    Map<String, Map<Reaction, double[]>> ratios = ReactionBench.run(data, seeds, err::print);
    if (output == OutputFormat.JSON) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      ratios.forEach(
          (stream, one) -> {
            ObjectNode object = json.putObject(stream);
            one.forEach(
                (reaction, ratio) -> {
                  ArrayNode array = object.putArray(text(reaction));
                  DoubleStream.of(ratio).forEach(array::add);
                });
          });
      out.print(json.toString());
    } else {
      out.print(text(ratios));
    }
    return 0;
  }

  private static List<String> text(Map<String, Map<Reaction, double[]>> ratios) {
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
                        one.values().stream().skip(1).map(BenchReactionsCommand::spread))
                    .toArray(String[]::new)));
    return Stream.concat(
            Stream.of(
                "Change of the error against no reaction, in percent: mean over the seeds, and from"
                    + " the lowest to the highest. Below zero is better.",
                ""),
            table.lines().stream())
        .toList();
  }

  private static String spread(double[] ratios) {
    double[] percent = DoubleStream.of(ratios).map(ratio -> 100 * (ratio - 1)).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "%+.1f (%+.1f %+.1f)",
        DoubleStream.of(percent).average().orElseThrow(),
        percent[0],
        percent[percent.length - 1]);
  }

  private static String text(Reaction reaction) {
    return reaction.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
