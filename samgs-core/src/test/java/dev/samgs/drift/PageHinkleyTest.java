package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PageHinkleyTest extends DriftDetectorContract {
  @Override
  String name() {
    return "page-hinkley";
  }

  /** Measured 0 in 24 million. */
  @Override
  double falseAlarmsPerMillion() {
    return 1;
  }

  @Override
  int usualDelay() {
    return 90;
  }

  @Override
  int longestDelay() {
    return 115;
  }

  @Override
  int changePointError() {
    return 15;
  }

  @Override
  double alarmsPerStep() {
    return 1.2;
  }

  @Test
  void theSumGrowsByTheErrorsAboveTheRunningMeanAndTheTolerance() {
    PageHinkley detector = new PageHinkley(new PageHinkley.Settings(0.1, 3, 10));
    feed(detector, () -> 0, 10);
    // After i ones the mean is i/(10 + i), and each adds 10/(10 + i) − 0.1:
    // 0.81, 1.54, 2.21, 2.83, 3.39.
    assertThat(untilAlarm(detector, () -> 1, 100)).isEqualTo(5);
    assertThat(detector.change()).isEqualTo(new DriftDetector.Change(0, 1, 5));
    assertThat(detector.mean()).isEqualTo(1);
  }

  @Test
  void aRiseWithinTheToleranceIsNeverSeen() {
    PageHinkley detector = new PageHinkley(new PageHinkley.Settings(0.2, 1, 10));
    feed(detector, () -> 0.3, 1000);
    assertThat(feed(detector, () -> 0.45, 100_000)).isZero();
  }
}
