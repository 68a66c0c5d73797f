package dev.samgs.job.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.samgs.job.config.MetricsSettings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Serves a registry at {@code /metrics} to whoever scrapes. */
final class MetricsServer implements AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry;
  private final HttpServer server;

  private MetricsServer(PrometheusMeterRegistry registry, HttpServer server) {
    this.registry = registry;
    this.server = server;
    server.createContext("/", this::answer);
    server.start();
  }

  /**
   * Starts on the first free port of the configured range.
   *
   * @throws IOException if there is none
   */
  static MetricsServer start(PrometheusMeterRegistry registry, MetricsSettings settings)
      throws IOException {
    int first = settings.port().first();
    int last = settings.port().last();
    for (int port = first; port < last; port++) {
      try {
        return new MetricsServer(registry, listen(settings.host(), port));
      } catch (BindException e) {
        // Taken: the next one may be free. Why the last one fails is told.
        continue;
      }
    }
    return new MetricsServer(registry, listen(settings.host(), last));
  }

  private static HttpServer listen(String host, int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new IOException("there is no host '" + host + "'");
    }
    return HttpServer.create(address, 0);
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals("/metrics")) {
        exchange.sendResponseHeaders(404, -1);
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        exchange.sendResponseHeaders(405, -1);
      } else {
        scrape(exchange);
      }
    }
  }

  private void scrape(HttpExchange exchange) throws IOException {
    String accepted = exchange.getRequestHeaders().getFirst("Accept");
    boolean open = accepted != null && accepted.contains("application/openmetrics-text");
    String format = open ? OPEN_METRICS : TEXT;
    byte[] body = registry.scrape(format).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", format);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
