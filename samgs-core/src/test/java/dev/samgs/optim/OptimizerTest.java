package dev.samgs.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.spec.LearningSpec;
import dev.samgs.vectors.Allocation;
import org.junit.jupiter.api.Test;

class OptimizerTest {
  @Test
  void aStepAllocatesNothingOnceWarm() {
    Optimizer adam = new Optimizer(LearningSpec.defaults(), 10, 1);
    float[] parameters = new float[10];
    float[] gradient = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    assertThat(Allocation.afterWarmUp(() -> adam.step(0, parameters, 0, 10, gradient, 1e-3)))
        .as("bytes per step")
        .isZero();
  }
}
