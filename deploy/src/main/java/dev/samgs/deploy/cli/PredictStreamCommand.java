package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.snapshot.LiveModels;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.deploy.predict.PredictionServer;
import dev.samgs.deploy.predict.PredictionStream;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.StopRequest;
import dev.samgs.deploy.terminal.Terminal;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Predicts the events of a topic. */
@Command(
    name = "stream",
    customSynopsis =
        "samgs predict stream --bootstrap-servers HOST:PORT --in TOPIC --out TOPIC [OPTIONS]",
    sortOptions = false,
    description = {
      "Predicts the events of a topic with the newest published models, and writes a JSON record"
          + " for each to another topic, under the event's key. SIGTERM and Ctrl-C end it after"
          + " what was read is written; started again, it goes on there.",
      ""
    })
final class PredictStreamCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(200);

  private final Terminal out;
  private final Terminal err;

  @Spec private CommandSpec command;
  @Mixin private FollowOptions follow;

  @Option(
      names = "--in",
      required = true,
      paramLabel = "TOPIC",
      description = "Topic of the events, as the training job reads them; labels are not needed.")
  private String in;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "TOPIC",
      description =
          "Topic of the predictions. It has to exist, or the broker has to create topics.")
  private String predictions;

  @Option(
      names = "--group",
      paramLabel = "NAME",
      description =
          "Consumer group; instances with the same one share the partitions (default:"
              + " samgs-predict- and the topic of the predictions).")
  private String group;

  @Option(
      names = "--exactly-once",
      description =
          "Commit predictions and positions in one transaction: readers of committed records see"
              + " one prediction for each event. Otherwise a failure can repeat some.")
  private boolean exactlyOnce;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Serve health, metrics and models on this port, too; 0 for any.")
  private Integer port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address that the port is on (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object at the end (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  PredictStreamCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    follow.checkUsage();
    if (port != null) {
      PredictServeCommand.checkPort(command, port);
    }
    if (in.equals(predictions)) {
      throw new ParameterException(
          command.commandLine(), "--in and --out must be different topics, not both " + in);
    }
    StopRequest stop = StopRequest.onSignals();
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (LiveModels models = follow.liveModels(registry);
        SnapshotFollower follower = follow.follow(models, registry);
        PredictionServer server = server(models, follower, registry)) {
      err.print(
          "predicting the events of "
              + in
              + (server == null
                  ? ""
                  : "; metrics are at http://" + host + ":" + server.port() + "/metrics")
              + "; Ctrl-C stops it");
      run(models, follower, stop);
    }
    return 0;
  }

  private void run(LiveModels models, SnapshotFollower follower, StopRequest stop)
      throws Exception {
    PredictionStream.Settings settings =
        new PredictionStream.Settings(
            in, predictions, group == null ? "samgs-predict-" + predictions : group, exactlyOnce);
    try (PredictionStream stream = new PredictionStream(follow.connection(), settings, models)) {
      while (!stop.requested() && !follower.awaitCaughtUp(TICK)) {
        // Nothing is predicted before what is published is known.
      }
      stream.run(() -> stop.requested() || follower.failure().isPresent());
      if (follower.failure().isPresent()) {
        throw new CommandFailure(
            "the snapshot topic can no longer be followed: "
                + follower.failure().get().getMessage());
      }
      report(stream);
    }
  }

  private void report(PredictionStream stream) {
    if (output == OutputFormat.JSON) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("predicted", stream.predicted());
      json.put("refused", stream.refused());
      out.print(json.toString());
    } else {
      out.print(
          Figures.count(stream.predicted())
              + " events predicted, "
              + Figures.count(stream.refused())
              + " refused");
    }
  }

  private PredictionServer server(
      LiveModels models, SnapshotFollower follower, PrometheusMeterRegistry registry)
      throws CommandFailure {
    if (port == null) {
      return null;
    }
    try {
      return PredictionServer.start(host, port, models, follower, follow.models(), registry);
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }
}
