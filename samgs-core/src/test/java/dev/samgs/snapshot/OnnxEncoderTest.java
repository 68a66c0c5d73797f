package dev.samgs.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.drift.Adwin;
import dev.samgs.learn.LearnerState;
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
import java.util.List;
import java.util.Map;
import onnx.Onnx.ModelProto;
import org.junit.jupiter.api.Test;

class OnnxEncoderTest {
  private static final String FIXTURE = "snapshot-format-1.onnx";

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
          .containsEntry("samgs.format", "1")
          .containsEntry("samgs.model", "line-3")
          .containsEntry("samgs.version", "4294967299")
          .containsEntry("samgs.update", "640")
          .containsEntry("samgs.watermark", "1750000000123")
          .containsEntry(
              "samgs.structure",
              // of features=speed,temperature "inner",constant tasks=… trunk=[2] … skip=true
              "4038fb3a2a47921787c6b4c4115b60a0c3bcf9e466f63774935a3611b46da99b")
          .containsEntry(
              "samgs.scores",
              "{\"thickness\":{\"labels\":500,\"loss\":0.25,\"baselineLoss\":2.5},"
                  + "\"scrap\":{\"labels\":20,\"loss\":0.125,\"baselineLoss\":0.5},"
                  + "\"fault\":{\"labels\":0,\"loss\":null,\"baselineLoss\":null}}")
          .containsEntry("samgs.features", "[\"speed\",\"temperature \\\"inner\\\"\",\"constant\"]")
          .containsEntry(
              "samgs.tasks",
              "[{\"name\":\"thickness\",\"kind\":\"regression\",\"classes\":0,\"output\":\"thickness\"},"
                  + "{\"name\":\"scrap\",\"kind\":\"binary\",\"classes\":2,\"output\":\"scrap_probability\"},"
                  + "{\"name\":\"fault\",\"kind\":\"multiclass\",\"classes\":3,\"output\":\"fault_probabilities\"}]")
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
            s.scores());
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
    ModelSpec spec = spec(List.of(TaskSpec.regression("samgs/3"), TaskSpec.regression("samgs_/3")));
    ModelSnapshot snapshot = ModelSnapshot.take(new LearnerState(spec, 1));
    try (OnnxModel model = new OnnxModel(OnnxEncoder.encode("line-3", snapshot))) {
      assertThat(model.predict(new double[] {1, 2, 3})).containsOnlyKeys("samgs/3", "samgs_/3");
    }
  }

  @Test
  void tasksWhoseOutputsWouldShareANameAreRefusedInTheSpec() {
    assertThatThrownBy(
            () -> spec(List.of(TaskSpec.binary("scrap"), TaskSpec.regression("scrap_probability"))))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(
            "task 'scrap_probability' would have the output 'scrap_probability' in snapshots,"
                + " a name that is taken; rename the task");
    assertThatThrownBy(() -> spec(List.of(TaskSpec.regression("features"))))
        .isInstanceOf(InvalidSettingException.class);
  }

  @Test
  void aSmallModelGivesTheNumbersWorkedOutByHand() throws Exception {
    try (OnnxModel model = new OnnxModel(OnnxEncoder.encode("line-3", snapshot(1f)))) {
      assertHandWorked(model);
    }
  }

  private static void assertHandWorked(OnnxModel model) throws Exception {
    // speed 12 is one deviation above its mean; the temperature lies far below the limit of 8
    // deviations; the third feature has been constant, so that its value does not count.
    Map<String, double[][]> outputs =
        model.predict(new double[] {12, -1e6, 99}, new double[] {12, Double.NaN, Double.NaN});
    // trunk: relu(1·1 + 0.5) = 1.5 and relu(0.25·−8) = 0; in the second row relu(0.25·0) = 0 too
    double thickness = 2 * 1.5 + 1; // and the skip path, 0.5·temperature
    assertThat(outputs.get("thickness")[0][0]).isEqualTo(1e9 + 4 * (thickness + 0.5 * -8));
    assertThat(outputs.get("thickness")[1][0]).isEqualTo(1e9 + 4 * thickness);
    assertThat(outputs.get("scrap_probability")[0][0])
        .isCloseTo(1 / (1 + Math.exp(3)), within(1e-15));
    double all = Math.exp(1.5) + 1 + Math.exp(-0.5);
    assertThat(outputs.get("fault_probabilities")[0])
        .containsExactly(
            new double[] {Math.exp(1.5) / all, 1 / all, Math.exp(-0.5) / all}, within(1e-15));
  }

  /** A snapshot of this format that was written once and is read for ever. */
  @Test
  void theFrozenSnapshotOfFormat1IsStillRead() throws Exception {
    try (OnnxModel model = new OnnxModel(fixture())) {
      assertHandWorked(model);
      assertThat(model.metadata()).containsEntry("samgs.format", "1");
    }
  }

  /** Whoever changes what is written must give the format a new number and freeze it too. */
  @Test
  void theEncoderStillWritesFormat1() throws Exception {
    byte[] encoded = OnnxEncoder.encode("line-3", snapshot(1f));
    Files.write(Path.of("target", FIXTURE), encoded);
    ModelProto present = ModelProto.parseFrom(encoded);
    ModelProto frozen =
        ModelProto.parseFrom(fixture()).toBuilder()
            .setProducerVersion(present.getProducerVersion())
            .build();
    assertThat(present).as("what was written is kept in target/" + FIXTURE).isEqualTo(frozen);
  }

  private static byte[] fixture() throws IOException {
    try (InputStream in = OnnxEncoderTest.class.getResourceAsStream(FIXTURE)) {
      return in.readAllBytes();
    }
  }

  private static ModelSpec spec(List<TaskSpec> tasks) {
    return new ModelSpec(
        List.of("speed", "temperature \"inner\"", "constant"),
        tasks,
        new NetworkSpec(List.of(2), Activation.RELU, List.of(), true),
        LearningSpec.defaults(),
        SamGs.Settings.defaults(),
        Adwin.Settings.defaults());
  }

  /** A model small enough to be worked out by hand; its first weight is given. */
  private static ModelSnapshot snapshot(float first) {
    ModelSpec spec =
        spec(
            List.of(
                TaskSpec.regression("thickness"),
                TaskSpec.binary("scrap"),
                TaskSpec.multiclass("fault", 3)));
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
            new ModelSnapshot.Score("fault", 0, Double.NaN, Double.NaN)));
  }
}
