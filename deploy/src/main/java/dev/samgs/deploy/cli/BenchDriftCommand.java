package dev.samgs.deploy.cli;

import dev.samgs.deploy.bench.DriftBench;
import dev.samgs.deploy.bench.DriftBenchSettings;
import dev.samgs.deploy.bench.DriftFigures;
import dev.samgs.deploy.terminal.Terminal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Measures the drift detectors. */
@Command(
    name = "drift",
    sortOptions = false,
    description = {
      "Measures every drift detector with its default settings, next to one that never gives an"
          + " alarm and one that always does: delay, recall and false alarms on errors whose"
          + " changes are known, on a learner's own errors on a simulated line and on recorded"
          + " streams.",
      ""
    })
final class BenchDriftCommand implements Callable<Integer> {
  private static final int FEWEST_EVENTS = 1000;

  private final Terminal out;
  private final Terminal err;

  @ParentCommand private BenchCommand bench;

  @Spec private CommandSpec command;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Errors without a change that false alarms are counted over (default:"
              + " ${DEFAULT-VALUE}).")
  private int events;

  @Option(
      names = "--streams",
      paramLabel = "N",
      defaultValue = "50",
      description = "Streams of each kind of change (default: ${DEFAULT-VALUE}).")
  private int streams;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Directory with the recorded streams gas, hydraulic, hydraulic_mixed, cmapss and ai4i as"
              + " .csv.gz; those that are not there are passed over.")
  private Path data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  BenchDriftCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    if (events < FEWEST_EVENTS) {
      throw usage("--events must be at least " + FEWEST_EVENTS + ", not " + events);
    }
    if (streams < 1) {
      throw usage("--streams must be at least 1, not " + streams);
    }
    if (!bench.debug()) {
      Configurator.setRootLevel(Level.ERROR);
    }
    DriftFigures figures =
        DriftBench.run(new DriftBenchSettings(events, streams, data), err::print);
    if (output == OutputFormat.JSON) {
      out.print(figures.toJson().toString());
    } else {
      out.print(figures.text());
    }
    return 0;
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }
}
