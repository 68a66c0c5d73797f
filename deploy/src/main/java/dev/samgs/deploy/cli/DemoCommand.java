package dev.samgs.deploy.cli;

import dev.samgs.deploy.console.Console;
import dev.samgs.deploy.demo.Dashboard;
import dev.samgs.deploy.demo.Demo;
import dev.samgs.deploy.demo.DemoReport;
import dev.samgs.deploy.demo.DemoSettings;
import dev.samgs.deploy.demo.DemoStatus;
import dev.samgs.deploy.terminal.StopRequest;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.job.config.PortRange;
import dev.samgs.surgery.SurgeryMethod;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows the whole system at work. */
@Command(
    name = "demo",
    sortOptions = false,
    description = {
      "Shows the whole system at work, in one process: a simulated factory with three lines, a"
          + " Kafka broker, the training job on a Flink cluster, and a predictor that follows the"
          + " published models. Half-way through, two of the lines change. Ctrl-C ends it early;"
          + " no files are left behind.",
      ""
    })
final class DemoCommand implements Callable<Integer> {
  private static final long LINE_EVERY_NANOS = 10_000_000_000L;

  private final Terminal out;
  private final Terminal err;

  @ParentCommand private Samgs samgs;

  @Spec private CommandSpec command;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "2m",
      description = "How long the factory sends, such as 90s or 5m (default: ${DEFAULT-VALUE}).")
  private Duration duration;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "300",
      description = "Events per second, all lines together (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Port of the Prometheus metrics; 0 for any (default: first free one from 9404).")
  private Integer port;

  @Option(
      names = "--console-port",
      paramLabel = "PORT",
      description = "Port of the console; 0 for any (default: first free one from 8090).")
  private Integer consolePort;

  @Option(names = "--no-console", description = "Serve no console.")
  private boolean noConsole;

  @Option(
      names = "--surgery",
      paramLabel = "NAME",
      description = "Gradient surgery method, with its default settings; sum for none.")
  private String surgery;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the simulated factory (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object at the end (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  DemoCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    checkUsage();
    if (!samgs.debug()) {
      // What could go wrong is checked and reported at the end; warnings would cross the table.
      Configurator.setRootLevel(Level.ERROR);
    }
    DemoSettings settings =
        new DemoSettings(
            duration,
            rate,
            port == null ? null : new PortRange(port, port),
            consolePorts(),
            surgery,
            seed);
    DemoReport report;
    try {
      report = Demo.run(settings, StopRequest.onSignals(), watcher());
    } finally {
      err.erase();
    }
    if (output == OutputFormat.JSON) {
      out.print(report.toJson().toString());
    } else {
      out.print(new Dashboard(out).lines(report));
    }
    report.problems().forEach(problem -> err.print("samgs demo: " + problem));
    return report.problems().isEmpty() ? 0 : 1;
  }

  private void checkUsage() {
    if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
      throw usage("--duration must be at least 1s");
    }
    if (!(rate >= 1 && rate <= 1_000_000)) {
      throw usage("--rate must be from 1 to 1000000 events per second, not " + rate);
    }
    if (port != null && (port < 0 || port > 65535)) {
      throw usage("--port must be from 0 to 65535, not " + port);
    }
    if (consolePort != null && (consolePort < 0 || consolePort > 65535)) {
      throw usage("--console-port must be from 0 to 65535, not " + consolePort);
    }
    if (surgery != null) {
      try {
        SurgeryMethod.named(surgery);
      } catch (IllegalArgumentException e) {
        throw usage(e.getMessage());
      }
    }
  }

  private PortRange consolePorts() {
    if (noConsole) {
      return null;
    }
    return consolePort == null ? Console.PORTS : new PortRange(consolePort, consolePort);
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }

  /** Draws a live table on a terminal, and prints a line now and then elsewhere. */
  private Consumer<DemoStatus> watcher() {
    Dashboard dashboard = new Dashboard(err);
    if (err.interactive()) {
      return status -> err.draw(dashboard.lines(status));
    }
    long[] next = {System.nanoTime()};
    boolean[] greeted = {false};
    return status -> {
      if (!greeted[0] && status.console() != null) {
        greeted[0] = true;
        err.print("watch it at " + status.console());
      }
      if (System.nanoTime() - next[0] >= 0) {
        next[0] += LINE_EVERY_NANOS;
        err.print(dashboard.line(status));
      }
    };
  }
}
