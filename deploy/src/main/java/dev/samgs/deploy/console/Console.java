package dev.samgs.deploy.console;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.job.config.PortRange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The console: reads the topics of a job and serves a page that shows how its models stand; {@code
 * docs/reference/console.md} describes it.
 */
public final class Console implements AutoCloseable {
  /** Ports that are tried where none is asked for. */
  public static final PortRange PORTS = new PortRange(8090, 8109);

  /** How many models are shown. */
  public static final int MAX_MODELS = 10_000;

  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private final Server server;
  private final ServerConnector connector;
  private final TopicFeed feed;
  private final String host;

  private Console(Server server, ServerConnector connector, TopicFeed feed, String host) {
    this.server = server;
    this.connector = connector;
    this.feed = feed;
    this.host = host;
  }

  /**
   * Begins to read and to serve. Neither broker nor topics need be there yet.
   *
   * @param ports the first that is free is taken
   * @param history how far back scores, alarms, dead letters and commands are read
   * @param control whether the page can give commands to the job
   * @throws IOException if no port can be had
   */
  public static Console start(
      String host,
      PortRange ports,
      KafkaConnection connection,
      ConsoleTopics topics,
      Duration history,
      boolean control)
      throws IOException {
    Board board = new Board(topics, MAX_MODELS);
    ControlDesk desk = control ? new ControlDesk(connection, topics.control(), board) : null;
    QueuedThreadPool threads = new QueuedThreadPool(ConsoleHandler.MAX_PAGES + 24, 4);
    threads.setName("samgs-console");
    threads.setDaemon(true);
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
    server.addConnector(connector);
    server.setHandler(new ConsoleHandler(board, desk, loopback(host)));
    server.setErrorHandler(
        (request, response, callback) -> {
          ConsoleHandler.error(
              response,
              callback,
              response.getStatus(),
              HttpStatus.getMessage(response.getStatus()));
          return true;
        });
    server.setStopTimeout(STOP_TIMEOUT.toMillis());
    open(connector, host, ports);
    try {
      server.start();
    } catch (Exception e) {
      stop(server);
      throw new IOException("the console cannot be served: " + e.getMessage(), e);
    }
    return new Console(server, connector, new TopicFeed(connection, topics, history, board), host);
  }

  private static void open(ServerConnector connector, String host, PortRange ports)
      throws IOException {
    for (int port = ports.first(); ; port++) {
      connector.setPort(port);
      try {
        connector.open();
        return;
      } catch (IOException e) {
        if (port == ports.last()) {
          throw new IOException(
              "http://" + host + ":" + ports + " cannot be served: " + innermost(e), e);
        }
      }
    }
  }

  private static String innermost(Throwable thrown) {
    Throwable innermost = thrown;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return innermost.getMessage();
  }

  /** Whether an address can be reached from this machine only. */
  public static boolean loopback(String host) throws IOException {
    return InetAddress.getByName(host).isLoopbackAddress();
  }

  /** Where it is. */
  public URI address() {
    String shown = host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + shown + ":" + connector.getLocalPort() + "/");
  }

  @Override
  public void close() throws InterruptedException {
    feed.close();
    stop(server);
  }

  private static void stop(Server server) {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the console's HTTP server did not stop", e);
    }
  }
}
