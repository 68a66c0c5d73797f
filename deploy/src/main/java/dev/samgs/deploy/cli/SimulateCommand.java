package dev.samgs.deploy.cli;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.deploy.simulator.Factory;
import dev.samgs.deploy.simulator.Traffic;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.StopRequest;
import dev.samgs.deploy.terminal.Terminal;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sends the events of a simulated factory to a topic. */
@Command(
    name = "simulate",
    customSynopsis = "samgs simulate --bootstrap-servers HOST:PORT [OPTION]...",
    sortOptions = false,
    description = {
      "Sends the events of the demo's factory to an existing Kafka broker: three lines, each the"
          + " key of its events, with missing labels and a spoilt record now and then. Ctrl-C or"
          + " SIGTERM ends it.",
      ""
    })
final class SimulateCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(200);
  private static final long ENDLESS = Long.MAX_VALUE;

  private final Terminal err;

  @Spec private CommandSpec command;
  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      defaultValue = "events",
      description = "Topic of the events, which has to exist (default: ${DEFAULT-VALUE}).")
  private String topic;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "300",
      description = "Events per second, all lines together (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "How long it sends, such as 90s or 5m (default: until it is stopped).")
  private Duration duration;

  @Option(
      names = "--drift-after",
      paramLabel = "TIME",
      description =
          "Time after which two of the lines change: one gets other material, one other tools"
              + " (default: never).")
  private Duration driftAfter;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the simulated factory (default: ${DEFAULT-VALUE}).")
  private long seed;

  SimulateCommand(Terminal err) {
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    if (!(rate >= 1 && rate <= 1_000_000)) {
      throw usage("--rate must be from 1 to 1000000 events per second, not " + rate);
    }
    long planned = events("--duration", duration);
    long beforeDrift = events("--drift-after", driftAfter);
    KafkaConnection connection = kafka.connection();
    StopRequest stop = StopRequest.onSignals();
    try (Traffic traffic =
        new Traffic(connection, topic, new Factory(seed), rate, planned, beforeDrift)) {
      traffic.start();
      err.print("sending " + rate + " events a second to " + topic + "; Ctrl-C stops it");
      while (!traffic.finished() && !stop.await(TICK)) {
        // The traffic has a thread of its own.
      }
      traffic.stop();
      if (traffic.failure().isPresent()) {
        throw new CommandFailure(
            "an event could not be sent to " + topic + ": " + traffic.failure().get().getMessage(),
            traffic.failure().get());
      }
      err.print(
          Figures.count(traffic.events())
              + " events and "
              + Figures.count(traffic.poison())
              + " spoilt records sent to "
              + topic);
    }
    return 0;
  }

  /** How many events are sent in that time; all there are if none is given. */
  private long events(String option, Duration time) {
    if (time == null) {
      return ENDLESS;
    }
    if (time.isZero() || time.isNegative()) {
      throw usage(option + " must be longer than nothing");
    }
    return Math.max(1, Math.round(rate * time.toMillis() / 1e3));
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }
}
