package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.spec.TaskSpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Figures worked out by hand; tolerances are a few roundings of the hand's own arithmetic. */
class TaskScoreTest {
  private static final double ROUNDING = 1e-14;

  @Nested
  class Regression {
    private final TaskScore score = new TaskScore(TaskSpec.regression("width"));

    @Test
    void figuresOverNoLabelsAreNaN() {
      feed(32, 10, 0);
      assertThat(score.labels()).isEqualTo(32);
      assertThat(score.scored()).isZero();
      assertThat(score.meanAbsoluteError()).isNaN();
      assertThat(score.rootMeanSquaredError()).isNaN();
      assertThat(score.baselineMeanAbsoluteError()).isNaN();
      assertThat(score.baselineRootMeanSquaredError()).isNaN();
    }

    @Test
    void theFirst32LabelsOnlyFeedTheBaseline() {
      feed(32, 10, 99);
      feed(1, 16, 14);
      assertThat(score.scored()).isEqualTo(1);
      assertThat(score.meanAbsoluteError()).isEqualTo(2);
      assertThat(score.baselineMeanAbsoluteError()).isEqualTo(6);
    }

    @Test
    void theBaselineIsTheMeanOfTheLabelsBeforeEachRow() {
      feed(32, 10, 0);
      feed(1, 43, 40); // errors: 3 and 43 − 10 = 33
      feed(1, 12, 16); // errors: 4 and 12 − 363/33 = 1
      assertThat(score.meanAbsoluteError()).isEqualTo(3.5);
      assertThat(score.rootMeanSquaredError()).isEqualTo(Math.sqrt((9 + 16) / 2.0));
      assertThat(score.baselineMeanAbsoluteError()).isEqualTo(17);
      assertThat(score.baselineRootMeanSquaredError()).isEqualTo(Math.sqrt((1089 + 1) / 2.0));
    }

    @Test
    void theFadingLossForgetsByTheFactorOf0point995PerLabel() {
      feed(1, 10, 14);
      feed(1, 10, 11);
      assertThat(score.fadingLoss()).isCloseTo((0.995 * 4 + 1) / 1.995, within(ROUNDING));
      assertThat(score.fadingBaselineLoss())
          .as("before the first label the baseline has no mean and no error")
          .isZero();
      feed(3000, 10, 12);
      assertThat(score.fadingLoss()).isCloseTo(2, within(1e-5));
    }

    private void feed(int times, double label, double prediction) {
      for (int i = 0; i < times; i++) {
        assertThat(score.add(new double[] {prediction}, 0, label))
            .isEqualTo(Math.abs(prediction - label));
      }
    }
  }

  @Nested
  class Multiclass {
    private final TaskScore score = new TaskScore(TaskSpec.multiclass("fault", 4));

    @Test
    void theBaselineGivesEachClassItsFrequencyWithOneAdded() {
      feed(32, 1, 0, 1, 0, 0);
      feed(1, 1, 0, 1, 0, 0); // (32 + 1)/(32 + 4)
      feed(1, 3, 0, 1, 0, 0); // never seen: (0 + 1)/(33 + 4)
      feed(1, 3, 0, 1, 0, 0); // (1 + 1)/(34 + 4)
      assertThat(score.baselineLogLoss())
          .isCloseTo(
              -(Math.log(33 / 36.0) + Math.log(1 / 37.0) + Math.log(2 / 38.0)) / 3,
              within(ROUNDING));
      assertThat(score.baselineAccuracy()).isCloseTo(1 / 3.0, within(ROUNDING));
    }

    @Test
    void noProbabilityCountsLessThan1eMinus15() {
      feed(32, 0, 1, 0, 0, 0);
      assertThat(score.add(new double[] {1, 0, 0, 0}, 0, 2)).isEqualTo(-Math.log(1e-15));
      assertThat(score.add(new double[] {1, 1e-14, 0, 0}, 0, 1)).isEqualTo(-Math.log(1e-14));
      assertThat(score.logLoss())
          .isCloseTo(-(Math.log(1e-15) + Math.log(1e-14)) / 2, within(ROUNDING * 30));
    }

    @Test
    void tiesGoToTheLowestClass() {
      assertThat(score.predictedClass(new double[] {9, 0.1, 0.4, 0.4, 0.1}, 1)).isEqualTo(1);
      assertThat(score.predictedClass(new double[] {0.25, 0.25, 0.25, 0.25}, 0)).isZero();
      assertThat(score.predictedClass(new double[] {0.1, 0.2, 0.3, 0.4}, 0)).isEqualTo(3);
    }

    @Test
    void theBaselinesMajorityIsTheLowestClassUntilAnotherIsAhead() {
      feed(16, 2, 0, 0, 1, 0);
      feed(16, 1, 0, 1, 0, 0);
      feed(1, 1, 0, 1, 0, 0); // tie of 1 and 2: predicts 1, right
      feed(1, 2, 0, 0, 1, 0); // 1 is ahead: wrong
      feed(1, 2, 0, 0, 1, 0); // tie again: predicts 1, wrong
      feed(1, 2, 0, 0, 1, 0); // 2 is ahead: right
      assertThat(score.baselineAccuracy()).isEqualTo(0.5);
    }

    @Test
    void macroF1RunsOverTheClassesInLabelsOrPredictions() {
      feed(32, 0, 1, 0, 0, 0);
      // class 0: 2 right; class 1: 1 label, predicted as 2; class 3 nowhere
      feed(2, 0, 0.7, 0.1, 0.1, 0.1);
      feed(1, 1, 0.1, 0.1, 0.7, 0.1);
      // F1 of 0: 1; of 1: 0 for want of a right one; of 2: 0, predicted but never there
      assertThat(score.macroF1()).isCloseTo(1 / 3.0, within(ROUNDING));
      assertThat(score.accuracy()).isCloseTo(2 / 3.0, within(ROUNDING));
      feed(1, 2, 0.1, 0.1, 0.7, 0.1);
      // 2: one right of two predicted and one label: 2·1/(2 + 1)
      assertThat(score.macroF1()).isCloseTo((1 + 0 + 2 / 3.0) / 3, within(ROUNDING));
    }

    @Test
    void theBaselinesMacroF1KnowsOnlyTheMajority() {
      feed(32, 1, 0, 1, 0, 0);
      feed(3, 1, 0, 1, 0, 0);
      feed(1, 0, 1, 0, 0, 0);
      // 1: three right, predicted four times: 2·3/(3 + 4); 0: none
      assertThat(score.baselineMacroF1()).isCloseTo((6 / 7.0) / 2, within(ROUNDING));
    }

    private void feed(int times, int label, double... probabilities) {
      for (int i = 0; i < times; i++) {
        score.add(probabilities, 0, label);
      }
    }
  }

  @Nested
  class Binary {
    private final TaskScore score = new TaskScore(TaskSpec.binary("scrap"));

    @Test
    void theProbabilityIsThatOfClass1AndOneHalfIsATie() {
      assertThat(score.predictedClass(new double[] {0.5}, 0)).isZero();
      assertThat(score.predictedClass(new double[] {Math.nextUp(0.5)}, 0)).isEqualTo(1);
      assertThat(score.add(new double[] {0.8}, 0, 1)).isEqualTo(-Math.log(0.8));
      assertThat(score.add(new double[] {0.8}, 0, 0)).isCloseTo(-Math.log(0.2), within(ROUNDING));
      assertThat(score.add(new double[] {1}, 0, 0)).isEqualTo(-Math.log(1e-15));
    }

    @Test
    void averagePrecisionIsTheStepSumOverFallingThresholds() {
      unscored();
      feed(0.9, 1); // precision 1
      feed(0.7, 0);
      feed(0.6, 1); // precision 2/3
      feed(0.2, 0);
      feed(0.1, 1); // precision 3/5
      assertThat(score.averagePrecision()).isCloseTo((1 + 2 / 3.0 + 3 / 5.0) / 3, within(ROUNDING));
    }

    @Test
    void equalScoresShareOneThreshold() {
      unscored();
      feed(0.5, 1);
      feed(0.5, 0);
      feed(0.5, 0);
      feed(0.5, 1);
      assertThat(score.averagePrecision()).isEqualTo(0.5);
    }

    @Test
    void theMostCertainScoresAreTheHighest() {
      unscored();
      feed(1, 1);
      feed(0.5, 0);
      feed(0, 0);
      assertThat(score.averagePrecision()).isEqualTo(1);
    }

    @Test
    void averagePrecisionWithoutAPositiveIsNaN() {
      unscored();
      feed(0.5, 0);
      assertThat(score.averagePrecision()).isNaN();
    }

    private void unscored() {
      for (int i = 0; i < TaskScore.UNSCORED; i++) {
        feed(0.99, 0);
      }
    }

    private void feed(double probability, int label) {
      score.add(new double[] {probability}, 0, label);
    }
  }
}
