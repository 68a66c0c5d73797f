package dev.samgs.snapshot;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.TaskMixture;
import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Dense;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.snapshot.ModelSnapshot.Mixture;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import onnx.Onnx.ModelProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/**
 * Reads a snapshot back out of the ONNX model that {@link OnnxEncoder} made of it: the encoder adds
 * its constants in an order that the shape of the model decides, and this class takes them in the
 * same order, each with the type and shape that it must have. What comes out predicts bit for bit
 * what the snapshot predicted; learning rates and the like are the defaults, for a graph holds
 * none.
 */
public final class OnnxDecoder {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ModelSpec spec;
  private final NetworkLayout layout;
  private final Constants constants;

  private OnnxDecoder(ModelSpec spec, Iterator<TensorProto> initializers) {
    this.spec = spec;
    this.layout = new NetworkLayout(spec);
    this.constants = new Constants(initializers);
  }

  /**
   * The metadata of an encoded model, by key.
   *
   * @throws SnapshotFormatException if the bytes are no ONNX model
   */
  public static Map<String, String> metadata(byte[] onnx) throws SnapshotFormatException {
    return metadata(parse(onnx));
  }

  /**
   * The snapshot in an encoded model of format 2 or later.
   *
   * @throws SnapshotFormatException if the bytes are no snapshot, or of a format that this version
   *     does not read
   */
  public static ModelSnapshot decode(byte[] onnx) throws SnapshotFormatException {
    ModelProto proto = parse(onnx);
    Map<String, String> metadata = metadata(proto);
    if (!metadata.containsKey(OnnxEncoder.NETWORK)) {
      throw new SnapshotFormatException(
          "the snapshot is of format "
              + metadata.get(Provenance.FORMAT)
              + ", which does not say the shape of its network; only ONNX runtimes can serve it, or"
              + " whoever has its specification");
    }
    return decode(spec(metadata), proto, metadata);
  }

  /**
   * The snapshot in an encoded model whose specification is known, of any format.
   *
   * @throws SnapshotFormatException if the bytes are no snapshot of such a model
   */
  public static ModelSnapshot decode(ModelSpec spec, byte[] onnx) throws SnapshotFormatException {
    ModelProto proto = parse(onnx);
    return decode(spec, proto, metadata(proto));
  }

  private static ModelSnapshot decode(
      ModelSpec spec, ModelProto proto, Map<String, String> metadata)
      throws SnapshotFormatException {
    int format = (int) number(metadata, Provenance.FORMAT);
    if (format < 1 || format > Provenance.FORMAT_VERSION) {
      throw new SnapshotFormatException(
          "the snapshot has format "
              + format
              + ", and this version reads formats 1 to "
              + Provenance.FORMAT_VERSION
              + "; use the version that wrote it, or a newer one");
    }
    String structure = Provenance.sha256(spec.structure().getBytes(StandardCharsets.UTF_8));
    if (!structure.equals(required(metadata, Provenance.STRUCTURE))) {
      throw new SnapshotFormatException(
          "the snapshot is of a model with other features, tasks or network than "
              + spec.structure());
    }
    OnnxDecoder decoder = new OnnxDecoder(spec, proto.getGraph().getInitializerList().iterator());
    return decoder.snapshot(metadata);
  }

  private static ModelProto parse(byte[] onnx) throws SnapshotFormatException {
    try {
      return ModelProto.parseFrom(onnx);
    } catch (InvalidProtocolBufferException e) {
      throw new SnapshotFormatException("the bytes are no ONNX model, or a damaged one", e);
    }
  }

  private static Map<String, String> metadata(ModelProto proto) {
    Map<String, String> metadata = new HashMap<>();
    for (StringStringEntryProto pair : proto.getMetadataPropsList()) {
      metadata.put(pair.getKey(), pair.getValue());
    }
    return metadata;
  }

  private static String required(Map<String, String> metadata, String key)
      throws SnapshotFormatException {
    String value = metadata.get(key);
    if (value == null) {
      throw new SnapshotFormatException("the model's metadata have no " + key);
    }
    return value;
  }

  private static long number(Map<String, String> metadata, String key)
      throws SnapshotFormatException {
    String value = required(metadata, key);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new SnapshotFormatException(key + " is '" + value + "', which is no number", e);
    }
  }

  private static JsonNode json(Map<String, String> metadata, String key)
      throws SnapshotFormatException {
    try {
      return JSON.readTree(required(metadata, key));
    } catch (JsonProcessingException e) {
      throw new SnapshotFormatException(key + " is not JSON", e);
    }
  }

  private static ModelSpec spec(Map<String, String> metadata) throws SnapshotFormatException {
    try {
      List<String> features = new ArrayList<>();
      json(metadata, OnnxEncoder.FEATURES).forEach(name -> features.add(name.textValue()));
      List<TaskSpec> tasks = new ArrayList<>();
      for (JsonNode task : json(metadata, OnnxEncoder.TASKS)) {
        tasks.add(task(task));
      }
      JsonNode network = json(metadata, OnnxEncoder.NETWORK);
      return new ModelSpec(
          features,
          tasks,
          new NetworkSpec(
              widths(network.path("trunk")),
              Activation.valueOf(upper(network.path("activation"))),
              widths(network.path("head")),
              network.path("skip").booleanValue()),
          LearningSpec.defaults().withMixture(network.path("mixture").booleanValue()),
          SurgeryMethod.all().get(0).defaults(),
          DetectorMethod.all().get(0).defaults());
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new SnapshotFormatException("the metadata do not describe a model of ours", e);
    }
  }

  private static TaskSpec task(JsonNode json) {
    TaskKind kind = TaskKind.valueOf(upper(json.path("kind")));
    TaskSpec d = TaskSpec.defaults();
    return new TaskSpec(
        json.path("name").textValue(),
        kind,
        kind == TaskKind.MULTICLASS ? json.path("classes").intValue() : 0,
        d.loss(),
        d.huberDelta(),
        d.weight(),
        json.path("standardise").asBoolean(d.standardise()),
        d.classWeights());
  }

  private static List<Integer> widths(JsonNode json) {
    List<Integer> widths = new ArrayList<>();
    json.forEach(width -> widths.add(width.intValue()));
    return widths;
  }

  private static String upper(JsonNode text) {
    return text.textValue().toUpperCase(Locale.ROOT);
  }

  private ModelSnapshot snapshot(Map<String, String> metadata) throws SnapshotFormatException {
    int features = spec.features().size();
    int tasks = spec.tasks().size();
    double[] means = constants.doubles(features);
    boolean[] constant = constants.flags(features);
    double[] deviations = constants.doubles(features);
    for (int f = 0; f < features; f++) {
      if (constant[f]) {
        deviations[f] = 0;
      }
    }
    constants.pass(2);
    boolean mixed = spec.learning().mixture();
    float[] parameters = network();
    float[] averaged = mixed ? network() : new float[0];
    double[] targetMeans = new double[tasks];
    double[] targetDeviations = new double[tasks];
    List<Mixture> mixtures = new ArrayList<>();
    for (int t = 0; t < tasks; t++) {
      TaskSpec task = spec.tasks().get(t);
      targetDeviations[t] = 1;
      if (mixed) {
        Mixture mixture = mixture(task);
        mixtures.add(mixture);
        if (task.kind() == TaskKind.REGRESSION && task.standardise()) {
          targetMeans[t] = mixture.labelMean();
          targetDeviations[t] = mixture.labelDeviation();
        }
      } else if (task.kind() == TaskKind.REGRESSION) {
        targetMeans[t] = constants.number();
        targetDeviations[t] = constants.number();
      }
    }
    constants.requireEnd();
    return new ModelSnapshot(
        spec,
        number(metadata, Provenance.VERSION),
        number(metadata, Provenance.UPDATE),
        0,
        metadata.containsKey(Provenance.WATERMARK)
            ? number(metadata, Provenance.WATERMARK)
            : Long.MIN_VALUE,
        parameters,
        averaged,
        means,
        deviations,
        targetMeans,
        targetDeviations,
        List.copyOf(mixtures),
        scores(metadata),
        lineage(metadata));
  }

  private float[] network() throws SnapshotFormatException {
    float[] parameters = new float[layout.length()];
    for (Dense layer : layout.trunk()) {
      dense(layer, parameters);
      passActivation();
    }
    for (Head head : layout.heads()) {
      for (Dense layer : head.layers().subList(0, head.layers().size() - 1)) {
        dense(layer, parameters);
        passActivation();
      }
      dense(head.output(), parameters);
      if (head.skip() != null) {
        weights(head.skip(), parameters);
      }
    }
    return parameters;
  }

  private void dense(Dense layer, float[] parameters) throws SnapshotFormatException {
    constants.floats(parameters, layer.bias(), layer.outputs());
    weights(layer, parameters);
  }

  private void weights(Dense layer, float[] parameters) throws SnapshotFormatException {
    constants.floats(parameters, layer.weights(), layer.outputs() * layer.inputs());
  }

  /** A GELU is composed with four constants of its formula. */
  private void passActivation() throws SnapshotFormatException {
    if (spec.network().activation() == Activation.GELU) {
      constants.pass(4);
    }
  }

  private Mixture mixture(TaskSpec task) throws SnapshotFormatException {
    boolean regression = task.kind() == TaskKind.REGRESSION;
    int outputs = task.outputs();
    double[] prior = constants.doubles(outputs);
    double[] recentPrior = constants.doubles(outputs);
    List<float[]> linear = new ArrayList<>();
    for (int m = 0; m < TaskMixture.LINEAR_MODELS; m++) {
      linear.add(linear(outputs));
      passBounds(regression);
    }
    for (int network = 0; network < 2; network++) {
      if (regression && !task.standardise()) {
        constants.pass(2);
      }
      passBounds(regression);
    }
    if (!regression) {
      constants.pass(TaskMixture.STACKED_EXPERTS * (task.kind() == TaskKind.BINARY ? 3 : 2));
    }
    double[] stacking = numbers(TaskMixture.STACKED_EXPERTS);
    passBounds(regression);
    double[] weights = numbers(TaskMixture.Expert.COUNT);
    double mean = regression ? constants.number() : 0;
    double deviation = regression ? constants.number() : 1;
    return new Mixture(mean, deviation, weights, stacking, prior, recentPrior, List.copyOf(linear));
  }

  /** The values of regression experts are held between two constants. */
  private void passBounds(boolean regression) throws SnapshotFormatException {
    if (regression) {
      constants.pass(2);
    }
  }

  private float[] linear(int outputs) throws SnapshotFormatException {
    int features = spec.features().size();
    double[] weights = constants.doubles(outputs * features);
    double[] biases = constants.doubles(outputs);
    float[] model = new float[outputs * (features + 1)];
    for (int o = 0; o < outputs; o++) {
      for (int f = 0; f < features; f++) {
        model[o * (features + 1) + f] = (float) weights[o * features + f];
      }
      model[o * (features + 1) + features] = (float) biases[o];
    }
    return model;
  }

  private double[] numbers(int count) throws SnapshotFormatException {
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = constants.number();
    }
    return numbers;
  }

  private List<ModelSnapshot.Score> scores(Map<String, String> metadata)
      throws SnapshotFormatException {
    JsonNode json = json(metadata, Provenance.SCORES);
    List<ModelSnapshot.Score> scores = new ArrayList<>();
    for (TaskSpec task : spec.tasks()) {
      JsonNode score = json.path(task.name());
      scores.add(
          new ModelSnapshot.Score(
              task.name(),
              score.path("labels").longValue(),
              score.path("loss").asDouble(Double.NaN),
              score.path("baselineLoss").asDouble(Double.NaN)));
    }
    return scores;
  }

  private static Lineage lineage(Map<String, String> metadata) throws SnapshotFormatException {
    if (!metadata.containsKey(Provenance.GATE)) {
      return Lineage.UNKNOWN;
    }
    String topic = "";
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    Iterator<Map.Entry<String, JsonNode>> topics = json(metadata, Provenance.OFFSETS).fields();
    if (topics.hasNext()) {
      Map.Entry<String, JsonNode> first = topics.next();
      topic = first.getKey();
      first
          .getValue()
          .fields()
          .forEachRemaining(
              o -> offsets.put(Integer.valueOf(o.getKey()), o.getValue().longValue()));
    }
    JsonNode gate = json(metadata, Provenance.GATE);
    List<Lineage.Comparison> comparisons = new ArrayList<>();
    gate.path("tasks")
        .fields()
        .forEachRemaining(
            task ->
                comparisons.add(
                    new Lineage.Comparison(
                        task.getKey(),
                        task.getValue().path("labels").longValue(),
                        task.getValue().path("candidate").asDouble(Double.NaN),
                        task.getValue().path("published").asDouble(Double.NaN))));
    try {
      return new Lineage(
          metadata.containsKey(Provenance.PARENT)
              ? number(metadata, Provenance.PARENT)
              : Lineage.NO_PARENT,
          topic,
          offsets,
          Verdict.of(gate.path("verdict").asText()),
          comparisons);
    } catch (IllegalArgumentException e) {
      throw new SnapshotFormatException(Provenance.GATE + " has an unknown verdict", e);
    }
  }

  /** The graph's constants, one after the other. */
  private static final class Constants {
    private final Iterator<TensorProto> initializers;

    Constants(Iterator<TensorProto> initializers) {
      this.initializers = initializers;
    }

    double number() throws SnapshotFormatException {
      return doubles(1)[0];
    }

    double[] doubles(int count) throws SnapshotFormatException {
      double[] values = new double[count];
      bytes(TensorProto.DataType.DOUBLE, count, Double.BYTES).asDoubleBuffer().get(values);
      return values;
    }

    boolean[] flags(int count) throws SnapshotFormatException {
      ByteBuffer bytes = bytes(TensorProto.DataType.BOOL, count, 1);
      boolean[] flags = new boolean[count];
      for (int i = 0; i < count; i++) {
        flags[i] = bytes.get(i) != 0;
      }
      return flags;
    }

    void floats(float[] to, int from, int count) throws SnapshotFormatException {
      bytes(TensorProto.DataType.FLOAT, count, Float.BYTES).asFloatBuffer().get(to, from, count);
    }

    /** Passes over constants that the shape of the model decides. */
    void pass(int count) throws SnapshotFormatException {
      for (int i = 0; i < count; i++) {
        next();
      }
    }

    void requireEnd() throws SnapshotFormatException {
      if (initializers.hasNext()) {
        throw foreign();
      }
    }

    private TensorProto next() throws SnapshotFormatException {
      if (!initializers.hasNext()) {
        throw foreign();
      }
      return initializers.next();
    }

    private ByteBuffer bytes(TensorProto.DataType type, int count, int width)
        throws SnapshotFormatException {
      TensorProto tensor = next();
      if (tensor.getDataType() != type.getNumber()
          || tensor.getRawData().size() != (long) count * width) {
        throw foreign();
      }
      return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static SnapshotFormatException foreign() {
      return new SnapshotFormatException(
          "the graph is not as its metadata say; it was changed, or written by something else");
    }
  }
}
