package dev.samgs.learn;

import dev.samgs.drift.Adwin;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** Synthetic labelled rows of a linear process with noise, and specs to learn them. */
final class Rows {
  private Rows() {}

  static final List<TaskSpec> TASKS =
      List.of(
          TaskSpec.regression("width"), TaskSpec.binary("scrap"), TaskSpec.multiclass("fault", 3));

  /** Small numbers everywhere, so that mini-batches, replay and the window wrap around soon. */
  static LearningSpec learning() {
    return new LearningSpec(
        8, 2, 6, 20, OptimizerKind.ADAM, 3e-3, 0.9, 0.999, 1e-8, 50, 0, 5, true, 1);
  }

  static ModelSpec spec(List<TaskSpec> tasks, LearningSpec learning) {
    return new ModelSpec(
        List.of("a", "b", "c"),
        tasks,
        new NetworkSpec(List.of(7, 5), Activation.RELU, List.of(4), true),
        learning,
        SamGs.Settings.defaults(),
        new Adwin.Settings(0.002, 4, 16));
  }

  static ModelSpec spec() {
    return spec(TASKS, learning());
  }

  /** {@code count} rows with some features and some labels missing. */
  static List<Row> make(ModelSpec spec, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Row> rows = new ArrayList<>();
    long timestamp = 1_000_000;
    for (int r = 0; r < count; r++) {
      double[] features = new double[spec.features().size()];
      double signal = 0;
      for (int f = 0; f < features.length; f++) {
        double value = random.nextGaussian();
        signal += (f + 1) * value;
        features[f] = random.nextInt(8) == 0 ? Double.NaN : 100 + 10 * value;
      }
      double[] labels = new double[spec.tasks().size()];
      for (int t = 0; t < labels.length; t++) {
        labels[t] =
            random.nextInt(3) == 0 ? Double.NaN : label(spec.tasks().get(t), signal, random);
      }
      timestamp += random.nextInt(20) == 0 ? 5000 : random.nextInt(200) - 50;
      rows.add(new Row(timestamp, features, labels));
    }
    return rows;
  }

  private static double label(TaskSpec task, double signal, SplittableRandom random) {
    double noisy = signal + 0.3 * random.nextGaussian();
    if (task.kind() == TaskKind.REGRESSION) {
      return 5000 + 40 * noisy;
    }
    int classes = task.labelClasses();
    return Math.max(0, Math.min(classes - 1, Math.floor(classes / 2.0 + noisy / 3)));
  }

  /** The rows with their labels changed. */
  static List<Row> relabelled(List<Row> rows, UnaryOperator<double[]> change) {
    return rows.stream()
        .map(row -> new Row(row.timestamp(), row.features(), change.apply(row.labels().clone())))
        .toList();
  }

  static List<Row> unlabelled(List<Row> rows) {
    return relabelled(
        rows,
        labels -> {
          Arrays.fill(labels, Double.NaN);
          return labels;
        });
  }

  /** Predicts and learns each row before the next. */
  static void learn(OnlineLearner learner, List<Row> rows) {
    RowBatch batch = new RowBatch(learner.state().spec());
    for (Row row : rows) {
      batch.clear();
      batch.add(row);
      learner.arrive(batch);
      learner.release(batch);
    }
  }
}
