package dev.samgs.deploy.predict;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.snapshot.LiveModel;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Predictions and models as JSON, the same in answers of the server and in records of the stream.
 */
public final class PredictionJson {
  static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String PREFIX = "samgs.";

  private PredictionJson() {}

  /**
   * Writes the predictions of a row as an object with a member for each task: {@code {"value": …}}
   * for regression, {@code {"class": 0 or 1, "probability": …}} of class 1 for binary, {@code
   * {"class": …, "probabilities": […]}} for multiclass.
   *
   * @param row {@code columns} predictions from {@code from}, see {@link LiveModel#score}
   */
  static void write(JsonGenerator out, LiveModel model, double[] row, int from) throws IOException {
    out.writeStartObject();
    int at = from;
    for (TaskSpec task : model.spec().tasks()) {
      out.writeObjectFieldStart(task.name());
      if (task.kind() == TaskKind.REGRESSION) {
        out.writeNumberField("value", row[at]);
      } else if (task.kind() == TaskKind.BINARY) {
        out.writeNumberField("class", row[at] > 0.5 ? 1 : 0);
        out.writeNumberField("probability", row[at]);
      } else {
        out.writeNumberField("class", likeliest(row, at, task.outputs()));
        out.writeFieldName("probabilities");
        out.writeArray(row, at, task.outputs());
      }
      out.writeEndObject();
      at += task.outputs();
    }
    out.writeEndObject();
  }

  private static int likeliest(double[] probabilities, int from, int classes) {
    int likeliest = 0;
    for (int c = 1; c < classes; c++) {
      if (probabilities[from + c] > probabilities[from + likeliest]) {
        likeliest = c;
      }
    }
    return likeliest;
  }

  /** What is known of a loaded model. */
  static ObjectNode describe(List<LiveModel> versions) {
    LiveModel newest = versions.get(0);
    ObjectNode json = describe(newest.model(), newest.version(), newest.spec(), newest.headers());
    ArrayNode kept = json.putArray("versions");
    versions.forEach(version -> kept.add(version.version()));
    return json;
  }

  /**
   * What is known of a snapshot: what it takes and gives, its scores and its provenance.
   *
   * @param spec its features and tasks
   */
  public static ObjectNode describe(
      String model, long version, ModelSpec spec, Map<String, String> headers) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", model);
    json.put("version", version);
    ArrayNode features = json.putArray("features");
    spec.features().forEach(features::add);
    ArrayNode tasks = json.putArray("tasks");
    for (TaskSpec task : spec.tasks()) {
      ObjectNode object = tasks.addObject();
      object.put("name", task.name());
      object.put("kind", task.kind().name().toLowerCase(Locale.ROOT));
      if (task.kind() != TaskKind.REGRESSION) {
        object.put("classes", task.labelClasses());
      }
    }
    ObjectNode provenance = provenance(headers);
    JsonNode scores = provenance.remove("scores");
    json.set("scores", scores == null ? JsonNodeFactory.instance.objectNode() : scores);
    json.set("provenance", provenance);
    return json;
  }

  /** Name and version of a model. */
  static ObjectNode summary(LiveModel model) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", model.model());
    json.put("version", model.version());
    return json;
  }

  /**
   * The headers of a snapshot without their prefix; those that hold JSON as such, and whole numbers
   * as numbers.
   */
  public static ObjectNode provenance(Map<String, String> headers) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    headers.forEach(
        (header, value) -> {
          String name = header.startsWith(PREFIX) ? header.substring(PREFIX.length()) : header;
          json.set(name, value(value));
        });
    return json;
  }

  private static JsonNode value(String text) {
    try {
      if (text.startsWith("{")) {
        return MAPPER.readTree(text);
      }
      if (text.matches("-?\\d{1,18}")) {
        return JsonNodeFactory.instance.numberNode(Long.parseLong(text));
      }
    } catch (IOException e) {
      // Then it is shown as the text that it is.
      return JsonNodeFactory.instance.textNode(text);
    }
    return JsonNodeFactory.instance.textNode(text);
  }
}
