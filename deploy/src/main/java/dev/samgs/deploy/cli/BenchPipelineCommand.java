package dev.samgs.deploy.cli;

import dev.samgs.connectors.event.EventFormat;
import dev.samgs.deploy.bench.PipelineBench;
import dev.samgs.deploy.bench.PipelineFigures;
import dev.samgs.deploy.bench.PipelineSettings;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.TextTable;
import dev.samgs.spec.Preset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Measures the rate and the latency of the whole job. */
@Command(
    name = "pipeline",
    sortOptions = false,
    description = {
      "Measures the training job with everything on, next to a Kafka broker in the same process:"
          + " events per second from a full topic, then, at half that rate, the time from an"
          + " event's append to the update that learned it.",
      ""
    })
final class BenchPipelineCommand implements Callable<Integer> {
  private static final int MOST_EVENTS = 100_000_000;

  private final Terminal out;
  private final Terminal err;

  @ParentCommand private BenchCommand bench;

  @Spec private CommandSpec command;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "3000000",
      description = "Events in the topic (default: ${DEFAULT-VALUE}).")
  private int events;

  @Option(
      names = "--models",
      paramLabel = "N",
      defaultValue = "1",
      description = "Models that they are for, in turn (default: ${DEFAULT-VALUE}).")
  private int models;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "fast",
      description =
          "fast, balanced or thorough: how much computation a row is worth (default:"
              + " ${DEFAULT-VALUE}).")
  private Preset preset;

  @Option(
      names = "--features",
      paramLabel = "N",
      defaultValue = "20",
      description = "Features of an event (default: ${DEFAULT-VALUE}).")
  private int features;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Labels of an event: in turn a number, one of two and one of three classes (default:"
              + " ${DEFAULT-VALUE}).")
  private int tasks;

  @Option(
      names = "--trunk",
      paramLabel = "N",
      split = ",",
      defaultValue = "64,32",
      description = "Widths of the network's shared layers (default: ${DEFAULT-VALUE}).")
  private List<Integer> trunk;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      defaultValue = "json",
      description = "Form of the events: json or avro (default: ${DEFAULT-VALUE}).")
  private EventFormat format;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Subtasks of every operator (default: 1 for one model, else 2).")
  private Integer parallelism;

  @Option(
      names = "--paced",
      paramLabel = "TIME",
      defaultValue = "20s",
      description =
          "How long events are sent at half the rate, at most as many as --events; 0s to leave out"
              + " the latency (default: ${DEFAULT-VALUE}).")
  private Duration paced;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  @Option(
      names = "--snapshot-every",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "Updates of a model between two snapshots of it; 0 for none but the last (default:"
              + " ${DEFAULT-VALUE}).")
  private long snapshotEvery;

  @Option(names = "--no-gate", description = "Publish snapshots without comparing them first.")
  private boolean noGate;

  BenchPipelineCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    int subtasks = parallelism == null ? Math.min(models, 2) : parallelism;
    atLeast("--events", events, 1);
    atLeast("--models", models, 1);
    atLeast("--features", features, 1);
    atLeast("--tasks", tasks, 1);
    atLeast("--parallelism", subtasks, 1);
    if (snapshotEvery < 0) {
      throw usage("--snapshot-every must be at least 0, not " + snapshotEvery);
    }
    trunk.forEach(width -> atLeast("--trunk", width, 1));
    if (events > MOST_EVENTS) {
      throw usage("--events must be at most " + MOST_EVENTS + ", not " + events);
    }
    if (!bench.debug()) {
      // What could go wrong ends the measurement; warnings would cross its lines.
      Configurator.setRootLevel(Level.ERROR);
    }
    PipelineFigures figures =
        PipelineBench.run(
            new PipelineSettings(
                events,
                models,
                preset,
                features,
                trunk,
                tasks,
                format,
                subtasks,
                snapshotEvery,
                !noGate,
                paced),
            err::print);
    if (output == OutputFormat.JSON) {
      out.print(figures.toJson().toString());
    } else {
      out.print(text(figures));
    }
    return 0;
  }

  private void atLeast(String option, int value, int least) {
    if (value < least) {
      throw usage(option + " must be at least " + least + ", not " + value);
    }
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }

  private static List<String> text(PipelineFigures figures) {
    TextTable table = new TextTable("lrl");
    table.add("rate", Figures.figure(figures.eventsPerSecond()), "events/s");
    table.add("latency at half of it, p50", Figures.figure(figures.latencyP50Ms()), "ms");
    table.add("p95", Figures.figure(figures.latencyP95Ms()), "ms");
    table.add("p99", Figures.figure(figures.latencyP99Ms()), "ms");
    table.add("garbage collection", Figures.figure(100 * figures.gcShare()), "% of the time");
    figures
        .cpuByStage()
        .forEach((stage, micros) -> table.add("CPU, " + stage, Figures.figure(micros), "µs/event"));
    List<String> lines = new ArrayList<>();
    lines.add("preset " + figures.preset() + ", models: " + Figures.count(figures.models()));
    lines.addAll(table.lines());
    return lines;
  }
}
