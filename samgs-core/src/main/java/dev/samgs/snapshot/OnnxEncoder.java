package dev.samgs.snapshot;

import dev.samgs.learn.TaskMixture;
import dev.samgs.learn.Trainer;
import dev.samgs.network.Activations;
import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Dense;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.snapshot.ModelSnapshot.Mixture;
import dev.samgs.spec.Activation;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
 * needs: {@value #FEATURES}, a JSON array of strings, {@value #TASKS}, a JSON array of {@code
 * {"name","kind","classes","output","standardise"}}, and {@value #NETWORK}, the shape of what is
 * inside, {@code {"trunk","activation","head","skip","mixture"}}. {@link OnnxDecoder} reads the
 * snapshot back out of it.
 *
 * <p>The same snapshot gives the same bytes: nothing depends on a clock, a hash order or the
 * machine.
 */
public final class OnnxEncoder {
  /** Metadata key of the features' names, in input order. */
  public static final String FEATURES = "samgs.features";

  /** Metadata key of the tasks, in the order of the spec. */
  public static final String TASKS = "samgs.tasks";

  /** Metadata key of the network's shape. */
  public static final String NETWORK = "samgs.network";

  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;

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
            .setProducerVersion(Provenance.libraryVersion())
            .setDomain("dev.samgs")
            .setModelVersion(snapshot.version())
            .setGraph(graph.build());
    for (Map.Entry<String, String> pair : Provenance.of(model, snapshot).entrySet()) {
      proto.addMetadataProps(metadata(pair.getKey(), pair.getValue()));
    }
    proto.addMetadataProps(metadata(FEATURES, features()));
    proto.addMetadataProps(metadata(TASKS, tasks()));
    proto.addMetadataProps(metadata(NETWORK, networkShape()));
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
    List<String> raw = network(layout, snapshot.parameters(), inputs);
    boolean mixed = !snapshot.mixtures().isEmpty();
    List<String> averaged =
        mixed ? network(layout, snapshot.averagedParameters(), inputs) : List.of();
    String wide = mixed ? graph.cast(inputs, DataType.DOUBLE) : null;
    for (int t = 0; t < spec.tasks().size(); t++) {
      TaskSpec task = spec.tasks().get(t);
      String prediction =
          mixed ? mixed(t, wide, raw.get(t), averaged.get(t)) : finished(t, raw.get(t));
      graph.output(task.outputName(), task.outputs(), prediction, description(task));
    }
  }

  /** Raw outputs of every task's head, in double. */
  private List<String> network(NetworkLayout layout, float[] parameters, String inputs) {
    String values = inputs;
    for (Dense layer : layout.trunk()) {
      values = activated(dense(parameters, layer, values));
    }
    List<String> outputs = new ArrayList<>();
    for (Head head : layout.heads()) {
      outputs.add(graph.cast(head(parameters, head, inputs, values), DataType.DOUBLE));
    }
    return outputs;
  }

  /** The mixture of a task's experts, as {@link TaskMixture} computes it. */
  private String mixed(int task, String inputs, String raw, String averaged) {
    Mixture mixture = snapshot.mixtures().get(task);
    List<String> experts = new ArrayList<>();
    experts.add(graph.constant(mixture.prior()));
    experts.add(graph.constant(mixture.recentPrior()));
    for (float[] model : mixture.linear()) {
      experts.add(expert(task, linear(task, model, inputs)));
    }
    experts.add(expert(task, standardisedOutput(task, raw)));
    experts.add(expert(task, standardisedOutput(task, averaged)));
    experts.add(expert(task, weighted(mixture.stacking(), evidence(task, experts))));
    String prediction = weighted(mixture.weights(), experts);
    return spec.tasks().get(task).kind() == TaskKind.REGRESSION
        ? affine(prediction, mixture.labelDeviation(), mixture.labelMean())
        : prediction;
  }

  /** inputs·Wᵀ + b of a linear model, in double. */
  private String linear(int task, float[] model, String inputs) {
    int features = spec.features().size();
    int outputs = spec.tasks().get(task).outputs();
    double[] weights = new double[outputs * features];
    double[] biases = new double[outputs];
    for (int o = 0; o < outputs; o++) {
      int row = o * (features + 1);
      for (int f = 0; f < features; f++) {
        weights[o * features + f] = model[row + f];
      }
      biases[o] = model[row + features];
    }
    return graph.productWithTransposed(
        inputs, graph.matrix(weights, outputs, features), graph.vector(biases));
  }

  /** A value held inside its bounds, or probabilities. */
  private String expert(int task, String raw) {
    return switch (spec.tasks().get(task).kind()) {
      case REGRESSION ->
          graph.node(
              "Clip",
              raw,
              graph.constant(-TaskMixture.LARGEST_VALUE),
              graph.constant(TaskMixture.LARGEST_VALUE));
      case BINARY -> graph.node("Sigmoid", raw);
      case MULTICLASS -> graph.node("Softmax", raw);
    };
  }

  private List<String> evidence(int task, List<String> experts) {
    TaskKind kind = spec.tasks().get(task).kind();
    if (kind == TaskKind.REGRESSION) {
      return experts;
    }
    double smallest = TaskMixture.SMALLEST_PROBABILITY;
    double largest = kind == TaskKind.BINARY ? 1 - smallest : 1;
    List<String> evidence = new ArrayList<>();
    for (String expert : experts) {
      String p = graph.node("Clip", expert, graph.constant(smallest), graph.constant(largest));
      String odds =
          kind == TaskKind.BINARY
              ? graph.node("Div", p, graph.node("Sub", graph.constant(1.0), p))
              : p;
      evidence.add(graph.node("Log", odds));
    }
    return evidence;
  }

  private String weighted(double[] weights, List<String> values) {
    String sum = graph.node("Mul", graph.constant(weights[0]), values.get(0));
    for (int i = 1; i < values.size(); i++) {
      sum = graph.node("Add", sum, graph.node("Mul", graph.constant(weights[i]), values.get(i)));
    }
    return sum;
  }

  /**
   * The network's output as a standardised label, also where it learned the label in its own unit.
   */
  private String standardisedOutput(int task, String raw) {
    TaskSpec spec = this.spec.tasks().get(task);
    if (spec.kind() != TaskKind.REGRESSION || spec.standardise()) {
      return raw;
    }
    Mixture mixture = snapshot.mixtures().get(task);
    return graph.node(
        "Div",
        graph.node("Sub", raw, graph.constant(mixture.labelMean())),
        graph.constant(mixture.labelDeviation()));
  }

  private String affine(String value, double factor, double addend) {
    return graph.node(
        "Add", graph.constant(addend), graph.node("Mul", graph.constant(factor), value));
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

  private String dense(float[] parameters, Dense layer, String from) {
    String bias = graph.tensor(parameters, layer.bias(), layer.outputs());
    return graph.productWithTransposed(from, weights(parameters, layer), bias);
  }

  private String weights(float[] parameters, Dense layer) {
    return graph.tensor(parameters, layer.weights(), layer.outputs(), layer.inputs());
  }

  private String head(float[] parameters, Head head, String inputs, String trunkValues) {
    String values = trunkValues;
    for (Dense layer : head.layers().subList(0, head.layers().size() - 1)) {
      values = activated(dense(parameters, layer, values));
    }
    String output = dense(parameters, head.output(), values);
    return head.skip() == null
        ? output
        : graph.productWithTransposed(inputs, weights(parameters, head.skip()), output);
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
          affine(raw, snapshot.targetDeviations()[task], snapshot.targetMeans()[task]);
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
      json.name("standardise").value(task.standardise());
      json.endObject();
    }
    return json.endArray().toString();
  }

  private String networkShape() {
    JsonText json = new JsonText().beginObject();
    json.name("trunk").beginArray();
    spec.network().trunk().forEach(json::value);
    json.endArray();
    json.name("activation").value(spec.network().activation().name().toLowerCase(Locale.ROOT));
    json.name("head").beginArray();
    spec.network().head().forEach(json::value);
    json.endArray();
    json.name("skip").value(spec.network().skip());
    json.name("mixture").value(!snapshot.mixtures().isEmpty());
    return json.endObject().toString();
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
    String problem = nonFinite(snapshot);
    if (problem != null) {
      throw new IllegalArgumentException(
          "snapshot "
              + snapshot.version()
              + " of model '"
              + model
              + "' cannot be published, for "
              + problem
              + "; predictors keep the version they have");
    }
  }

  /** What in a snapshot is not a finite number, in a few words; null if everything is. */
  static String nonFinite(ModelSnapshot snapshot) {
    String problem = nonFinite("a parameter", snapshot.parameters());
    if (problem == null) {
      problem = nonFinite("an averaged parameter", snapshot.averagedParameters());
    }
    for (double[] scales :
        List.of(
            snapshot.featureMeans(),
            snapshot.featureDeviations(),
            snapshot.targetMeans(),
            snapshot.targetDeviations())) {
      if (problem == null) {
        problem = nonFinite("the scale of a feature or label", scales);
      }
    }
    for (Mixture mixture : snapshot.mixtures()) {
      if (problem == null) {
        problem = nonFinite("a weight of a mixture", mixture.weights());
      }
      if (problem == null) {
        problem = nonFinite("a stacking factor of a mixture", mixture.stacking());
      }
      for (float[] linear : mixture.linear()) {
        if (problem == null) {
          problem = nonFinite("a weight of a linear model", linear);
        }
      }
    }
    return problem;
  }

  private static String nonFinite(String what, double[] values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        return what + " is " + value;
      }
    }
    return null;
  }

  private static String nonFinite(String what, float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return what + " is " + value;
      }
    }
    return null;
  }
}
