package dev.samgs.network;

import static dev.samgs.vectors.Closeness.widened;

import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.LossKind;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Random networks and batches. Parameters and inputs are multiples of powers of two, so that the
 * weighted sums of up to three ReLU layers are exact in float: both precisions see every sum on the
 * same side of the kink.
 */
final class RandomModels {
  private RandomModels() {}

  static ModelSpec spec(Random random, Activation... activations) {
    List<String> features = new ArrayList<>();
    for (int f = 1 + random.nextInt(6); f > 0; f--) {
      features.add("f" + f);
    }
    List<TaskSpec> tasks = new ArrayList<>();
    for (int t = 1 + random.nextInt(4); t > 0; t--) {
      tasks.add(task(random, "t" + t));
    }
    List<Integer> trunk = widths(random, 1 + random.nextInt(2));
    List<Integer> head = widths(random, random.nextInt(2));
    return new ModelSpec(
        features,
        tasks,
        new NetworkSpec(
            trunk, activations[random.nextInt(activations.length)], head, random.nextBoolean()),
        LearningSpec.defaults(),
        SamGs.Settings.defaults(),
        null);
  }

  private static List<Integer> widths(Random random, int layers) {
    List<Integer> widths = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      widths.add(1 + random.nextInt(9));
    }
    return widths;
  }

  private static TaskSpec task(Random random, String name) {
    TaskKind kind = TaskKind.values()[random.nextInt(3)];
    int classes = kind == TaskKind.MULTICLASS ? 2 + random.nextInt(4) : 0;
    LossKind loss =
        kind == TaskKind.REGRESSION && random.nextBoolean() ? LossKind.HUBER : LossKind.AUTO;
    int labelClasses = kind == TaskKind.BINARY ? 2 : classes;
    List<Double> classWeights = new ArrayList<>();
    if (random.nextBoolean()) {
      for (int c = 0; c < labelClasses; c++) {
        classWeights.add((1 + random.nextInt(16)) / 4.0);
      }
    }
    double huberDelta = (1 + random.nextInt(8)) / 4.0;
    double weight = (1 + random.nextInt(8)) / 4.0;
    return new TaskSpec(name, kind, classes, loss, huberDelta, weight, true, classWeights);
  }

  /**
   * Rows of a batch, row-major.
   *
   * @param targets {@code rows × tasks}, NaN where unknown
   */
  record Batch(int rows, float[] inputs, float[] targets) {
    INDArray wideInputs() {
      return Nd4j.createFromArray(widened(inputs)).reshape(rows, -1);
    }

    INDArray wideTargets() {
      return Nd4j.createFromArray(widened(targets)).reshape(rows, -1);
    }
  }

  static Batch batch(Random random, ModelSpec spec, int rows) {
    int features = spec.features().size();
    int tasks = spec.tasks().size();
    float[] inputs = new float[rows * features];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (random.nextInt(17) - 8) / 4f;
    }
    float[] targets = new float[rows * tasks];
    for (int t = 0; t < tasks; t++) {
      double known = random.nextInt(4) / 3.0;
      for (int r = 0; r < rows; r++) {
        int classes = spec.tasks().get(t).labelClasses();
        targets[r * tasks + t] =
            random.nextDouble() >= known
                ? Float.NaN
                : classes > 0 ? random.nextInt(classes) : (float) random.nextGaussian();
      }
    }
    return new Batch(rows, inputs, targets);
  }

  static float[] dyadicParameters(Random random, NetworkLayout layout) {
    float[] parameters = new float[layout.length()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = (random.nextInt(17) - 8) / 8f;
    }
    return parameters;
  }
}
