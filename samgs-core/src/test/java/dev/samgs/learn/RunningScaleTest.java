package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunningScaleTest {
  @Test
  void beforeAnyValueAColumnCountsAsConstant() {
    RunningScale scale = new RunningScale(2, 100);
    assertThat(scale.mean(1)).isZero();
    assertThat(scale.deviation(1)).isZero();
    assertThat(scale.standardise(1, 5)).isZero();
  }

  @Test
  void afterOneValueItsMeanIsThatValue() {
    RunningScale scale = of(100, 7);
    assertThat(scale.mean(0)).isEqualTo(7);
    assertThat(scale.standardise(0, 8)).isZero();
  }

  @Test
  void columnsDoNotMix() {
    RunningScale scale = new RunningScale(3, 100);
    scale.observe(1, 4);
    scale.observe(1, 6);
    assertThat(scale.count(0)).isZero();
    assertThat(scale.count(1)).isEqualTo(2);
    assertThat(scale.mean(1)).isEqualTo(5);
    assertThat(scale.mean(2)).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, -273.15, 1e9 + 0.3, 1e-30, 1e300})
  void aConstantNumberHasNoDeviationWhateverItsSize(double value) {
    RunningScale scale = new RunningScale(1, 50);
    for (int i = 0; i < 1000; i++) {
      scale.observe(0, value);
    }
    assertThat(scale.deviation(0)).isZero();
    assertThat(scale.standardise(0, value)).isZero();
  }

  @Test
  void aMeterThatPassedWhatFloatCanTellApartIsStillScaled() {
    RunningScale scale = new RunningScale(1, 1000);
    for (int i = 0; i < 1000; i++) {
      scale.observe(0, 1e9 + i % 2);
    }
    assertThat(scale.mean(0)).isCloseTo(1e9 + 0.5, within(1e-6));
    assertThat(scale.deviation(0)).isCloseTo(0.5, within(1e-6));
    assertThat(scale.standardise(0, 1e9 + 1)).isCloseTo(1, within(1e-5));
  }

  @Test
  void theLargestNumbersStayFinite() {
    RunningScale scale = new RunningScale(1, 100);
    for (double value : new double[] {1e300, -1e300, Double.MAX_VALUE, -Double.MAX_VALUE, 1}) {
      scale.observe(0, value);
      assertThat(scale.mean(0)).isFinite();
      assertThat(scale.deviation(0)).isFinite();
      assertThat(scale.standardise(0, value)).isNotNaN();
    }
  }

  @Test
  void beyondTheWindowTheMeanMovesByOneWindowthOfTheDifference() {
    RunningScale scale = of(4, 1, 2, 3, 4);
    assertThat(scale.mean(0)).isEqualTo(2.5);
    scale.observe(0, 6.5);
    assertThat(scale.mean(0)).isEqualTo(3.5);
    // variance: 1.25 + ((6.5 − 2.5)·(6.5 − 3.5) − 1.25)/4
    assertThat(scale.deviation(0)).isEqualTo(Math.sqrt(1.25 + (12 - 1.25) / 4));
  }

  @Test
  void aNewLevelIsTakenOnAfterSomeWindows() {
    RunningScale scale = new RunningScale(1, 100);
    for (int i = 0; i < 1000; i++) {
      scale.observe(0, i % 2);
    }
    for (int i = 0; i < 2000; i++) {
      scale.observe(0, 1000 + 10 * (i % 2));
    }
    // (1 − 1/100)^2000 of the past is left, 2e-9, and the mean swings by half of 10/100 with each
    // value.
    assertThat(scale.mean(0)).isCloseTo(1005, within(0.051));
    assertThat(scale.deviation(0)).isCloseTo(5, within(0.01));
  }

  private static RunningScale of(int window, double... values) {
    RunningScale scale = new RunningScale(1, window);
    for (double value : values) {
      scale.observe(0, value);
    }
    return scale;
  }
}
