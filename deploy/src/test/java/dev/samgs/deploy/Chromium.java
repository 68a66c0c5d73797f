package dev.samgs.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A headless Chromium with one page, driven through its DevTools protocol. */
public final class Chromium implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

  /** Where Chromium is installed, if it is. */
  public static Optional<Path> installed() {
    List<Path> found = new ArrayList<>();
    for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
      for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
        Path file = Path.of(directory, name);
        if (Files.isExecutable(file)) {
          found.add(file);
        }
      }
    }
    return found.stream().findFirst();
  }

  /**
   * Starts it.
   *
   * @param profile an empty directory of its own
   */
  public Chromium(Path executable, Path profile) throws Exception {
    process =
        new ProcessBuilder(
                executable.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("chromium.log").toFile())
            .start();
    Path port = profile.resolve("DevToolsActivePort");
    Awaitility.await("Chromium's debugging port")
        .atMost(PATIENCE)
        .until(() -> !process.isAlive() || (Files.exists(port) && Files.size(port) > 0));
    if (!process.isAlive()) {
      throw new IOException(
          "Chromium ended at once: " + Files.readString(profile.resolve("chromium.log")));
    }
    String address = "127.0.0.1:" + Files.readAllLines(port).get(0);
    socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(pageSocket(address)), new Listener())
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
      call(domain + ".enable", JSON.createObjectNode());
    }
  }

  private String pageSocket(String address) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + "/json")).build();
    for (JsonNode target :
        JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body())) {
      if (target.get("type").asText().equals("page")) {
        return target.get("webSocketDebuggerUrl").asText();
      }
    }
    throw new IOException("Chromium has no page");
  }

  /** Loads a page and waits until it is there. */
  public void open(URI page) throws Exception {
    loaded = new CompletableFuture<>();
    call("Page.navigate", JSON.createObjectNode().put("url", page.toString()));
    loaded.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Sets the size of the window in CSS pixels, as a phone or not, and the colours it prefers. */
  public void emulate(int width, int height, boolean phone, boolean dark) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        JSON.createObjectNode()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", phone));
    ObjectNode media = JSON.createObjectNode();
    media
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", dark ? "dark" : "light");
    call("Emulation.setEmulatedMedia", media);
  }

  /** The value of a JavaScript expression, which must not throw. */
  public JsonNode evaluate(String expression) throws Exception {
    JsonNode result =
        call(
            "Runtime.evaluate",
            JSON.createObjectNode()
                .put("expression", expression)
                .put("returnByValue", true)
                .put("awaitPromise", true));
    if (result.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
    }
    return result.at("/result/value");
  }

  /** Presses and releases a key, such as {@code Tab} or {@code ArrowLeft}. */
  public void press(String key) throws Exception {
    for (String type : List.of("rawKeyDown", "keyUp")) {
      int code = Map.of("Tab", 9, "ArrowLeft", 37, "ArrowRight", 39).getOrDefault(key, 0);
      call(
          "Input.dispatchKeyEvent",
          JSON.createObjectNode()
              .put("type", type)
              .put("key", key)
              .put("code", key)
              .put("windowsVirtualKeyCode", code));
    }
  }

  /** Moves the pointer to a place in the window. */
  public void point(double x, double y) throws Exception {
    call(
        "Input.dispatchMouseEvent",
        JSON.createObjectNode().put("type", "mouseMoved").put("x", x).put("y", y));
  }

  /** A picture of the window as PNG. */
  public byte[] screenshot() throws Exception {
    JsonNode picture = call("Page.captureScreenshot", JSON.createObjectNode().put("format", "png"));
    return Base64.getDecoder().decode(picture.get("data").asText());
  }

  /** Addresses that pages have asked for, those of the pages themselves included. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** Errors and warnings on the console, and exceptions that nobody caught. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  private JsonNode call(String method, ObjectNode parameters) throws Exception {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    socket.sendText(message.toString(), true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    JsonNode reply = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (reply.has("error")) {
      throw new IOException(method + ": " + reply.get("error"));
    }
    return reply.get("result");
  }

  @Override
  public void close() throws Exception {
    socket.abort();
    process.destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          message(JSON.readTree(text.toString()));
        } catch (IOException e) {
          complaints.add("unreadable message: " + e.getMessage());
        }
        text.setLength(0);
      }
      webSocket.request(1);
      return null;
    }

    private void message(JsonNode message) {
      if (message.has("id")) {
        answers.remove(message.get("id").asInt()).complete(message);
        return;
      }
      switch (message.get("method").asText()) {
        case "Page.loadEventFired" -> loaded.complete(null);
        case "Network.requestWillBeSent" ->
            requests.add(message.at("/params/request/url").asText());
        case "Runtime.exceptionThrown", "Log.entryAdded" -> complaints.add(message.toString());
        case "Runtime.consoleAPICalled" -> {
          if (List.of("error", "warning", "assert").contains(message.at("/params/type").asText())) {
            complaints.add(message.toString());
          }
        }
        default -> {}
      }
    }
  }
}
