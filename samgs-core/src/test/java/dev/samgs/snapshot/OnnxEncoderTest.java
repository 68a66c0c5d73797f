package dev.samgs.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.drift.EDetector;
import dev.samgs.learn.LearnerState;
import dev.samgs.snapshot.ModelSnapshot.Mixture;
import dev.samgs.spec.Activation;
import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import onnx.Onnx.ModelProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxEncoderTest {
  private static final Lineage LINEAGE =
      new Lineage(
          (1L << 32) + 2,
          "events",
          new TreeMap<>(Map.of(0, 1234L, 3, 17L)),
          Verdict.PASSED,
          List.of(
              new Lineage.Comparison("thickness", 250, 0.25, 0.5),
              new Lineage.Comparison("scrap", 12, 0.125, 0.125)));

  private static final List<TaskSpec> TASKS =
      List.of(
          TaskSpec.regression("thickness"),
          TaskSpec.binary("scrap"),
          TaskSpec.multiclass("fault", 3));

  /** Weights of the experts: halves, quarters, and so on, so that none can stand for another. */
  private static final double[] SHARES = {
    0x1p-1, 0x1p-2, 0x1p-3, 0x1p-4, 0x1p-5, 0x1p-6, 0x1p-7, 0x1p-7
  };

  @Test
  void oneInputAndOneNamedOutputPerTaskAreDeclared() throws Exception {
    try (OnnxModel model = new OnnxModel(OnnxEncoder.encode("line-3", snapshot(1f)))) {
      assertThat(model.session().getInputInfo()).containsOnlyKeys("features");
      assertDoubles(model.session().getInputInfo().get("features"), 3);
      Map<String, NodeInfo> outputs = model.session().getOutputInfo();
      assertThat(outputs.keySet())
          .containsExactly("thickness", "scrap_probability", "fault_probabilities");
      assertDoubles(outputs.get("thickness"), 1);
      assertDoubles(outputs.get("scrap_probability"), 1);
      assertDoubles(outputs.get("fault_probabilities"), 3);
    }
  }

  private static void assertDoubles(NodeInfo info, long columns) {
    TensorInfo tensor = (TensorInfo) info.getInfo();
    assertThat(tensor.type).isEqualTo(OnnxJavaType.DOUBLE);
    assertThat(tensor.getShape()).as("rows are open").containsExactly(-1, columns);
  }

  @Test
  void theMetadataSayWhereTheModelComesFrom() throws Exception {
    try (OnnxModel model = new OnnxModel(OnnxEncoder.encode("line-3", snapshot(1f)))) {
      Map<String, String> metadata = model.metadata();
      assertThat(metadata)
          .containsEntry("samgs.format", "2")
          .containsEntry("samgs.model", "line-3")
          .containsEntry("samgs.version", "4294967299")
          .containsEntry("samgs.update", "640")
          .containsEntry("samgs.watermark", "1750000000123")
          .containsEntry(
              "samgs.structure",
              // of features=speed,temperature "inner",constant tasks=… trunk=[2] … skip=true
              // mixture=false
              "cd9218d893ed8c4ca913b38b2a4bfeeb281a4a3c89c276b898ff444ddea1a323")
          .containsEntry(
              "samgs.scores",
              "{\"thickness\":{\"labels\":500,\"loss\":0.25,\"baselineLoss\":2.5},"
                  + "\"scrap\":{\"labels\":20,\"loss\":0.125,\"baselineLoss\":0.5},"
                  + "\"fault\":{\"labels\":0,\"loss\":null,\"baselineLoss\":null}}")
          .containsEntry("samgs.parent", "4294967298")
          .containsEntry("samgs.offsets", "{\"events\":{\"0\":1234,\"3\":17}}")
          .containsEntry(
              "samgs.gate",
              "{\"verdict\":\"passed\",\"tasks\":{"
                  + "\"thickness\":{\"labels\":250,\"candidate\":0.25,\"published\":0.5},"
                  + "\"scrap\":{\"labels\":12,\"candidate\":0.125,\"published\":0.125}}}")
          .containsEntry("samgs.library", Provenance.libraryVersion())
          .containsEntry(
              "samgs.network",
              "{\"trunk\":[2],\"activation\":\"relu\",\"head\":[],\"skip\":true,\"mixture\":false}")
          .containsEntry("samgs.features", "[\"speed\",\"temperature \\\"inner\\\"\",\"constant\"]")
          .containsEntry(
              "samgs.tasks",
              "[{\"name\":\"thickness\",\"kind\":\"regression\",\"classes\":0,\"output\":\"thickness\",\"standardise\":true},"
                  + "{\"name\":\"scrap\",\"kind\":\"binary\",\"classes\":2,\"output\":\"scrap_probability\",\"standardise\":true},"
                  + "{\"name\":\"fault\",\"kind\":\"multiclass\",\"classes\":3,\"output\":\"fault_probabilities\",\"standardise\":true}]")
          .doesNotContainKey("samgs.sha256");
      assertThat(model.session().getMetadata().getVersion()).isEqualTo(4294967299L);
      assertThat(model.session().getMetadata().getProducerName()).isEqualTo("samgs");
    }
  }

  @Test
  void theMetadataAreJsonThatAStrangersParserReads() throws Exception {
    Map<String, String> pairs = Provenance.of("line-3", snapshot(1f));
    JsonNode scores = new ObjectMapper().readTree(pairs.get(Provenance.SCORES));
    assertThat(scores.get("scrap").get("loss").doubleValue()).isEqualTo(0.125);
    assertThat(scores.get("fault").get("loss").isNull()).isTrue();
  }

  @Test
  void theProducersVersionIsThatOfTheBuild() throws Exception {
    ModelProto proto = ModelProto.parseFrom(OnnxEncoder.encode("line-3", snapshot(1f)));
    assertThat(proto.getProducerVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(proto.getIrVersion()).isEqualTo(8);
    assertThat(proto.getOpsetImport(0).getVersion()).isEqualTo(17);
  }

  @Test
  void beforeTheFirstRowThereIsNoWatermark() {
    ModelSnapshot s = snapshot(1f);
    ModelSnapshot unseen =
        new ModelSnapshot(
            s.spec(),
            s.version(),
            0,
            0,
            Long.MIN_VALUE,
            s.parameters(),
            s.averagedParameters(),
            s.featureMeans(),
            s.featureDeviations(),
            s.targetMeans(),
            s.targetDeviations(),
            s.mixtures(),
            s.scores(),
            s.lineage());
    assertThat(Provenance.of("line-3", unseen))
        .doesNotContainKey(Provenance.WATERMARK)
        .containsEntry(Provenance.UPDATE, "0");
  }

  @Test
  void aNonFiniteParameterIsRefusedWithASentence() {
    assertThatThrownBy(() -> OnnxEncoder.encode("line-3", snapshot(Float.NaN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "snapshot 4294967299 of model 'line-3' cannot be published, for a parameter is NaN;"
                + " predictors keep the version they have");
  }

  @Test
  void aNonFiniteScaleIsRefusedWithASentence() {
    ModelSnapshot s = snapshot(1f);
    s.targetMeans()[0] = Double.POSITIVE_INFINITY;
    assertThatThrownBy(() -> OnnxEncoder.encode("line-3", s))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the scale of a feature or label is Infinity");
  }

  @Test
  void aTaskMayBeNamedLikeAnInnerValue() throws Exception {
    ModelSpec spec =
        spec(List.of(TaskSpec.regression("samgs/3"), TaskSpec.regression("samgs_/3")), true);
    ModelSnapshot snapshot = ModelSnapshot.take(new LearnerState(spec, 1));
    try (OnnxModel model = new OnnxModel(OnnxEncoder.encode("line-3", snapshot))) {
      assertThat(model.predict(new double[] {1, 2, 3})).containsOnlyKeys("samgs/3", "samgs_/3");
    }
  }

  @Test
  void tasksWhoseOutputsWouldShareANameAreRefusedInTheSpec() {
    assertThatThrownBy(
            () ->
                spec(
                    List.of(TaskSpec.binary("scrap"), TaskSpec.regression("scrap_probability")),
                    true))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(
            "task 'scrap_probability' would have the output 'scrap_probability' in snapshots,"
                + " a name that is taken; rename the task");
    assertThatThrownBy(() -> spec(List.of(TaskSpec.regression("features")), true))
        .isInstanceOf(InvalidSettingException.class);
  }

  @Test
  void aSmallNetworkGivesTheNumbersWorkedOutByHand() throws Exception {
    try (OnnxModel model = new OnnxModel(OnnxEncoder.encode("line-3", snapshot(1f)))) {
      assertHandWorkedNetwork(model);
    }
  }

  @Test
  void aSmallMixtureGivesTheNumbersWorkedOutByHand() throws Exception {
    try (OnnxModel model = new OnnxModel(OnnxEncoder.encode("line-3", mixtureSnapshot()))) {
      assertHandWorkedMixture(model);
    }
  }

  /** Two rows whose standardised features are (1, −8, 0) and (1, 0, 0). */
  private static Map<String, double[][]> predict(OnnxModel model) throws Exception {
    // Speed 12 is one deviation above its mean; the temperature lies far below the limit of 8
    // deviations; the third feature has been constant, so that its value does not count.
    return model.predict(new double[] {12, -1e6, 99}, new double[] {12, Double.NaN, Double.NaN});
  }

  private static void assertHandWorkedNetwork(OnnxModel model) throws Exception {
    Map<String, double[][]> outputs = predict(model);
    // trunk: relu(1·1 + 0.5) = 1.5 and relu(0.25·−8) = 0; in the second row relu(0.25·0) = 0 too
    double thickness = 2 * 1.5 + 1; // and the skip path, 0.5·temperature
    assertThat(outputs.get("thickness")[0][0]).isEqualTo(1e9 + 4 * (thickness + 0.5 * -8));
    assertThat(outputs.get("thickness")[1][0]).isEqualTo(1e9 + 4 * thickness);
    assertThat(outputs.get("scrap_probability")[0][0]).isCloseTo(sigmoid(-3), within(1e-15));
    double all = Math.exp(1.5) + 1 + Math.exp(-0.5);
    assertThat(outputs.get("fault_probabilities")[0])
        .containsExactly(
            new double[] {Math.exp(1.5) / all, 1 / all, Math.exp(-0.5) / all}, within(1e-15));
  }

  private static void assertHandWorkedMixture(OnnxModel model) throws Exception {
    Map<String, double[][]> outputs = predict(model);
    // Experts: prior, recent prior, three linear models (the third held at 10), network, averaged
    // network (all zero), and the stacked one: recent prior + first linear + half the network.
    assertThat(outputs.get("thickness")[0][0])
        .isCloseTo(100 + 4 * mean(0, 0.5, 1.25, -8, 10, 0, 0, 0.5 + 1.25 + 0.5 * 0), within(1e-12));
    assertThat(outputs.get("thickness")[1][0])
        .isCloseTo(100 + 4 * mean(0, 0.5, 1.25, 0, 10, 4, 0, 0.5 + 1.25 + 0.5 * 4), within(1e-12));

    // Stacked: the log-odds of the prior, 1/4, and of the second linear model, 1, and a tenth of
    // those of the third, whose probability of 1 is held at 1 − 1e-6.
    double stacked = sigmoid(-Math.log(3) + 1 + 0.1 * Math.log((1 - 1e-6) / 1e-6));
    assertThat(outputs.get("scrap_probability")[0][0])
        .isCloseTo(mean(0.25, 0.5, 0.5, sigmoid(1), 1, sigmoid(-3), 0.5, stacked), within(1e-12));

    // Stacked: the squares of the prior's 1/2, 1/4, 1/4, to one.
    double all = Math.exp(1.5) + 1 + Math.exp(-0.5);
    double third = 1 / 3.0;
    assertThat(outputs.get("fault_probabilities")[0])
        .containsExactly(
            new double[] {
              mean(0.5, third, third, third, third, Math.exp(1.5) / all, third, 2 / 3.0),
              mean(0.25, third, third, third, third, 1 / all, third, 1 / 6.0),
              mean(0.25, third, third, third, third, Math.exp(-0.5) / all, third, 1 / 6.0)
            },
            within(1e-12));
  }

  private static double sigmoid(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }

  private static double mean(double... experts) {
    double sum = 0;
    for (int e = 0; e < experts.length; e++) {
      sum += SHARES[e] * experts[e];
    }
    return sum;
  }

  /** Snapshots that were written once and are read for ever, by strangers and by ourselves. */
  @ParameterizedTest
  @ValueSource(strings = {"1", "2"})
  void theFrozenSnapshotsOfEveryFormatAreStillRead(String format) throws Exception {
    byte[] networkBytes = fixture("network-format-" + format + ".onnx");
    byte[] mixtureBytes = fixture("mixture-format-" + format + ".onnx");
    try (OnnxModel network = new OnnxModel(networkBytes);
        OnnxModel mixture = new OnnxModel(mixtureBytes)) {
      assertHandWorkedNetwork(network);
      assertHandWorkedMixture(mixture);
      assertThat(network.metadata()).containsEntry("samgs.format", format);
    }
    assertSameModel(OnnxDecoder.decode(spec(TASKS, false), networkBytes), snapshot(1f));
    assertSameModel(OnnxDecoder.decode(spec(TASKS, true), mixtureBytes), mixtureSnapshot());
  }

  private static void assertSameModel(ModelSnapshot read, ModelSnapshot written) {
    assertThat(read)
        .usingRecursiveComparison()
        .withEqualsForType((a, b) -> Double.compare(a, b) == 0, Double.class)
        .withEqualsForType((a, b) -> Float.compare(a, b) == 0, Float.class)
        // The targets' scales of a mixture are those of its labels, which this one has not.
        .ignoringFields(
            "rows", "lineage", "scores", written.mixtures().isEmpty() ? "-" : "targetMeans")
        .isEqualTo(written);
    assertThat(read.scores()).isEqualTo(written.scores());
  }

  @Test
  void aSnapshotOfFormat2IsReadWithoutItsSpecification() throws Exception {
    ModelSnapshot read = OnnxDecoder.decode(fixture("mixture-format-2.onnx"));
    assertThat(read.spec().structure()).isEqualTo(spec(TASKS, true).structure());
    assertThat(read.lineage()).isEqualTo(LINEAGE);
    assertSameModel(read, mixtureSnapshot());
  }

  @Test
  void aSnapshotOfFormat1NeedsItsSpecificationToBeReadBack() {
    assertThatThrownBy(() -> OnnxDecoder.decode(fixture("mixture-format-1.onnx")))
        .isInstanceOf(SnapshotFormatException.class)
        .hasMessageContaining("does not say the shape of its network");
  }

  @Test
  void whatIsNoSnapshotOrOfAnotherModelIsRefusedWithASentence() throws IOException {
    byte[] onnx = fixture("network-format-2.onnx");
    assertThatThrownBy(() -> OnnxDecoder.decode(Arrays.copyOf(onnx, onnx.length / 2)))
        .isInstanceOf(SnapshotFormatException.class);
    assertThatThrownBy(() -> OnnxDecoder.decode(spec(TASKS.subList(0, 2), false), onnx))
        .isInstanceOf(SnapshotFormatException.class)
        .hasMessageContaining("other features, tasks or network");
    ModelProto.Builder changed = ModelProto.parseFrom(onnx).toBuilder();
    changed.getGraphBuilder().removeInitializer(5);
    assertThatThrownBy(() -> OnnxDecoder.decode(changed.build().toByteArray()))
        .isInstanceOf(SnapshotFormatException.class)
        .hasMessageContaining("it was changed");
  }

  /** Whoever changes what is written must give the format a new number and freeze it too. */
  @Test
  void theEncoderStillWritesFormat2() throws Exception {
    assertSameAsFrozen("network-format-2.onnx", OnnxEncoder.encode("line-3", snapshot(1f)));
    assertSameAsFrozen("mixture-format-2.onnx", OnnxEncoder.encode("line-3", mixtureSnapshot()));
  }

  private static void assertSameAsFrozen(String name, byte[] encoded) throws IOException {
    Path written = Path.of("target", name);
    Files.write(written, encoded);
    ModelProto present = ModelProto.parseFrom(encoded);
    ModelProto frozen = ofThisLibrary(ModelProto.parseFrom(fixture(name)));
    assertThat(present.equals(frozen)).as("%s is as it was when it was frozen", written).isTrue();
  }

  private static ModelProto ofThisLibrary(ModelProto frozen) {
    ModelProto.Builder model = frozen.toBuilder().setProducerVersion(Provenance.libraryVersion());
    for (int i = 0; i < model.getMetadataPropsCount(); i++) {
      if (model.getMetadataProps(i).getKey().equals(Provenance.LIBRARY)) {
        model.getMetadataPropsBuilder(i).setValue(Provenance.libraryVersion());
      }
    }
    return model.build();
  }

  private static byte[] fixture(String name) throws IOException {
    try (InputStream in = OnnxEncoderTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private static ModelSpec spec(List<TaskSpec> tasks, boolean mixture) {
    LearningSpec l = LearningSpec.defaults();
    return new ModelSpec(
        List.of("speed", "temperature \"inner\"", "constant"),
        tasks,
        new NetworkSpec(List.of(2), Activation.RELU, List.of(), true),
        new LearningSpec(
            l.miniBatch(),
            l.passes(),
            l.replayRows(),
            l.replayCapacity(),
            l.optimizer(),
            l.learningRate(),
            l.beta1(),
            l.beta2(),
            l.epsilon(),
            l.scaleWindow(),
            l.gapMillis(),
            l.guardPatience(),
            mixture,
            l.seed()),
        SamGs.Settings.defaults(),
        EDetector.Settings.defaults());
  }

  /** A model small enough to be worked out by hand; its first weight is given. */
  private static ModelSnapshot snapshot(float first) {
    ModelSpec spec = spec(TASKS, false);
    float[] parameters = {
      // trunk, 2 × 3 weights and biases
      first,
      0,
      0,
      0,
      0.25f,
      0,
      0.5f,
      0,
      // thickness: weights, bias, skip path
      2,
      1,
      1,
      0,
      0.5f,
      7,
      // scrap
      -2,
      0,
      0,
      0,
      0,
      0,
      // fault: 3 × 2 weights, biases, 3 × 3 skip path
      1,
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      -0.5f,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0
    };
    return new ModelSnapshot(
        spec,
        (1L << 32) + 3,
        640,
        1000,
        1_750_000_000_123L,
        parameters,
        new float[0],
        new double[] {10, 20, 5},
        new double[] {2, 0.5, 0},
        new double[] {1e9, 0, 0},
        new double[] {4, 1, 1},
        List.of(),
        List.of(
            new ModelSnapshot.Score("thickness", 500, 0.25, 2.5),
            new ModelSnapshot.Score("scrap", 20, 0.125, 0.5),
            new ModelSnapshot.Score("fault", 0, Double.NaN, Double.NaN)),
        LINEAGE);
  }

  /** The same network among other experts, each task with the weights {@link #SHARES}. */
  private static ModelSnapshot mixtureSnapshot() {
    ModelSnapshot s = snapshot(1f);
    return new ModelSnapshot(
        spec(TASKS, true),
        s.version(),
        s.update(),
        s.rows(),
        s.latestTimestamp(),
        s.parameters(),
        new float[s.parameters().length],
        s.featureMeans(),
        s.featureDeviations(),
        s.targetMeans(),
        s.targetDeviations(),
        List.of(
            new Mixture(
                100,
                4,
                SHARES,
                new double[] {0, 1, 1, 0, 0, 0.5, 0},
                new double[] {0},
                new double[] {0.5},
                List.of(
                    new float[] {1, 0, 0, 0.25f},
                    new float[] {0, 1, 0, 0},
                    new float[] {20, 0, 0, 0})),
            new Mixture(
                0,
                1,
                SHARES,
                new double[] {1, 0, 0, 1, 0.1, 0, 0},
                new double[] {0.25},
                new double[] {0.5},
                List.of(new float[4], new float[] {0, 0, 0, 1}, new float[] {0, 0, 0, 1000})),
            new Mixture(
                0,
                1,
                SHARES,
                new double[] {2, 0, 0, 0, 0, 0, 0},
                new double[] {0.5, 0.25, 0.25},
                new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0},
                List.of(new float[12], new float[12], new float[12]))),
        s.scores(),
        s.lineage());
  }
}
