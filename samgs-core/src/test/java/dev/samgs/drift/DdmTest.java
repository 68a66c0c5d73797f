package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DdmTest extends DriftDetectorContract {
  @Override
  String name() {
    return "ddm";
  }

  /** Measured 5 in 3 million at its worst, most of them in the first hundred errors. */
  @Override
  double falseAlarmsPerMillion() {
    return 20;
  }

  @Override
  int usualDelay() {
    return 75;
  }

  @Override
  int longestDelay() {
    return 320;
  }

  @Override
  int changePointError() {
    return 35;
  }

  @Override
  double alarmsPerStep() {
    return 1.4;
  }

  @Test
  void theFirstErrorAfterNoneIsAnAlarmAsPublished() {
    Ddm detector = new Ddm(Ddm.Settings.defaults());
    feed(detector, () -> 0, 200);
    assertThat(untilAlarm(detector, () -> 1, 10)).isEqualTo(1);
    assertThat(detector.change()).isEqualTo(new DriftDetector.Change(0, 1, 1));
  }

  @Test
  void theChangeBeganWithTheWarning() {
    Ddm detector = new Ddm(new Ddm.Settings(2, 3, 100));
    for (int i = 1; i <= 100; i++) {
      detector.add(i % 10 == 0 ? 1 : 0);
    }
    // The lowest p = 0.1 and s = 0.03: a warning above 0.16, an alarm above 0.19. After k more ones
    // p is (10 + k)/(100 + k), and p + s 0.159 for k = 3, 0.168 for 4, 0.186 for 6 and 0.194 for 7.
    assertThat(untilAlarm(detector, () -> 1, 100)).isEqualTo(7);
    assertThat(detector.change().valuesSince()).isEqualTo(7 - 3);
    assertThat(detector.change().meanAfter()).isEqualTo(1);
    assertThat(detector.change().meanBefore()).isEqualTo(13 / 103.0);
  }
}
