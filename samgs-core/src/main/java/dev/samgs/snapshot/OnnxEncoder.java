package dev.samgs.snapshot;

import dev.samgs.learn.Trainer;
import dev.samgs.network.Activations;
import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Dense;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.spec.Activation;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto.DataType;

/**
 * Writes a snapshot as a self-contained ONNX model (opset 17, IR 8) that any ONNX runtime serves.
 *
 * <p>Input: {@code features}, double, {@code rows × features} in the order of the spec, raw as they
 * stand in the events; NaN where a value is missing. Outputs, all double, named by {@link
 * TaskSpec#outputName()}: {@code rows × 1} values in the label's own unit for regression, {@code
 * rows × 1} probabilities of class 1 for binary, {@code rows × classes} probabilities for
 * multiclass. Scaling stays in double, the network runs in float.
 *
 * <p>The metadata hold the pairs of {@link Provenance}, and the names and kinds that a predictor
 * needs: {@value #FEATURES}, a JSON array of strings, and {@value #TASKS}, a JSON array of {@code
 * {"name","kind","classes","output"}}.
 *
 * <p>The same snapshot gives the same bytes: nothing depends on a clock, a hash order or the
 * machine.
 */
public final class OnnxEncoder {
  /** Metadata key of the features' names, in input order. */
  public static final String FEATURES = "samgs.features";

  /** Metadata key of the tasks, in the order of the spec. */
  public static final String TASKS = "samgs.tasks";

  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;
  private static final String PRODUCER_VERSION = producerVersion();

  private final ModelSnapshot snapshot;
  private final ModelSpec spec;
  private final OnnxGraph graph;

  private OnnxEncoder(ModelSnapshot snapshot) {
    this.snapshot = snapshot;
    this.spec = snapshot.spec();
    this.graph = new OnnxGraph("multi-task-network", internalPrefix(spec));
  }

  /**
   * The snapshot as the bytes of an ONNX file.
   *
   * @param model key of the model
   * @throws IllegalArgumentException if a parameter or a scale is not a finite number
   */
  public static byte[] encode(String model, ModelSnapshot snapshot) {
    refuseNonFinite(model, snapshot);
    return new OnnxEncoder(snapshot).model(model).toByteArray();
  }

  private ModelProto model(String model) {
    addNetwork();
    ModelProto.Builder proto =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .setProducerName("samgs")
            .setProducerVersion(PRODUCER_VERSION)
            .setDomain("dev.samgs")
            .setModelVersion(snapshot.version())
            .setGraph(graph.build());
    for (Map.Entry<String, String> pair : Provenance.of(model, snapshot).entrySet()) {
      proto.addMetadataProps(metadata(pair.getKey(), pair.getValue()));
    }
    proto.addMetadataProps(metadata(FEATURES, features()));
    proto.addMetadataProps(metadata(TASKS, tasks()));
    return proto.build();
  }

  private static StringStringEntryProto metadata(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private void addNetwork() {
    NetworkLayout layout = new NetworkLayout(spec);
    String inputs =
        standardised(
            graph.input(
                ModelSpec.INPUT_NAME, layout.inputs(), "raw features; NaN where one is missing"));
    String values = inputs;
    for (Dense layer : layout.trunk()) {
      values = activated(dense(layer, values));
    }
    for (int t = 0; t < spec.tasks().size(); t++) {
      TaskSpec task = spec.tasks().get(t);
      String raw = graph.cast(head(layout.heads().get(t), inputs, values), DataType.DOUBLE);
      graph.output(task.outputName(), task.outputs(), finished(t, raw), description(task));
    }
  }

  /**
   * A missing value counts as the mean, and so does every value of a feature that has been
   * constant.
   */
  private String standardised(String features) {
    int count = spec.features().size();
    boolean[] constant = new boolean[count];
    double[] divisors = new double[count];
    for (int f = 0; f < count; f++) {
      constant[f] = snapshot.featureDeviations()[f] == 0;
      divisors[f] = constant[f] ? 1 : snapshot.featureDeviations()[f];
    }
    String means = graph.constant(snapshot.featureMeans());
    String unknown = graph.node("Or", graph.node("IsNaN", features), graph.constant(constant));
    String known = graph.node("Where", unknown, means, features);
    String scaled = graph.node("Div", graph.node("Sub", known, means), graph.constant(divisors));
    String clipped =
        graph.node(
            "Clip",
            scaled,
            graph.constant(-Trainer.FEATURE_LIMIT),
            graph.constant(Trainer.FEATURE_LIMIT));
    return graph.cast(clipped, DataType.FLOAT);
  }

  private String dense(Dense layer, String from) {
    String bias = graph.tensor(snapshot.parameters(), layer.bias(), layer.outputs());
    return graph.productWithTransposed(from, weights(layer), bias);
  }

  private String weights(Dense layer) {
    return graph.tensor(snapshot.parameters(), layer.weights(), layer.outputs(), layer.inputs());
  }

  private String head(Head head, String inputs, String trunkValues) {
    String values = trunkValues;
    for (Dense layer : head.layers().subList(0, head.layers().size() - 1)) {
      values = activated(dense(layer, values));
    }
    String output = dense(head.output(), values);
    return head.skip() == null
        ? output
        : graph.productWithTransposed(inputs, weights(head.skip()), output);
  }

  private String activated(String sums) {
    return switch (spec.network().activation()) {
      case RELU -> graph.node("Relu", sums);
      case TANH -> graph.node("Tanh", sums);
      case GELU -> gelu(sums);
    };
  }

  /** The formula of {@link Activation#GELU}, for opset 17 has no operator for it. */
  private String gelu(String z) {
    String cubic = graph.node("Mul", graph.constant(Activations.GELU_CUBIC), z);
    String inner = graph.node("Add", z, graph.node("Mul", graph.node("Mul", cubic, z), z));
    String tanh =
        graph.node("Tanh", graph.node("Mul", graph.constant(Activations.GELU_SCALE), inner));
    String half = graph.node("Mul", graph.constant(0.5f), z);
    return graph.node("Mul", half, graph.node("Add", graph.constant(1f), tanh));
  }

  private String finished(int task, String raw) {
    return switch (spec.tasks().get(task).kind()) {
      case REGRESSION ->
          graph.node(
              "Add",
              graph.constant(snapshot.targetMeans()[task]),
              graph.node("Mul", graph.constant(snapshot.targetDeviations()[task]), raw));
      case BINARY -> graph.node("Sigmoid", raw);
      case MULTICLASS -> graph.node("Softmax", raw);
    };
  }

  private static String description(TaskSpec task) {
    return switch (task.kind()) {
      case REGRESSION -> "value of " + task.name() + " in its own unit";
      case BINARY -> "probability that " + task.name() + " is 1";
      case MULTICLASS -> "probability of each class of " + task.name();
    };
  }

  private String features() {
    JsonText json = new JsonText().beginArray();
    spec.features().forEach(json::value);
    return json.endArray().toString();
  }

  private String tasks() {
    JsonText json = new JsonText().beginArray();
    for (TaskSpec task : spec.tasks()) {
      json.beginObject();
      json.name("name").value(task.name());
      json.name("kind").value(task.kind().name().toLowerCase(Locale.ROOT));
      json.name("classes").value(task.labelClasses());
      json.name("output").value(task.outputName());
      json.endObject();
    }
    return json.endArray().toString();
  }

  /** What the names of inner values begin with: nothing that a task's output begins with. */
  private static String internalPrefix(ModelSpec spec) {
    List<String> outputs = spec.tasks().stream().map(TaskSpec::outputName).toList();
    StringBuilder prefix = new StringBuilder("samgs");
    while (outputs.stream().anyMatch(output -> output.startsWith(prefix.toString()))) {
      prefix.append('_');
    }
    return prefix.toString();
  }

  private static void refuseNonFinite(String model, ModelSnapshot snapshot) {
    for (float parameter : snapshot.parameters()) {
      refuseNonFinite(model, snapshot, "a parameter", parameter);
    }
    for (double[] scales :
        List.of(
            snapshot.featureMeans(),
            snapshot.featureDeviations(),
            snapshot.targetMeans(),
            snapshot.targetDeviations())) {
      for (double scale : scales) {
        refuseNonFinite(model, snapshot, "the scale of a feature or label", scale);
      }
    }
  }

  private static void refuseNonFinite(
      String model, ModelSnapshot snapshot, String what, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "snapshot "
              + snapshot.version()
              + " of model '"
              + model
              + "' cannot be published, for "
              + what
              + " is "
              + value
              + "; predictors keep the version they have");
    }
  }

  private static String producerVersion() {
    try (InputStream in = OnnxEncoder.class.getResourceAsStream("producer.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("the library's own version could not be read", e);
    }
  }
}
