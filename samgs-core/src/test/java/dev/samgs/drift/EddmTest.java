package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.spec.InvalidSettingException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EddmTest extends DriftDetectorContract {
  @Override
  String name() {
    return "eddm";
  }

  /** Measured 200 on stationary streams and 600 on falling ones. */
  @Override
  double falseAlarmsPerMillion() {
    return 650;
  }

  @Override
  int usualDelay() {
    return 30;
  }

  @Override
  int longestDelay() {
    return 90;
  }

  @Override
  int changePointError() {
    return 30;
  }

  @Override
  double alarmsPerStep() {
    return 15;
  }

  @Test
  void halfAnErrorCountsAsHalfOfOne() {
    Eddm whole = new Eddm(Eddm.Settings.defaults());
    Eddm halves = new Eddm(Eddm.Settings.defaults());
    feed(whole, () -> 0, 100);
    feed(halves, () -> 0, 200);
    SplittableRandom random = new SplittableRandom(3);
    int alarms = 0;
    for (int i = 0; i < 3000; i++) {
      double error = random.nextDouble() < (i < 1500 ? 0.1 : 0.5) ? 1 : 0;
      boolean alarm = whole.add(error);
      assertThat(halves.add(error / 2)).isFalse();
      assertThat(halves.add(error / 2)).as("error %d", i).isEqualTo(alarm);
      if (alarm) {
        alarms++;
        break; // from here on the least number of errors counts the halves too
      }
    }
    assertThat(alarms).isEqualTo(1);
  }

  @Test
  void aDriftCannotBeMoreFrequentThanAWarning() {
    assertThatThrownBy(() -> new Eddm.Settings(0.9, 0.95, 30))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("set drift below warning");
  }
}
