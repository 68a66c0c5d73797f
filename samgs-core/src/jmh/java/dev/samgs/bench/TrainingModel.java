package dev.samgs.bench;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.ReplayRows;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.Preset;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The models and rows that training is measured with. */
final class TrainingModel {
  /** No replay: rows are neither kept nor drawn. */
  static final ReplayRows NO_REPLAY =
      new ReplayRows() {
        @Override
        public Row get(int slot) {
          throw new IllegalStateException("no replay");
        }

        @Override
        public void put(int slot, Row row) {}
      };

  private TrainingModel() {}

  /** The preset {@code fast} with that mini-batch; tasks in turn of each kind. */
  static ModelSpec spec(int features, List<Integer> trunk, int tasks, int miniBatch, boolean mix) {
    List<String> names = new ArrayList<>();
    for (int f = 0; f < features; f++) {
      names.add("f" + f);
    }
    List<TaskSpec> specs = new ArrayList<>();
    for (int t = 0; t < tasks; t++) {
      specs.add(
          switch (t % 3) {
            case 0 -> TaskSpec.regression("value" + t);
            case 1 -> TaskSpec.binary("fault" + t);
            default -> TaskSpec.multiclass("class" + t, 4);
          });
    }
    LearningSpec fast = Preset.FAST.learning();
    LearningSpec learning =
        new LearningSpec(
            miniBatch,
            fast.passes(),
            fast.replayRows(),
            fast.replayCapacity(),
            fast.optimizer(),
            fast.learningRate(),
            fast.beta1(),
            fast.beta2(),
            fast.epsilon(),
            fast.scaleWindow(),
            0,
            fast.guardPatience(),
            mix,
            1);
    return new ModelSpec(
        names,
        specs,
        new NetworkSpec(trunk, Activation.RELU, List.of(), true),
        learning,
        SamGs.Settings.defaults(),
        DetectorMethod.all().get(0).defaults());
  }

  /** {@code count} mini-batches of rows with every label, some of it to be learnt. */
  static RowBatch[] miniBatches(ModelSpec spec, int count) {
    Random random = new Random(1);
    RowBatch[] batches = new RowBatch[count];
    int features = spec.features().size();
    int rows = spec.learning().miniBatch();
    for (int b = 0; b < count; b++) {
      batches[b] = new RowBatch(spec);
      for (int r = 0; r < rows; r++) {
        double[] values = new double[features];
        double signal = 0;
        for (int f = 0; f < features; f++) {
          values[f] = random.nextGaussian();
          signal += values[f] * (f % 5 - 2);
        }
        double[] labels = new double[spec.tasks().size()];
        for (int t = 0; t < labels.length; t++) {
          double noisy = signal + random.nextGaussian();
          labels[t] =
              switch (spec.tasks().get(t).kind()) {
                case REGRESSION -> noisy;
                case BINARY -> noisy > 0 ? 1 : 0;
                case MULTICLASS -> Math.floorMod((long) noisy, 4);
              };
        }
        batches[b].add(new Row((long) b * rows + r, values, labels));
      }
    }
    return batches;
  }
}
