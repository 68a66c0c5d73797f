package dev.samgs.deploy.cli;

import dev.samgs.connectors.snapshot.LiveModels;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.deploy.predict.PredictionServer;
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

/** Serves the published models over HTTP. */
@Command(
    name = "serve",
    customSynopsis = "samgs predict serve --bootstrap-servers HOST:PORT [OPTIONS]",
    sortOptions = false,
    description = {
      "Serves the newest published models over HTTP, and replaces a model as soon as a newer"
          + " version is published: POST /v1/models/{model}/predict, GET /v1/models,"
          + " /v1/models/{model}, /health/live, /health/ready, /metrics. SIGTERM and Ctrl-C let"
          + " running requests come to their end.",
      ""
    })
final class PredictServeCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofSeconds(1);

  private final Terminal err;

  @Spec private CommandSpec command;
  @Mixin private FollowOptions follow;

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
      defaultValue = "8080",
      description = "Port to listen on; 0 for any (default: ${DEFAULT-VALUE}).")
  private int port;

  PredictServeCommand(Terminal err) {
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    follow.checkUsage();
    checkPort(command, port);
    StopRequest stop = StopRequest.onSignals();
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (LiveModels models = follow.liveModels(registry);
        SnapshotFollower follower = follow.follow(models, registry);
        PredictionServer server = server(models, follower, registry)) {
      err.print(
          "serving the models of topic "
              + follow.topic()
              + " at http://"
              + host
              + ":"
              + server.port()
              + "; Ctrl-C stops it");
      while (!stop.await(TICK)) {
        // Requests and snapshots are handled by threads of their own.
      }
    }
    return 0;
  }

  static void checkPort(CommandSpec command, int port) {
    if (port < 0 || port > 65535) {
      throw new ParameterException(
          command.commandLine(), "--port must be from 0 to 65535, not " + port);
    }
  }

  private PredictionServer server(
      LiveModels models, SnapshotFollower follower, PrometheusMeterRegistry registry)
      throws CommandFailure {
    try {
      return PredictionServer.start(host, port, models, follower, follow.models(), registry);
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }
}
