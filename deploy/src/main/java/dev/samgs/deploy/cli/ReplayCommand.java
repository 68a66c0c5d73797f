package dev.samgs.deploy.cli;

import dev.samgs.connectors.csv.CsvReplay;
import dev.samgs.connectors.csv.CsvReplay.Result;
import dev.samgs.connectors.csv.CsvReplay.Settings;
import dev.samgs.connectors.csv.CsvStream;
import dev.samgs.connectors.csv.TimestampUnit;
import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.ModelName;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.StopRequest;
import dev.samgs.deploy.terminal.Terminal;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sends a recorded stream to a topic. */
@Command(
    name = "replay",
    customSynopsis = "samgs replay --data FILE --bootstrap-servers HOST:PORT --topic TOPIC",
    sortOptions = false,
    description = {
      "Sends the rows of a recorded stream to a Kafka topic as events, in order, with the"
          + " model as record key.",
      ""
    })
final class ReplayCommand implements Callable<Integer> {
  private static final int INTERRUPTED = 130;
  private static final int PROGRESS_ROWS = 200;

  private final Terminal out;
  private final Terminal err;

  @Spec private CommandSpec command;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "CSV file, plain or gzip, with columns ts, key, f_<feature> and y_<label>.")
  private Path data;

  @Option(
      names = "--bootstrap-servers",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Brokers to begin with, separated by commas.")
  private String bootstrapServers;

  @Option(
      names = "--topic",
      required = true,
      paramLabel = "TOPIC",
      description = "Topic of the events. It has to exist, or the broker has to create topics.")
  private String topic;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      defaultValue = "json",
      description =
          "Form of the events, json or avro, as the job's input.format (default:"
              + " ${DEFAULT-VALUE}).")
  private EventFormat format;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description = "Most rows per second; 0 for as fast as possible (default).")
  private double rate;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "default",
      description = "Model that all rows are for (default: ${DEFAULT-VALUE}).")
  private String model;

  @Option(names = "--model-from-key", description = "Take each row's key for its model instead.")
  private boolean modelFromKey;

  @Option(
      names = "--ts-unit",
      paramLabel = "UNIT",
      defaultValue = "ms",
      description =
          "What ts holds: s, ms, us, ns, or row to take a row's position instead (default:"
              + " ${DEFAULT-VALUE}). RFC 3339 text is read whatever the unit.")
  private TimestampUnit unit;

  ReplayCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new ParameterException(
          command.commandLine(), "--rate must be 0 or a number of rows per second, not " + rate);
    }
    if (!ModelName.valid(model)) {
      throw new ParameterException(
          command.commandLine(), "--model must be " + ModelName.RULE + ", not '" + model + "'");
    }
    CsvStream stream = CsvStream.open(data);
    StopRequest stop = StopRequest.onSignals();
    stop.interrupt(Thread.currentThread());
    Complaints complaints = new Complaints(err);
    long start = System.nanoTime();
    Result result;
    try {
      result =
          CsvReplay.send(
              KafkaConnection.to(bootstrapServers),
              stream,
              new Settings(topic, format, modelFromKey ? null : model, rate, unit),
              sent -> progress(sent, start),
              complaints);
    } finally {
      err.erase();
    }
    complaints.summarise();
    out.print(
        Figures.count(result.sent())
            + " rows sent to "
            + topic
            + " in "
            + Figures.figure((System.nanoTime() - start) / 1e9)
            + " s; "
            + Figures.count(result.rejected())
            + " rows and "
            + Figures.count(result.refusedLabels())
            + " labels left out");
    return stop.requested() ? INTERRUPTED : 0;
  }

  private void progress(long sent, long start) {
    if (err.interactive() && sent % PROGRESS_ROWS == 0) {
      double perSecond = sent / ((System.nanoTime() - start) / 1e9);
      err.draw(
          List.of(
              data.getFileName()
                  + "  "
                  + Figures.count(sent)
                  + " rows  "
                  + Figures.count(Math.round(perSecond))
                  + "/s"));
    }
  }
}
