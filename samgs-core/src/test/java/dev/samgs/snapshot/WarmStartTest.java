package dev.samgs.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.Trainer;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WarmStartTest {
  private static final List<TaskSpec> TASKS =
      List.of(TaskSpec.regression("wear"), TaskSpec.multiclass("grade", 3));

  private static ModelSpec spec(
      List<String> features, List<TaskSpec> tasks, int width, boolean mixture) {
    return new ModelSpec(
        features,
        tasks,
        new NetworkSpec(List.of(width, 4), Activation.TANH, List.of(3), true),
        LearningSpec.defaults().withMixture(mixture),
        SurgeryMethod.all().get(0).defaults(),
        DetectorMethod.all().get(0).defaults());
  }

  private static byte[] trained(ModelSpec spec) {
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    SplittableRandom random = new SplittableRandom(5);
    RowBatch batch = new RowBatch(spec);
    for (int r = 0; r < 640; r++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      batch.clear();
      batch.add(
          new Row(
              r,
              new double[] {100 + 5 * a, b},
              new double[] {50 + 3 * a - 2 * b, a > 0.5 ? 2 : a > -0.5 ? 1 : 0}));
      learner.arrive(batch);
      learner.release(batch);
    }
    return OnnxEncoder.encode("old", ModelSnapshot.take(learner.state()));
  }

  private static double[] predict(ModelSpec spec, LearnerState state, double... features) {
    double[] unknown = new double[spec.tasks().size()];
    Arrays.fill(unknown, Double.NaN);
    RowBatch batch = new RowBatch(spec);
    batch.add(new Row(1, features, unknown));
    new Trainer(spec).predict(dev.samgs.learn.FrozenModel.of(state), batch);
    return Arrays.copyOf(batch.predictions(), spec.outputs());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void moreFeaturesAndTasksLeaveWhatWasLearnedAsItWas(boolean mixture) throws Exception {
    ModelSpec old = spec(List.of("a", "b"), TASKS, 6, mixture);
    byte[] onnx = trained(old);
    List<TaskSpec> more = List.of(TaskSpec.binary("scrap"), TASKS.get(1), TASKS.get(0));
    ModelSpec wider = spec(List.of("new", "b", "a"), more, 6, mixture);

    LearnerState state = new LearnerState(wider, 7);
    state.bringBack(WarmStart.of(OnnxDecoder.decode(onnx), wider));
    double[] warm = predict(wider, state, 12345, 0.3, 104);

    try (OnnxModel model = new OnnxModel(onnx)) {
      var outputs = model.predict(new double[] {104, 0.3});
      assertThat(warm[0]).as("a task that is new has learned nothing").isEqualTo(0.5);
      for (int c = 0; c < 3; c++) {
        assertThat(warm[1 + c]).isCloseTo(outputs.get("grade_probabilities")[0][c], within(1e-6));
      }
      assertThat(warm[4]).isCloseTo(outputs.get("wear")[0][0], within(1e-4));
    }
    assertThat(state.updates()).isZero();
    assertThat(state.incarnation()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFeatureThatIsGoneIsToTheOthersAsAMissingValue(boolean mixture) throws Exception {
    byte[] onnx = trained(spec(List.of("a", "b"), TASKS, 6, mixture));
    ModelSpec narrower = spec(List.of("b"), TASKS, 6, mixture);

    LearnerState state = new LearnerState(narrower, 0);
    state.bringBack(WarmStart.of(OnnxDecoder.decode(onnx), narrower));
    double[] warm = predict(narrower, state, 0.3);

    try (OnnxModel model = new OnnxModel(onnx)) {
      var outputs = model.predict(new double[] {Double.NaN, 0.3});
      assertThat(warm[0]).isCloseTo(outputs.get("wear")[0][0], within(1e-4));
      for (int c = 0; c < 3; c++) {
        assertThat(warm[1 + c]).isCloseTo(outputs.get("grade_probabilities")[0][c], within(1e-6));
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithASentence() throws Exception {
    ModelSnapshot old = OnnxDecoder.decode(trained(spec(List.of("a", "b"), TASKS, 6, true)));
    assertThatThrownBy(() -> WarmStart.of(old, spec(List.of("c", "d"), TASKS, 6, true)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it has none of the configuration's features");
    assertThatThrownBy(() -> WarmStart.of(old, spec(List.of("a", "b"), TASKS, 7, true)))
        .hasMessageContaining("its network is ");
    assertThatThrownBy(() -> WarmStart.of(old, spec(List.of("a", "b"), TASKS, 6, false)))
        .hasMessageContaining("mixture is true in it");
    List<TaskSpec> others = List.of(TaskSpec.binary("wear"));
    assertThatThrownBy(() -> WarmStart.of(old, spec(List.of("a", "b"), others, 6, true)))
        .hasMessageContaining("none of the configuration's tasks");
  }
}
