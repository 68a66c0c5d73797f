package dev.samgs.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The methods that look at the losses only, against their formulas written out. */
class LossWeightingTest {
  private static PresentTasks losses(double... losses) {
    PresentTasks tasks = new PresentTasks(losses.length);
    for (int task = 0; task < losses.length; task++) {
      if (!Double.isNaN(losses[task])) {
        tasks.add(task, losses[task], 1);
      }
    }
    return tasks;
  }

  private static double[] weigh(Weighting weighting, double... losses) {
    PresentTasks tasks = losses(losses);
    double[] weights = new double[tasks.count()];
    weighting.weigh(tasks, weights);
    return weights;
  }

  @Test
  void scaleInvariantWeightsAreTheInverseLosses() {
    assertThat(weigh(new ScaleInvariant(), 2, 0.5)).containsExactly(0.5, 2);
  }

  @Test
  void randomWeightsArePositiveSumToOneAndAverageOut() {
    RandomLossWeighting random = new RandomLossWeighting(3);
    double first = 0;
    for (int step = 0; step < 4000; step++) {
      double[] weights = weigh(random, 1, 1, 1);
      assertThat(weights[0] + weights[1] + weights[2]).isCloseTo(1, within(1e-12));
      assertThat(Math.min(weights[0], Math.min(weights[1], weights[2]))).isPositive();
      first += weights[0] / 4000;
    }
    // The deviation of a weight is 0.19, that of the mean 0.003.
    assertThat(first).isCloseTo(1.0 / 3, within(0.012));
  }

  @Test
  void dynamicWeightsFavourTheTaskWhoseLossFallsSlowly() {
    DynamicWeightAverage dwa =
        new DynamicWeightAverage(new DynamicWeightAverage.Settings(2, 2.0, 0), 2);
    assertThat(weigh(dwa, 4, 4)).containsExactly(1, 1);
    assertThat(weigh(dwa, 4, 4)).containsExactly(1, 1);
    assertThat(weigh(dwa, 1, 4)).containsExactly(1, 1);
    double[] weights = weigh(dwa, 1, 4);
    // r = (1/4, 1), K·softmax(r/2)
    double a = Math.exp(0.125);
    double b = Math.exp(0.5);
    assertThat(weights[0]).isCloseTo(2 * a / (a + b), within(1e-12));
    assertThat(weights[1]).isCloseTo(2 * b / (a + b), within(1e-12));
  }

  @Test
  void anAbsentTaskKeepsItsPlaceInTheDynamicWeights() {
    DynamicWeightAverage dwa =
        new DynamicWeightAverage(new DynamicWeightAverage.Settings(1, 1.0, 0), 2);
    weigh(dwa, 8, 8);
    weigh(dwa, Double.NaN, 8);
    weigh(dwa, Double.NaN, 8);
    double[] weights = weigh(dwa, 4, 8);
    double a = Math.exp(0.5);
    double b = Math.exp(1);
    assertThat(weights[0]).isCloseTo(2 * a / (a + b), within(1e-12));
  }

  @Test
  void uncertaintyWeightsSettleAtHalfTheInverseLoss() {
    UncertaintyWeighting uncertainty =
        new UncertaintyWeighting(new UncertaintyWeighting.Settings(0.01, 0), 2);
    assertThat(weigh(uncertainty, 4, 0.25)).containsExactly(0.5, 0.5);
    double[] weights = {0, 0};
    for (int step = 0; step < 4000; step++) {
      weights = weigh(uncertainty, 4, 0.25);
    }
    // d/ds ½(e^−s L + s) = 0 at e^−s = 1/L
    assertThat(weights[0]).isCloseTo(0.125, within(1e-3));
    assertThat(weights[1]).isCloseTo(2, within(1e-2));
  }

  @Test
  void famoStartsWithWeightsThatEvenOutTheLogarithms() {
    Famo famo = new Famo(Famo.Settings.defaults(), 2);
    double[] weights = weigh(famo, 4, 1);
    // z_i/L_i over its sum, z = ½
    assertThat(weights[0]).isCloseTo(0.2, within(1e-7));
    assertThat(weights[1]).isCloseTo(0.8, within(1e-7));
  }

  @Test
  void famoMovesItsLogitsAgainstTheFallOfTheLogLosses() {
    Famo famo = new Famo(new Famo.Settings(0.025, 1e-3, 0), 2);
    weigh(famo, 4, 1);
    double[] weights = weigh(famo, 2, 1);
    // The first task fell by ln 2, the other not: Adam's first step moves the logits by ∓ its rate.
    double z = 1 / (1 + Math.exp(0.05));
    double a = z / 2;
    double b = (1 - z) / 1;
    assertThat(weights[0]).isCloseTo(a / (a + b), within(1e-6));
    assertThat(weights[1]).isCloseTo(b / (a + b), within(1e-6));
  }

  @Test
  void theDirectionIsTheWeightedSumAtFloatAccuracy() {
    Random random = new Random(1);
    double[][] rows = new double[3][200];
    for (double[] row : rows) {
      for (int j = 0; j < 200; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    double[] weights = {0.3, -2, 5e-3};
    WeightedAggregator aggregator =
        new WeightedAggregator(
            new ConstantWeights(new ConstantWeights.Settings(List.of(0.3, -2.0, 5e-3), 0), 3),
            3,
            200,
            0);
    float[] direction = new float[200];
    aggregator.aggregate(Gradients.of(rows), direction);
    for (int j = 0; j < 200; j++) {
      double expected = 0;
      for (int i = 0; i < 3; i++) {
        expected += weights[i] * rows[i][j];
      }
      assertThat((double) direction[j]).isCloseTo(expected, within(2e-6));
    }
  }
}
