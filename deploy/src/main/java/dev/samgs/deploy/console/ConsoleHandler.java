package dev.samgs.deploy.console;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.event.ModelName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers a browser: the page and what belongs to it, its events, and its commands. */
final class ConsoleHandler extends Handler.Abstract {
  /** A thread goes with each. */
  static final int MAX_PAGES = 40;

  private static final Duration HEARTBEAT = Duration.ofSeconds(5);
  private static final Duration BETWEEN_MESSAGES = Duration.ofMillis(500);
  private static final int MAX_COMMAND = 4096;
  private static final String JSON = "application/json";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  private static final Map<String, Asset> ASSETS =
      Map.of(
          "/", Asset.of("text/html; charset=utf-8", "index.html"),
          "/console.css", Asset.of("text/css; charset=utf-8", "console.css"),
          "/console.js", Asset.of("text/javascript; charset=utf-8", "console.js"),
          "/charts.js", Asset.of("text/javascript; charset=utf-8", "charts.js"),
          "/icon.svg", Asset.of("image/svg+xml", "icon.svg"),
          // The same colours and the same drawings as in the report.
          "/report.css",
              Asset.of("text/css; charset=utf-8", "/dev/samgs/deploy/report/report.css"));

  private record Asset(String type, byte[] bytes) {
    static Asset of(String type, String resource) {
      try (InputStream in = ConsoleHandler.class.getResourceAsStream(resource)) {
        return new Asset(type, in.readAllBytes());
      } catch (IOException e) {
        throw new UncheckedIOException("the console's own " + resource + " cannot be read", e);
      }
    }
  }

  private final Board board;
  private final ControlDesk desk;
  private final boolean loopback;
  private final AtomicInteger pages = new AtomicInteger();

  /**
   * @param desk null if the page shows only
   * @param loopback whether only this machine can reach it
   */
  ConsoleHandler(Board board, ControlDesk desk, boolean loopback) {
    this.board = board;
    this.desk = desk;
    this.loopback = loopback;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    harden(response);
    String path = Request.getPathInContext(request);
    String host = HttpURI.build(request.getHttpURI()).getHost();
    if (loopback && (host == null || !LOOPBACK.contains(host))) {
      // Another site's name that points to this machine would make its page the same site as ours.
      error(response, callback, 421, "the console is served as localhost only, not as " + host);
    } else if (path.equals("/control")) {
      control(request, response, callback);
    } else if (!request.getMethod().equals("GET")) {
      response.getHeaders().put(HttpHeader.ALLOW, "GET");
      error(response, callback, 405, path + " takes GET only, not " + request.getMethod());
    } else if (path.equals("/events")) {
      events(request, response, callback);
    } else if (path.equals("/health/live")) {
      send(response, callback, JSON, "{\"status\":\"live\"}".getBytes(StandardCharsets.UTF_8));
    } else if (ASSETS.containsKey(path)) {
      Asset asset = ASSETS.get(path);
      send(response, callback, asset.type(), asset.bytes());
    } else {
      error(response, callback, 404, "there is nothing at " + path);
    }
    return true;
  }

  private static void harden(Response response) {
    response
        .getHeaders()
        .put(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'")
        .put("X-Content-Type-Options", "nosniff")
        .put("Referrer-Policy", "no-referrer")
        .put("Cross-Origin-Opener-Policy", "same-origin")
        .put("Cross-Origin-Resource-Policy", "same-origin")
        .put(HttpHeader.CACHE_CONTROL, "no-store");
  }

  private void events(Request request, Response response, Callback callback) throws Exception {
    String model = Request.extractQueryParameters(request).getValue("model");
    if (model != null && !model.isEmpty() && !ModelName.valid(model)) {
      error(response, callback, 400, "'" + model + "' is not a model's name");
      return;
    }
    if (pages.incrementAndGet() > MAX_PAGES) {
      pages.decrementAndGet();
      error(response, callback, 503, "too many pages are open; close one");
      return;
    }
    try {
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream; charset=utf-8");
      // Proxies must not hold events back.
      response.getHeaders().put("X-Accel-Buffering", "no");
      stream(new Board.Reader(model == null ? "" : model), response);
      callback.succeeded();
    } catch (IOException e) {
      // The page was closed, or its browser takes nothing any more.
      callback.failed(e);
    } finally {
      pages.decrementAndGet();
    }
  }

  /** A page that comes back after an interruption is told everything, whatever it knew before. */
  private void stream(Board.Reader reader, Response response)
      throws IOException, InterruptedException {
    try (OutputStream out = Content.Sink.asOutputStream(response)) {
      out.write(
          ("retry: 1000\ndata: {\"hello\":{\"control\":" + (desk != null) + "}}\n\n")
              .getBytes(StandardCharsets.UTF_8));
      while (!board.closed()) {
        out.write("data: ".getBytes(StandardCharsets.UTF_8));
        out.write(board.message(reader));
        out.write("\n\n".getBytes(StandardCharsets.UTF_8));
        out.flush();
        board.pause(BETWEEN_MESSAGES);
        board.await(reader, HEARTBEAT);
      }
    }
  }

  private void control(Request request, Response response, Callback callback)
      throws IOException, InterruptedException {
    try {
      refuseForeign(request, response);
      byte[] body;
      try (InputStream in = Content.Source.asInputStream(request)) {
        body = in.readNBytes(MAX_COMMAND + 1);
      }
      if (body.length > MAX_COMMAND) {
        throw new ControlDesk.RefusedException(
            413, "a command can have at most " + MAX_COMMAND + " bytes");
      }
      ObjectNode answer = JsonNodeFactory.instance.objectNode().put("done", desk.take(body));
      send(response, callback, JSON, answer.toString().getBytes(StandardCharsets.UTF_8));
    } catch (ControlDesk.RefusedException e) {
      error(response, callback, e.status(), e.getMessage());
    }
  }

  /**
   * Commands come from the page that this server serves. A page of another site can send neither
   * JSON nor our origin without being allowed to, and nobody is.
   */
  private void refuseForeign(Request request, Response response)
      throws ControlDesk.RefusedException {
    if (!request.getMethod().equals("POST")) {
      response.getHeaders().put(HttpHeader.ALLOW, "POST");
      throw new ControlDesk.RefusedException(405, "/control takes POST only");
    }
    if (desk == null) {
      throw new ControlDesk.RefusedException(
          403, "this console shows only; start it with --control to allow commands");
    }
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(JSON)) {
      throw new ControlDesk.RefusedException(415, "a command has to come as " + JSON);
    }
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    String host = request.getHeaders().get(HttpHeader.HOST);
    if (origin == null || host == null || !host.equalsIgnoreCase(authority(origin))) {
      throw new ControlDesk.RefusedException(403, "commands come from the console's own page only");
    }
  }

  private static String authority(String origin) {
    try {
      return URI.create(origin).getRawAuthority();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  static void error(Response response, Callback callback, int status, String sentence) {
    response.setStatus(status);
    send(
        response,
        callback,
        JSON,
        JsonNodeFactory.instance
            .objectNode()
            .put("error", sentence)
            .toString()
            .getBytes(StandardCharsets.UTF_8));
  }

  private static void send(Response response, Callback callback, String type, byte[] body) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
