package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.Preset;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import dev.samgs.vectors.Allocation;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole step of a warm learner, from rows that arrive to moved parameters, with everything that
 * is on by default: scaling, prediction, scores, drift and shift detectors, replay, surgery. Only
 * an alarm allocates; these rows raise none.
 */
class WarmStepTest {
  private static final int FEATURES = 20;
  private static final int BATCHES = 16;

  @ParameterizedTest
  @EnumSource(Preset.class)
  void allocatesNothing(Preset preset) {
    ModelSpec spec = spec(preset.learning());
    RowBatch[] batches = batches(spec);
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    int[] next = {0};
    long bytes =
        Allocation.afterWarmUp(
            preset == Preset.FAST ? 1000 : 100,
            () -> {
              RowBatch batch = batches[next[0]++ % BATCHES];
              learner.arrive(batch);
              learner.release(batch);
            });
    assertThat(bytes).as("bytes per mini-batch").isZero();
    assertThat(learner.state().updates()).isGreaterThanOrEqualTo(300L * preset.learning().passes());
  }

  private static ModelSpec spec(LearningSpec learning) {
    return new ModelSpec(
        IntStream.range(0, FEATURES).mapToObj(f -> "f" + f).toList(),
        List.of(
            TaskSpec.regression("value"), TaskSpec.binary("fault"), TaskSpec.multiclass("kind", 4)),
        NetworkSpec.defaults(),
        learning,
        SamGs.Settings.defaults(),
        DetectorMethod.all().get(0).defaults());
  }

  /** Mini-batches that the learner is shown again and again; some features and labels missing. */
  private static RowBatch[] batches(ModelSpec spec) {
    Random random = new Random(1);
    RowBatch[] batches = new RowBatch[BATCHES];
    for (int b = 0; b < BATCHES; b++) {
      batches[b] = new RowBatch(spec);
      for (int r = 0; r < spec.learning().miniBatch(); r++) {
        double[] values = new double[FEATURES];
        double signal = 0;
        for (int f = 0; f < FEATURES; f++) {
          values[f] = random.nextGaussian();
          signal += values[f] * (f % 5 - 2);
        }
        values[r % FEATURES] = r % 3 == 0 ? Double.NaN : values[r % FEATURES];
        double[] labels = {signal, signal > 0 ? 1 : 0, Math.floorMod((long) signal, 4)};
        labels[b % 3] = r % 2 == 0 ? Double.NaN : labels[b % 3];
        batches[b].add(new Row(r, values, labels));
      }
    }
    return batches;
  }
}
