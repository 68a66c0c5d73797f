package dev.samgs.connectors.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.snapshot.SnapshotFormatException;
import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a published model takes and gives, as the metadata of every format say. */
public final class PublishedSpec {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PublishedSpec() {}

  /**
   * Features and tasks of a published model; all else are defaults.
   *
   * @throws SnapshotFormatException if the metadata do not name them
   */
  public static ModelSpec of(byte[] onnx) throws SnapshotFormatException {
    Map<String, String> metadata = OnnxDecoder.metadata(onnx);
    List<String> features = new ArrayList<>();
    json(metadata, OnnxEncoder.FEATURES).forEach(feature -> features.add(feature.asText()));
    List<TaskSpec> tasks = new ArrayList<>();
    for (JsonNode task : json(metadata, OnnxEncoder.TASKS)) {
      tasks.add(task(task));
    }
    try {
      return new ModelSpec(
          features,
          tasks,
          NetworkSpec.defaults(),
          LearningSpec.defaults(),
          SurgeryMethod.all().get(0).defaults(),
          DetectorMethod.all().get(0).defaults());
    } catch (InvalidSettingException e) {
      throw new SnapshotFormatException("the model's metadata make no sense: " + e.getMessage(), e);
    }
  }

  private static TaskSpec task(JsonNode task) throws SnapshotFormatException {
    String name = task.path("name").asText();
    String kind = task.path("kind").asText();
    return switch (kind) {
      case "regression" -> TaskSpec.regression(name);
      case "binary" -> TaskSpec.binary(name);
      case "multiclass" -> TaskSpec.multiclass(name, task.path("classes").asInt());
      default ->
          throw new SnapshotFormatException(
              "the model has a task of kind '" + kind + "', which this version does not know");
    };
  }

  private static JsonNode json(Map<String, String> metadata, String key)
      throws SnapshotFormatException {
    String text = metadata.get(key);
    if (text == null) {
      throw new SnapshotFormatException("the model's metadata have no " + key);
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new SnapshotFormatException("the model's " + key + " is no JSON", e);
    }
  }
}
