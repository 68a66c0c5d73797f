package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AdwinTest extends DriftDetectorContract {
  @Override
  String name() {
    return "adwin";
  }

  /**
   * Measured 0.1 in 24 million. What δ promises is far more, 62: one check in 500, and one check in
   * 32 errors.
   */
  @Override
  double falseAlarmsPerMillion() {
    return 1;
  }

  @Override
  int usualDelay() {
    return 64;
  }

  @Override
  int longestDelay() {
    return 96;
  }

  /** Buckets of eight and more values are what a change can be told apart by. */
  @Override
  int changePointError() {
    return 8;
  }

  @Override
  double alarmsPerStep() {
    return 1.05;
  }

  @Test
  void theWindowGrowsWhileNothingChangesAndIsCutWhereItDoes() {
    Adwin adwin = new Adwin(new Adwin.Settings(0.002, 1, 0));
    feed(adwin, () -> 0, 1000);
    assertThat(adwin.mean()).isZero();
    // With n₁ ones among n values the variance is about n₁/n, and with L = ln(2·ln n/δ) = 8.84 the
    // bound √(2/m·n₁/n·L) + 2/(3m)·L is 1.12 for n₁ = 6 and 0.98, less than the difference of 1,
    // for
    // n₁ = 7.
    assertThat(untilAlarm(adwin, () -> 1, 100)).isEqualTo(7);
    assertThat(adwin.change()).isEqualTo(new DriftDetector.Change(0, 1, 7));
    assertThat(adwin.mean()).as("the window starts at the change").isEqualTo(1);
  }

  @Test
  void aFallShortensTheWindowWithoutAnAlarm() {
    Adwin adwin = new Adwin(Adwin.Settings.defaults());
    feed(adwin, bernoulli(0.9, 1), 2000);
    assertThat(feed(adwin, bernoulli(0.1, 2), 2000)).isZero();
    assertThat(adwin.change()).isNull();
    assertThat(adwin.mean()).isCloseTo(0.1, within(0.03));
  }

  @Test
  void beforeTheWarmUpIsOverThereIsNoAlarm() {
    Adwin adwin = new Adwin(new Adwin.Settings(0.002, 1, 500));
    feed(adwin, () -> 0, 200);
    assertThat(feed(adwin, () -> 1, 300)).isZero();
    assertThat(adwin.mean()).as("yet the window has followed").isGreaterThan(0.95);
  }

  @Test
  void changesAreLookedForAtEveryCheckOnly() {
    Adwin adwin = new Adwin(new Adwin.Settings(0.002, 100, 0));
    feed(adwin, () -> 0, 1000);
    assertThat(untilAlarm(adwin, () -> 1, 1000)).isEqualTo(100);
  }

  @Test
  void aSmallerDeltaAlarmsLater() {
    int last = 0;
    for (double delta : new double[] {0.1, 1e-4, 1e-12}) {
      Adwin adwin = new Adwin(new Adwin.Settings(delta, 1, 0));
      feed(adwin, bernoulli(0.2, 1), 5000);
      int delay = untilAlarm(adwin, bernoulli(0.5, 2), 5000);
      assertThat(delay).isGreaterThan(last);
      last = delay;
    }
  }
}
