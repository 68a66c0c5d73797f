package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class EDetectorTest extends DriftDetectorContract {
  @Override
  String name() {
    return "e-detector";
  }

  /** Proven, not measured: what the settings ask for. */
  @Override
  double falseAlarmsPerMillion() {
    return 1;
  }

  @Override
  int usualDelay() {
    return 70;
  }

  @Override
  int longestDelay() {
    return 115;
  }

  @Override
  int changePointError() {
    return 5;
  }

  @Override
  double alarmsPerStep() {
    return 1.05;
  }

  /**
   * The bound holds for whatever errors do not rise: constant, falling, and depending on each other
   * (here each error's range follows from the one before, its mean does not).
   */
  @Test
  void falseAlarmsKeepTheStatedBoundWhereErrorsDoNotRise() {
    int perMillion = 200;
    int errors = 100_000;
    long alarms = 0;
    int streams = 0;
    for (int seed = 0; seed < 10; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double[] last = {0.3};
      long[] at = {0};
      for (DoubleSupplier stream :
          List.<DoubleSupplier>of(
              bernoulli(0.02, seed),
              bernoulli(0.3, seed),
              () -> random.nextDouble() < 0.1 + 0.5 * Math.exp(-at[0]++ / 20_000.0) ? 1 : 0,
              () -> {
                double spread = last[0] < 0.3 ? 0.3 : 0.1;
                return last[0] = 0.3 + (random.nextBoolean() ? spread : -spread);
              })) {
        alarms += feed(new EDetector(new EDetector.Settings(perMillion)), stream, errors);
        streams++;
      }
    }
    assertThat((double) alarms)
        .as("alarms in %d streams of %d errors", streams, errors)
        .isBetween(1.0, streams * errors / 1e6 * perMillion);
  }

  @Test
  void aFallIsFollowedAndALaterRiseAboveItSeen() {
    EDetector detector = new EDetector(EDetector.Settings.defaults());
    feed(detector, bernoulli(0.8, 1), 2000);
    assertThat(feed(detector, bernoulli(0.1, 2), 2000)).isZero();
    assertThat(detector.mean()).isCloseTo(0.1, within(0.03));
    assertThat(untilAlarm(detector, bernoulli(0.4, 3), 500)).isBetween(1, 200);
    assertThat(detector.change().meanBefore()).isCloseTo(0.1, within(0.03));
  }

  @Test
  void fewerFalseAlarmsCostALaterAlarm() {
    int last = 0;
    for (double perMillion : new double[] {1000, 1, 0.001}) {
      EDetector detector = new EDetector(new EDetector.Settings(perMillion));
      feed(detector, bernoulli(0.1, 1), 5000);
      int delay = untilAlarm(detector, bernoulli(0.3, 2), 5000);
      assertThat(delay).isGreaterThan(last);
      last = delay;
    }
  }
}
