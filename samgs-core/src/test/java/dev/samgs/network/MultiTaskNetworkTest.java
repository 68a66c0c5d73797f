package dev.samgs.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.spec.Activation;
import dev.samgs.spec.ModelSpec;
import dev.samgs.surgery.TaskGradients;
import dev.samgs.vectors.Allocation;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MultiTaskNetworkTest {
  @Test
  void forwardAndBackwardAllocateNothingOnceWarm() {
    Random random = new Random(5);
    for (Activation activation : Activation.values()) {
      ModelSpec spec = RandomModels.spec(random, activation);
      NetworkLayout layout = new NetworkLayout(spec);
      MultiTaskNetwork network = new MultiTaskNetwork(spec, layout);
      RandomModels.Batch batch = RandomModels.batch(random, spec, 32);
      float[] parameters = RandomModels.dyadicParameters(random, layout);
      TaskGradients shared = new TaskGradients(spec.tasks().size(), layout.sharedLength());
      float[] own = new float[layout.length()];
      long bytes =
          Allocation.afterWarmUp(
              () -> {
                network.forward(parameters, batch.inputs(), batch.rows());
                network.backward(batch.targets(), shared, own);
              });
      assertThat(bytes).as("bytes per call, %s", activation).isZero();
    }
  }

  @Test
  void aTaskWithoutALabelIsAbsentAndItsOwnGradientIsLeftAlone() {
    Random random = new Random(3);
    ModelSpec spec = RandomModels.spec(random, Activation.RELU);
    NetworkLayout layout = new NetworkLayout(spec);
    MultiTaskNetwork network = new MultiTaskNetwork(spec, layout);
    RandomModels.Batch batch = RandomModels.batch(random, spec, 4);
    java.util.Arrays.fill(batch.targets(), Float.NaN);
    TaskGradients shared = new TaskGradients(spec.tasks().size(), layout.sharedLength());
    shared.setPresent(0, 1);
    float[] own = new float[layout.length()];
    java.util.Arrays.fill(own, 7f);
    float[] parameters = RandomModels.dyadicParameters(random, layout);
    network.forward(parameters, batch.inputs(), 4);
    network.backward(batch.targets(), shared, own);
    assertThat(shared.presentTasks()).isZero();
    assertThat(own).containsOnly(7f);
  }
}
