package dev.samgs.deploy.predict;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.event.NearestName;
import dev.samgs.connectors.snapshot.LiveModel;
import dev.samgs.connectors.snapshot.LiveModels;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.deploy.predict.RequestRefusedException.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/** Answers requests: predictions, models, health and metrics. */
final class PredictionHandler extends Handler.Abstract {
  /** Largest body of a request, in bytes. */
  static final int MAX_BODY = 8 << 20;

  private static final int BODY_PART = 1 << 14;
  private static final Duration LONGEST_BODY = Duration.ofSeconds(30);
  private static final String JSON = "application/json";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final Pattern MODEL = Pattern.compile("/v1/models/([^/]+)(/predict)?");
  private static final int SERVICE_UNAVAILABLE = 503;

  private final LiveModels models;
  private final SnapshotFollower follower;
  private final Set<String> wanted;
  private final PrometheusMeterRegistry registry;
  private final Timer requests;
  private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);

  /**
   * @param wanted models without which it is not ready; empty if any one will do
   */
  PredictionHandler(
      LiveModels models,
      SnapshotFollower follower,
      Set<String> wanted,
      PrometheusMeterRegistry registry) {
    this.models = models;
    this.follower = follower;
    this.wanted = wanted;
    this.registry = registry;
    this.requests =
        Timer.builder("samgs.prediction.request")
            .description("Requests for predictions that were answered with them")
            .publishPercentileHistogram()
            .register(registry);
    for (Reason reason : Reason.values()) {
      refused.put(
          reason,
          Counter.builder("samgs.prediction.requests.refused")
              .description("Requests that were answered with a sentence instead")
              .tag("reason", reason.code())
              .register(registry));
    }
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws IOException {
    try {
      answer(request, response, callback);
    } catch (RequestRefusedException e) {
      refused.get(e.reason()).increment();
      error(response, callback, e.reason().status(), e.getMessage());
    }
    return true;
  }

  private void answer(Request request, Response response, Callback callback)
      throws IOException, RequestRefusedException {
    String path = Request.getPathInContext(request);
    Matcher model = MODEL.matcher(path);
    if (model.matches() && model.group(2) != null) {
      require(request, response, "POST");
      predict(model.group(1), request, response, callback);
      return;
    }
    switch (path) {
      case "/v1/models", "/health/live", "/health/ready", "/metrics" ->
          require(request, response, "GET");
      default -> {
        if (!model.matches()) {
          throw new RequestRefusedException(
              Reason.NOT_FOUND,
              "there is nothing at "
                  + path
                  + "; there are /v1/models, /v1/models/{model}, /v1/models/{model}/predict,"
                  + " /health/live, /health/ready and /metrics");
        }
        require(request, response, "GET");
      }
    }
    switch (path) {
      case "/v1/models" -> send(response, callback, list());
      case "/health/live" -> live(response, callback);
      case "/health/ready" -> ready(response, callback);
      case "/metrics" ->
          send(response, callback, PROMETHEUS, registry.scrape().getBytes(StandardCharsets.UTF_8));
      default -> send(response, callback, describe(model.group(1)));
    }
  }

  private static void require(Request request, Response response, String method)
      throws RequestRefusedException {
    if (!request.getMethod().equals(method)) {
      response.getHeaders().put(HttpHeader.ALLOW, method);
      throw new RequestRefusedException(
          Reason.WRONG_METHOD,
          Request.getPathInContext(request)
              + " takes "
              + method
              + " only, not "
              + request.getMethod());
    }
  }

  private void predict(String name, Request request, Response response, Callback callback)
      throws IOException, RequestRefusedException {
    long start = System.nanoTime();
    byte[] body = body(request);
    try (LiveModel model = acquire(name, version(request))) {
      FeatureRows rows = FeatureRows.read(body, model.spec().features());
      double[] predictions = new double[rows.rows() * model.columns()];
      model.score(rows.values(), rows.rows(), predictions);
      byte[] answer = answer(model, rows, predictions);
      requests.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
      send(response, callback, JSON, answer);
    }
  }

  private static Long version(Request request) throws RequestRefusedException {
    Fields query = Request.extractQueryParameters(request);
    for (Fields.Field field : query) {
      if (!field.getName().equals("version")) {
        throw new RequestRefusedException(
            Reason.BAD_REQUEST,
            "there is no parameter '" + field.getName() + "'; the only one is version");
      }
    }
    String version = query.getValue("version");
    try {
      return version == null ? null : Long.valueOf(version);
    } catch (NumberFormatException e) {
      throw new RequestRefusedException(
          Reason.BAD_REQUEST, "version must be a whole number, not '" + version + "'");
    }
  }

  private static byte[] body(Request request) throws IOException, RequestRefusedException {
    if (request.getLength() <= MAX_BODY) {
      byte[] body = read(request);
      if (body.length <= MAX_BODY) {
        return body;
      }
    }
    throw new RequestRefusedException(
        Reason.TOO_LARGE,
        "a request can have at most " + MAX_BODY + " bytes; send several with fewer instances");
  }

  /** The body, or so much of it that it is too large. A sender that is slow holds no thread. */
  private static byte[] read(Request request) throws IOException, RequestRefusedException {
    long deadline = System.nanoTime() + LONGEST_BODY.toNanos();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[BODY_PART];
    try (InputStream in = Content.Source.asInputStream(request)) {
      for (int n = in.read(part); n >= 0 && body.size() <= MAX_BODY; n = in.read(part)) {
        body.write(part, 0, n);
        if (System.nanoTime() - deadline > 0) {
          throw new RequestRefusedException(
              Reason.TOO_SLOW,
              "the body has to come within " + LONGEST_BODY.toSeconds() + " s; send it at once");
        }
      }
    }
    return body.toByteArray();
  }

  private LiveModel acquire(String name, Long version) throws RequestRefusedException {
    LiveModel model = version == null ? models.acquire(name) : models.acquire(name, version);
    if (model != null) {
      return model;
    }
    List<LiveModel> versions = models.models().get(name);
    if (versions == null) {
      throw unknown(name);
    }
    throw new RequestRefusedException(
        Reason.UNKNOWN_MODEL,
        "version "
            + version
            + " of "
            + name
            + " is not loaded; those that are: "
            + versions.stream().map(LiveModel::version).toList());
  }

  private RequestRefusedException unknown(String name) {
    String nearest = NearestName.to(name, models.models().keySet());
    return new RequestRefusedException(
        Reason.UNKNOWN_MODEL,
        "there is no model '"
            + name
            + "'; "
            + (nearest == null
                ? "none has been published yet"
                : "did you mean '" + nearest + "'?"));
  }

  private static byte[] answer(LiveModel model, FeatureRows rows, double[] predictions)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = PredictionJson.MAPPER.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("model", model.model());
      out.writeNumberField("version", model.version());
      out.writeFieldName("predictions");
      if (rows.single()) {
        PredictionJson.write(out, model, predictions, 0);
      } else {
        out.writeStartArray();
        for (int r = 0; r < rows.rows(); r++) {
          PredictionJson.write(out, model, predictions, r * model.columns());
        }
        out.writeEndArray();
      }
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private ObjectNode list() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode list = json.putArray("models");
    models.models().values().forEach(versions -> list.add(PredictionJson.summary(versions.get(0))));
    return json;
  }

  private ObjectNode describe(String name) throws RequestRefusedException {
    List<LiveModel> versions = models.models().get(name);
    if (versions == null) {
      throw unknown(name);
    }
    return PredictionJson.describe(versions);
  }

  private void live(Response response, Callback callback) {
    if (follower.failure().isPresent()) {
      error(
          response,
          callback,
          SERVICE_UNAVAILABLE,
          "the snapshot topic is no longer followed: " + follower.failure().get().getMessage());
    } else {
      send(response, callback, status("live"));
    }
  }

  private void ready(Response response, Callback callback) {
    Set<String> missing = new TreeSet<>(wanted);
    Set<String> loaded = models.models().keySet();
    missing.removeAll(loaded);
    if (!follower.caughtUp()) {
      error(
          response, callback, SERVICE_UNAVAILABLE, "the snapshot topic is not read to its end yet");
    } else if (loaded.isEmpty()) {
      error(response, callback, SERVICE_UNAVAILABLE, "no model has been published yet");
    } else if (!missing.isEmpty()) {
      error(
          response,
          callback,
          SERVICE_UNAVAILABLE,
          "these models have not been published yet: " + String.join(", ", missing));
    } else {
      send(response, callback, status("ready"));
    }
  }

  private static ObjectNode status(String status) {
    return JsonNodeFactory.instance.objectNode().put("status", status);
  }

  /** Answers with {@code {"error": sentence}}. */
  static void error(Response response, Callback callback, int status, String sentence) {
    response.setStatus(status);
    send(response, callback, JsonNodeFactory.instance.objectNode().put("error", sentence));
  }

  private static void send(Response response, Callback callback, JsonNode json) {
    send(response, callback, JSON, json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void send(Response response, Callback callback, String type, byte[] body) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }
}
