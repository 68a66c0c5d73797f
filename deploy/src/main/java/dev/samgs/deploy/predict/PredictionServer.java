package dev.samgs.deploy.predict;

import dev.samgs.connectors.snapshot.LiveModels;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Serves the published models over HTTP; {@code docs/reference/predictor.md} describes what it
 * answers. Closing it takes no new requests and lets those that are running come to their end.
 */
public final class PredictionServer implements AutoCloseable {
  private static final int MAX_THREADS = 64;
  private static final int MIN_THREADS = 4;
  private static final int BACKLOG = 1024;
  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final Server server;
  private final ServerConnector connector;

  private PredictionServer(Server server, ServerConnector connector) {
    this.server = server;
    this.connector = connector;
  }

  /**
   * Begins to serve.
   *
   * @param port 0 for any
   * @param wanted models without which it is not ready; empty if any one will do
   * @throws IOException if the address cannot be had
   */
  public static PredictionServer start(
      String host,
      int port,
      LiveModels models,
      SnapshotFollower follower,
      Set<String> wanted,
      PrometheusMeterRegistry registry)
      throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    threads.setName("samgs-http");
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    connector.setAcceptQueueSize(BACKLOG);
    connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
    server.addConnector(connector);
    GracefulHandler handler =
        new GracefulHandler(new PredictionHandler(models, follower, wanted, registry));
    Gauge.builder(
            "samgs.prediction.requests.running", handler, GracefulHandler::getCurrentRequestCount)
        .description("Requests of all kinds that are being answered")
        .register(registry);
    server.setHandler(handler);
    server.setErrorHandler(PredictionServer::failed);
    server.setStopTimeout(STOP_TIMEOUT.toMillis());
    try {
      server.start();
    } catch (Exception e) {
      stop(server);
      throw new IOException(
          "http://" + host + ":" + port + " cannot be served: " + innermost(e), e);
    }
    return new PredictionServer(server, connector);
  }

  private static boolean failed(Request request, Response response, Callback callback) {
    Object message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
    PredictionHandler.error(
        response,
        callback,
        response.getStatus(),
        message == null ? HttpStatus.getMessage(response.getStatus()) : message.toString());
    return true;
  }

  private static String innermost(Throwable thrown) {
    Throwable innermost = thrown;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return innermost.getMessage();
  }

  /** The port that it listens on. */
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    stop(server);
  }

  private static void stop(Server server) {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server did not stop", e);
    }
  }
}
