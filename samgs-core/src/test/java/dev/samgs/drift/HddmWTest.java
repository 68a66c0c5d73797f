package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HddmWTest extends DriftDetectorContract {
  @Override
  String name() {
    return "hddm-w";
  }

  /** Measured 1 in a million where errors vary most. */
  @Override
  double falseAlarmsPerMillion() {
    return 2;
  }

  @Override
  int usualDelay() {
    return 80;
  }

  @Override
  int longestDelay() {
    return 120;
  }

  @Override
  int changePointError() {
    return 20;
  }

  @Override
  double alarmsPerStep() {
    return 1.3;
  }

  /** The bound knows the range of the errors and not their variance. */
  @Override
  int realValuedDelay() {
    return 500;
  }

  @Test
  void weightedMeansAreTestedAgainstTheirSquaredWeights() {
    HddmW detector = new HddmW(new HddmW.Settings(Math.exp(-2), 0.5, 10));
    feed(detector, () -> 0, 20);
    // Squared weights before tend to 1/3. The ones have a mean of 1 and squared weights of 1, then
    // 1/2: bounds √(4/3) = 1.15, then √(5/6) = 0.91.
    assertThat(untilAlarm(detector, () -> 1, 100)).isEqualTo(2);
    assertThat(detector.change()).isEqualTo(new DriftDetector.Change(0, 1, 2));
  }
}
