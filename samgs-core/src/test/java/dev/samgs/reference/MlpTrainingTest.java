package dev.samgs.reference;

import static dev.samgs.vectors.Closeness.assertClose;
import static dev.samgs.vectors.Closeness.narrowed;
import static dev.samgs.vectors.Closeness.widened;
import static dev.samgs.vectors.VectorSource.matrix;
import static dev.samgs.vectors.VectorSource.number;
import static dev.samgs.vectors.VectorSource.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.samgs.network.MultiTaskNetwork;
import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.optim.Optimizer;
import dev.samgs.reference.ReferenceSamGs.StepCount;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import dev.samgs.surgery.SamGs.Scale;
import dev.samgs.surgery.SamGs.Trigger;
import dev.samgs.surgery.SurgeryStep;
import dev.samgs.surgery.TaskGradients;
import dev.samgs.vectors.VectorSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Forty steps of the whole training loop against PyTorch around the authors' SAM-GS. */
class MlpTrainingTest {
  private static final double RATE = 1e-3;

  private static final ModelSpec SPEC =
      new ModelSpec(
          List.of("a", "b", "c", "d", "e", "f"),
          List.of(
              TaskSpec.regression("value"),
              TaskSpec.binary("flag"),
              TaskSpec.multiclass("kind", 4)),
          new NetworkSpec(List.of(16, 8), Activation.RELU, List.of(), false),
          LearningSpec.defaults(),
          SamGs.Settings.defaults(),
          null);

  private static final LearningSpec ADAM =
      new LearningSpec(32, 1, 0, 0, OptimizerKind.ADAM, RATE, 0.9, 0.999, 1e-8, 2, 0, 1, false, 1);

  private static final NetworkLayout LAYOUT = new NetworkLayout(SPEC);

  @ParameterizedTest
  @EnumSource
  void theReferenceTrainsAsThePublishedCodeDoes(VectorSource source) {
    JsonNode file = source.read("mlp_training.json");
    for (JsonNode variant : file.get("cases")) {
      INDArray parameters = Nd4j.createFromArray(flat(file.get("initial_weights")));
      ReferenceLoop loop = new ReferenceLoop(variant, parameters);
      List<Batch> batches = batches(file, variant);
      for (JsonNode expected : variant.get("steps")) {
        int step = expected.get("step").intValue();
        String where = name(variant) + ", step " + step;
        Batch batch = batches.get(step - 1);
        loop.step(Nd4j.createFromArray(batch.inputs()), Nd4j.createFromArray(batch.targets()));
        loop.assertStep(where, expected);
        JsonNode weights = variant.get("weights_after").get(String.valueOf(step));
        if (weights != null) {
          // Adam turns a gradient near zero into a step of the size of the rate, so an error is
          // judged against the largest weight.
          assertClose(where + ", weights", parameters.toDoubleVector(), flat(weights), 1e-10);
        }
      }
    }
  }

  /**
   * Both start from the same float weights and read the same float rows. Forty times a weight near
   * 0.5 is rounded to float by up to 3·10⁻⁸, so that after forty steps it may be off by a
   * thousandth of one step of 10⁻³ (2·10⁻⁷ is what is seen).
   */
  @ParameterizedTest
  @EnumSource
  void theFloatPathTrainsAsTheReferenceDoes(VectorSource source) {
    JsonNode file = source.read("mlp_training.json");
    for (JsonNode variant : file.get("cases")) {
      if (variant.get("counters").textValue().equals("global")
          && !variant.get("batches").textValue().equals("all_labels")) {
        continue; // the float path corrects each task's momentum by its own count
      }
      float[] weights = narrowed(flat(file.get("initial_weights")));
      INDArray parameters = Nd4j.createFromArray(widened(weights));
      ReferenceLoop reference = new ReferenceLoop(variant, parameters);
      FloatLoop loop = new FloatLoop(variant, weights);
      List<Batch> batches = batches(file, variant);
      for (JsonNode recorded : variant.get("steps")) {
        int step = recorded.get("step").intValue();
        Batch batch = batches.get(step - 1).rounded();
        reference.step(Nd4j.createFromArray(batch.inputs()), Nd4j.createFromArray(batch.targets()));
        loop.step(batch);
        String where = name(variant) + ", step " + step;
        assertThat(loop.surgery.branch()).as(where).isEqualTo(reference.surgery.branch());
        assertThat(loop.surgery.meanSimilarity())
            .as(where)
            .isCloseTo(reference.surgery.meanSimilarity(), within(1e-5));
      }
      assertClose(name(variant), widened(weights), parameters.toDoubleVector(), 1e-3 * RATE, 1);
    }
  }

  private static String name(JsonNode variant) {
    return variant.get("batches").textValue()
        + ", γ "
        + variant.get("gamma")
        + ", "
        + variant.get("counters").textValue()
        + (variant.get("scale_and_clip").booleanValue() ? ", scaled and clipped" : ", plain");
  }

  private static SamGs.Settings settings(JsonNode variant) {
    boolean scaled = variant.get("scale_and_clip").booleanValue();
    return SamGs.Settings.published(
        Trigger.MEAN,
        scaled ? Scale.TASKS : Scale.NONE,
        variant.get("gamma").doubleValue(),
        variant.get("beta1").doubleValue(),
        variant.get("beta2").doubleValue(),
        scaled ? 1 : 0);
  }

  /** Rows of a mini-batch; targets are {@code rows × tasks}. */
  private record Batch(double[][] inputs, double[][] targets) {
    Batch rounded() {
      return new Batch(rounded(inputs), rounded(targets));
    }

    private static double[][] rounded(double[][] rows) {
      double[][] rounded = new double[rows.length][];
      for (int r = 0; r < rows.length; r++) {
        rounded[r] = widened(narrowed(rows[r]));
      }
      return rounded;
    }

    float[] flat(double[][] rows) {
      return narrowed(Nd4j.createFromArray(rows).reshape(-1).toDoubleVector());
    }
  }

  private static List<Batch> batches(JsonNode file, JsonNode variant) {
    List<Batch> batches = new ArrayList<>();
    for (JsonNode batch : file.get("batch_sets").get(variant.get("batches").textValue())) {
      double[][] inputs = matrix(batch.get("x"));
      double[] value = vector(batch.get("y_regression"));
      double[] flag = vector(batch.get("y_binary"));
      double[] kind = vector(batch.get("y_class"));
      double[][] targets = new double[inputs.length][];
      for (int r = 0; r < targets.length; r++) {
        targets[r] = new double[] {value[r], flag[r], kind[r]};
      }
      batches.add(new Batch(inputs, targets));
    }
    return batches;
  }

  /** The recorded weights in the order of the layout, which is the order of the file. */
  private static double[] flat(JsonNode weights) {
    List<Double> values = new ArrayList<>();
    weights.forEach(
        array ->
            array.forEach(
                element -> {
                  if (element.isArray()) {
                    element.forEach(value -> values.add(number(value)));
                  } else {
                    values.add(number(element));
                  }
                }));
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static final class ReferenceLoop {
    final ReferenceNetwork network = new ReferenceNetwork(SPEC, LAYOUT);
    final ReferenceOptimizer adam =
        new ReferenceOptimizer(ADAM, LAYOUT.length(), 1 + SPEC.tasks().size());
    final ReferenceSamGs samGs;
    final INDArray parameters;
    ReferenceNetwork.Gradients gradients;
    ReferenceSamGs.Step surgery;

    ReferenceLoop(JsonNode variant, INDArray parameters) {
      this.samGs =
          new ReferenceSamGs(
              settings(variant),
              Nd4j.zeros(SPEC.tasks().size(), LAYOUT.sharedLength()),
              StepCount.valueOf(
                  variant.get("counters").textValue().toUpperCase(java.util.Locale.ROOT)));
      this.parameters = parameters;
    }

    void step(INDArray inputs, INDArray targets) {
      gradients = network.backward(parameters, inputs, targets);
      boolean[] present = new boolean[SPEC.tasks().size()];
      for (int t = 0; t < present.length; t++) {
        present[t] = !Double.isNaN(gradients.losses()[t]);
      }
      surgery = samGs.step(gradients.shared(), present);
      adam.step(0, parameters, 0, surgery.direction(), RATE);
      for (int t = 0; t < present.length; t++) {
        if (present[t]) {
          Head head = LAYOUT.heads().get(t);
          INDArray own = gradients.all().get(NDArrayIndex.interval(head.from(), head.to()));
          adam.step(1 + t, parameters, head.from(), own, RATE);
        }
      }
    }

    void assertStep(String where, JsonNode expected) {
      double[] losses = vector(expected.get("losses"));
      for (int t = 0; t < losses.length; t++) {
        assertClose(where + ", loss of " + t, gradients.losses()[t], losses[t], 1e-10);
      }
      JsonNode present = expected.get("present");
      if (expected.has("shared_gradients")) {
        for (int i = 0; i < present.size(); i++) {
          int task = present.get(i).intValue();
          assertClose(
              where + ", shared gradient of " + task,
              gradients.shared().getRow(task).toDoubleVector(),
              vector(expected.get("shared_gradients").get(i)),
              1e-10);
        }
      }
      if (expected.has("head_gradients") && present.size() == SPEC.tasks().size()) {
        assertClose(
            where + ", head gradients",
            gradients
                .all()
                .get(NDArrayIndex.interval(LAYOUT.sharedLength(), LAYOUT.length()))
                .toDoubleVector(),
            flat(expected.get("head_gradients")),
            1e-10);
      }
      assertThat(surgery.branch()).as(where).isEqualTo(ReferenceSamGsTest.branch(expected));
      assertClose(
          where + ", s̄", surgery.meanSimilarity(), number(expected.get("mean_similarity")), 1e-10);
      assertClose(where + ", v", surgery.v(), number(expected.get("v")), 1e-10);
      assertClose(
          where + ", ‖direction‖",
          surgery.direction().norm2Number().doubleValue(),
          number(expected.get("applied_norm")),
          1e-10);
      if (expected.has("applied")) {
        assertClose(
            where + ", direction",
            surgery.direction().toDoubleVector(),
            vector(expected.get("applied")),
            1e-10);
      }
    }
  }

  private static final class FloatLoop {
    final MultiTaskNetwork network = new MultiTaskNetwork(SPEC, LAYOUT);
    final Optimizer adam = new Optimizer(ADAM, LAYOUT.length(), 1 + SPEC.tasks().size());
    final TaskGradients shared = new TaskGradients(SPEC.tasks().size(), LAYOUT.sharedLength());
    final float[] direction = new float[LAYOUT.sharedLength()];
    final float[] own = new float[LAYOUT.length()];
    final SamGs samGs;
    final float[] parameters;
    SurgeryStep surgery;

    FloatLoop(JsonNode variant, float[] parameters) {
      this.samGs = new SamGs(settings(variant), SPEC.tasks().size(), LAYOUT.sharedLength());
      this.parameters = parameters;
    }

    void step(Batch batch) {
      network.forward(parameters, batch.flat(batch.inputs()), batch.inputs().length);
      network.backward(batch.flat(batch.targets()), shared, own);
      surgery = samGs.aggregate(shared, direction);
      adam.step(0, parameters, 0, LAYOUT.sharedLength(), direction, RATE);
      for (int t = 0; t < SPEC.tasks().size(); t++) {
        if (shared.present(t)) {
          Head head = LAYOUT.heads().get(t);
          adam.step(1 + t, parameters, head.from(), head.to(), own, RATE);
        }
      }
    }
  }
}
