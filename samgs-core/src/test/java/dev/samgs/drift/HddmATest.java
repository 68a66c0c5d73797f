package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HddmATest extends DriftDetectorContract {
  @Override
  String name() {
    return "hddm-a";
  }

  /** Measured 4 in a million where errors vary most. */
  @Override
  double falseAlarmsPerMillion() {
    return 5;
  }

  @Override
  int usualDelay() {
    return 40;
  }

  @Override
  int longestDelay() {
    return 100;
  }

  @Override
  int changePointError() {
    return 30;
  }

  @Override
  double alarmsPerStep() {
    return 1.5;
  }

  @Test
  void theMeanOfAllIsTestedAgainstTheMeanBeforeTheCut() {
    HddmA detector = new HddmA(new HddmA.Settings(1e-4, 50));
    feed(detector, () -> 0, 100);
    // The cut is after the zeros. After k ones the mean is k/(100 + k) and its bound
    // √((1/100 − 1/(100 + k))/2 · 9.21): 0.0385 < 0.0421 for k = 4, 0.0476 > 0.0468 for k = 5.
    assertThat(untilAlarm(detector, () -> 1, 100)).isEqualTo(5);
    assertThat(detector.change()).isEqualTo(new DriftDetector.Change(0, 1, 5));
  }
}
