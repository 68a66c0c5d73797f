package dev.samgs.deploy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AveragePrecisionTest {
  private final AveragePrecision precision = new AveragePrecision();

  @Test
  void sumsPrecisionOverTheStepsOfRecall() {
    add(0.1, 0);
    add(0.4, 0);
    add(0.35, 1);
    add(0.8, 1);

    // Thresholds 0.8: precision 1, recall 1/2; 0.4: no step; 0.35: precision 2/3, recall 1.
    assertThat(precision.value()).isCloseTo(0.5 * 1 + 0.5 * 2 / 3, within(1e-15));
  }

  @Test
  void equalProbabilitiesCrossTheThresholdTogether() {
    add(0.7, 1);
    add(0.7, 0);
    add(0.7, 0);
    add(0.2, 1);

    // 0.7: precision 1/3, recall 1/2; 0.2: precision 2/4, recall 1.
    assertThat(precision.value()).isCloseTo(0.5 / 3 + 0.5 / 2, within(1e-15));
  }

  @Test
  void neighbouringDoublesAreDifferentProbabilities() {
    add(Math.nextUp(0.5), 0);
    add(0.5, 1);
    assertThat(precision.value()).isEqualTo(0.5);
    add(Math.nextUp(Math.nextUp(0.5)), 1);
    assertThat(precision.value()).isCloseTo(0.5 + 0.5 * 2 / 3, within(1e-15));
  }

  @Test
  void zeroWithEitherSignIsTheSameProbability() {
    add(0.0, 1);
    add(-0.0, 0);
    assertThat(precision.value()).isEqualTo(0.5);
  }

  @Test
  void isOneWhenThePositivesComeFirst() {
    add(1, 1);
    add(0.99, 1);
    add(0, 0);
    assertThat(precision.value()).isEqualTo(1);
  }

  @Test
  void isNotANumberWithoutAPositive() {
    assertThat(precision.value()).isNaN();
    add(0.3, 0);
    assertThat(precision.value()).isNaN();
  }

  @Test
  void growsBeyondItsFirstCapacity() {
    for (int i = 0; i < 5000; i++) {
      add(i / 5000.0, i % 2);
    }
    double expected = 0;
    // From the top every second label is positive: after k of them, 2k − 1 have crossed.
    for (int k = 1; k <= 2500; k++) {
      expected += (double) k / (2 * k - 1) / 2500;
    }
    assertThat(precision.value()).isCloseTo(expected, within(1e-12));
  }

  @Test
  void refusesWhatIsNoProbability() {
    assertThatThrownBy(() -> precision.add(Double.NaN, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> precision.add(1.5, true)).hasMessageContaining("1.5");
  }

  private void add(double probability, int label) {
    precision.add(probability, label == 1);
  }
}
