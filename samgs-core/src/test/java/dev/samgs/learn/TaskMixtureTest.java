package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.learn.TaskMixture.Expert;
import dev.samgs.spec.TaskSpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TaskMixtureTest {
  private static final double ROUNDING = 1e-12;

  @Test
  void allExpertsBeginWithTheSameShare() {
    assertThat(new TaskMixture(TaskSpec.binary("scrap"), 2).weights()).containsOnly(1 / 8.0);
  }

  @Test
  void beforeAnyLabelThePriorsKnowNothing() {
    TaskMixture fault = new TaskMixture(TaskSpec.multiclass("fault", 4), 2);
    assertThat(fault.prior(Expert.PRIOR)).containsOnly(0.25);
    assertThat(fault.prior(Expert.RECENT_PRIOR)).containsOnly(0.25);
    TaskMixture width = new TaskMixture(TaskSpec.regression("width"), 2);
    assertThat(width.prior(Expert.PRIOR)).containsExactly(0);
    assertThat(width.prior(Expert.RECENT_PRIOR)).containsExactly(0);
  }

  @Test
  void thePriorCountsAllLabelsAndTheRecentOneForgets() {
    TaskMixture scrap = new TaskMixture(TaskSpec.binary("scrap"), 1);
    float[] inputs = {0};
    for (int i = 0; i < 98; i++) {
      scrap.learn(inputs, 0, 1);
    }
    assertThat(scrap.prior(Expert.PRIOR)).containsExactly(99 / 100.0);
    double recent = scrap.prior(Expert.RECENT_PRIOR)[0];
    assertThat(recent).isGreaterThan(0.999);
    scrap.learn(inputs, 0, 0);
    assertThat(scrap.prior(Expert.PRIOR)).containsExactly(99 / 101.0);
    assertThat(scrap.prior(Expert.RECENT_PRIOR)[0]).isCloseTo(0.9 * recent, within(ROUNDING));
  }

  @Test
  void aLinearModelTakesANormalisedStepAgainstItsResidual() {
    TaskMixture width = new TaskMixture(TaskSpec.regression("width"), 2);
    // 1 + |x|² = 1 + 9 + 16 = 26, residual 0 − 2
    width.learn(new float[] {9, 3, -4}, 1, 2);
    double[] steps = {0.005, 0.05, 0.5};
    for (int m = 0; m < 3; m++) {
      float step = (float) (steps[m] / 26 * 2);
      assertThat(width.linear(m)).containsExactly(step * 3, step * -4, step);
    }
  }

  @Test
  void aResidualBeyondThreeDeviationsTeachesNoMoreThanThree() {
    TaskMixture width = new TaskMixture(TaskSpec.regression("width"), 1);
    width.learn(new float[] {0}, 0, 1e12);
    assertThat(width.linear(2)[1]).isEqualTo((float) (0.5 * 3));
  }

  @Test
  void aLogisticModelMovesAsATwoClassSoftmaxWould() {
    TaskMixture binary = new TaskMixture(TaskSpec.binary("scrap"), 1);
    TaskMixture softmax = new TaskMixture(TaskSpec.multiclass("scrap", 2), 1);
    binary.learn(new float[] {2}, 0, 1);
    softmax.learn(new float[] {2}, 0, 1);
    for (int m = 0; m < 3; m++) {
      float[] logits = softmax.linear(m);
      float difference = logits[2] - logits[0];
      assertThat(binary.linear(m)[0]).isCloseTo(difference, within(1e-6f));
    }
  }

  @Test
  void theMixtureIsTheWeightedAverageOfItsExperts() {
    TaskMixture fault = new TaskMixture(TaskSpec.multiclass("fault", 2), 1);
    double[] experts = new double[1 + fault.width()];
    for (int e = 0; e < 8; e++) {
      fault.weights()[e] = e / 28.0;
      experts[1 + 2 * e] = e;
      experts[2 + 2 * e] = 1;
    }
    double[] mixed = new double[3];
    fault.mix(experts, 1, mixed, 1);
    assertThat(mixed[1]).isCloseTo(140 / 28.0, within(ROUNDING));
    assertThat(mixed[2]).isCloseTo(1, within(ROUNDING));
  }

  @Test
  void judgingMultipliesEachShareByTheLikelihoodAndSpreadsOneThousandth() {
    TaskMixture scrap = new TaskMixture(TaskSpec.binary("scrap"), 1);
    double[] experts = {0.9, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0};
    scrap.judge(experts, 0, 1);
    // 0 counts as 0.001
    double sum = 0.9 + 0.1 + 5 * 0.5 + 0.001;
    double[] likelihoods = {0.9, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.001};
    for (int e = 0; e < 8; e++) {
      assertThat(scrap.weights()[e])
          .isCloseTo(0.999 * likelihoods[e] / sum + 0.001 / 8, within(ROUNDING));
    }
  }

  @Test
  void anErrorBeyondFourDeviationsCountsAsFour() {
    TaskMixture width = new TaskMixture(TaskSpec.regression("width"), 1);
    double[] experts = new double[8];
    experts[0] = 5;
    experts[1] = -1e300;
    width.judge(experts, 0, 0);
    assertThat(width.weights()[0]).isEqualTo(width.weights()[1]);
    assertThat(width.weights()[2] - 0.001 / 8)
        .isCloseTo(Math.exp(0.5 * 4) * (width.weights()[0] - 0.001 / 8), within(ROUNDING));
  }

  @Test
  void anExpertThatFellComesBackWithinADozenLabels() {
    TaskMixture scrap = new TaskMixture(TaskSpec.binary("scrap"), 1);
    double[] experts = new double[8];
    for (int i = 0; i < 10_000; i++) {
      Arrays.fill(experts, 0.9);
      experts[0] = 0.1;
      scrap.judge(experts, 0, 1);
    }
    assertThat(scrap.weights()[0]).isLessThan(2e-4);
    for (int i = 0; i < 12; i++) {
      scrap.judge(experts, 0, 0);
    }
    // Its share grows ninefold with every label, from about 10⁻⁴.
    assertThat(scrap.weights()[0]).isGreaterThan(0.99);
  }

  @Test
  void aConstantLabelIsLearnedByThePriorAlone() {
    TaskMixture width = new TaskMixture(TaskSpec.regression("width"), 1);
    double[] experts = new double[8];
    float[] wrong = {9f};
    for (int i = 0; i < 200; i++) {
      width.predict(new float[] {i % 3 - 1}, 0, wrong, wrong, 0, experts, 0);
      width.judge(experts, 0, 0);
      width.learn(new float[] {i % 3 - 1}, 0, 0);
    }
    double[] mixed = new double[1];
    width.mix(experts, 0, mixed, 0);
    assertThat(mixed[0]).isCloseTo(0, within(0.02));
  }
}
