package dev.samgs.deploy.cli;

import dev.samgs.deploy.console.Console;
import dev.samgs.deploy.console.ConsoleTopics;
import dev.samgs.deploy.terminal.StopRequest;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.job.config.OutputSettings;
import dev.samgs.job.config.PortRange;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves the console. */
@Command(
    name = "console",
    customSynopsis = "samgs console --bootstrap-servers HOST:PORT [OPTIONS]",
    sortOptions = false,
    description = {
      "Serves a web page that shows live how the models of a job learn, drift and are published,"
          + " and from which they can be rolled back or pinned. It reads the job's topics; the job"
          + " itself is not asked. Ctrl-C stops it.",
      ""
    })
final class ConsoleCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final OutputSettings TOPICS = OutputSettings.defaults();

  private final Terminal err;

  @Spec private CommandSpec command;
  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Address to listen on; 0.0.0.0 for all (default: ${DEFAULT-VALUE}). There is no"
              + " authentication: put a proxy before it where others can reach it.")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8090",
      description = "Port to listen on; 0 for any (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--control",
      negatable = true,
      description =
          "Whether models can be rolled back and pinned from the page (default: only where no other"
              + " machine can reach it).")
  private Boolean control;

  @Option(
      names = "--history",
      paramLabel = "TIME",
      defaultValue = "6h",
      description =
          "How far back scores, alarms, dead letters and commands are read at the start (default:"
              + " ${DEFAULT-VALUE}).")
  private Duration history;

  @Option(names = "--metrics-topic", paramLabel = "TOPIC", description = "Topic of the scores.")
  private String metrics = TOPICS.metrics();

  @Option(names = "--alarms-topic", paramLabel = "TOPIC", description = "Topic of the alarms.")
  private String alarms = TOPICS.alarms();

  @Option(names = "--topic", paramLabel = "TOPIC", description = "Topic of the snapshots.")
  private String snapshots = TOPICS.snapshots();

  @Option(
      names = "--dead-letter-topic",
      paramLabel = "TOPIC",
      description = "Topic of the refused records.")
  private String deadLetters = TOPICS.deadLetters();

  @Option(
      names = "--control-topic",
      paramLabel = "TOPIC",
      defaultValue = "model-control",
      description = "Topic of the commands (default: ${DEFAULT-VALUE}).")
  private String controlTopic;

  ConsoleCommand(Terminal err) {
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    PredictServeCommand.checkPort(command, port);
    if (history.isNegative() || history.isZero()) {
      throw new ParameterException(command.commandLine(), "--history must be longer than 0s");
    }
    StopRequest stop = StopRequest.onSignals();
    try (Console console = console()) {
      err.print("the console is at " + console.address() + "; Ctrl-C stops it");
      while (!stop.await(TICK)) {
        // The page and the topics are handled by threads of their own.
      }
    }
    return 0;
  }

  private Console console() throws IOException, CommandFailure {
    ConsoleTopics topics = new ConsoleTopics(metrics, alarms, snapshots, deadLetters, controlTopic);
    try {
      return Console.start(
          host,
          new PortRange(port, port),
          kafka.connection(),
          topics,
          history,
          control == null ? Console.loopback(host) : control);
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }
}
