package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.spec.InvalidSettingException;
import org.junit.jupiter.api.Test;

class KswinTest extends DriftDetectorContract {
  @Override
  String name() {
    return "kswin";
  }

  /** Measured 1 in a million real-valued errors. */
  @Override
  double falseAlarmsPerMillion() {
    return 3;
  }

  @Override
  int usualDelay() {
    return 75;
  }

  @Override
  int longestDelay() {
    return 95;
  }

  @Override
  int changePointError() {
    return 3;
  }

  @Override
  double alarmsPerStep() {
    return 1.05;
  }

  @Test
  void theChanceIsThatOfTheKolmogorovSmirnovTest() {
    // All recent errors above all older ones: D⁺ = 1, 5·5/(5 + 5) = 2.5, exp(−2·2.5) = 0.0067.
    assertThat(alarmOfFiveAfterFive(0.0068, 0, 1)).isTrue();
    assertThat(alarmOfFiveAfterFive(0.0067, 0, 1)).isFalse();
    assertThat(alarmOfFiveAfterFive(0.5, 1, 0)).as("a fall").isFalse();
  }

  private static boolean alarmOfFiveAfterFive(double alpha, double before, double after) {
    Kswin detector = new Kswin(new Kswin.Settings(alpha, 10, 5));
    long early = feed(detector, () -> before, 5) + feed(detector, () -> after, 4);
    assertThat(early).as("the window is not full yet").isZero();
    return detector.add(after);
  }

  @Test
  void aShorterWindowKeepsTheLatestErrorsOfALongerOne() throws Exception {
    Kswin longer = new Kswin(new Kswin.Settings(1e-5, 100, 20));
    feed(longer, () -> 0, 80);
    feed(longer, () -> 0.5, 20);
    Kswin shorter = new Kswin(new Kswin.Settings(1e-5, 40, 20));
    shorter.read(reader(bytes(longer)));
    feed(shorter, () -> 0.5, 20);
    assertThat(shorter.mean()).isEqualTo(0.5);
  }

  @Test
  void theRecentPartMustLeaveHalfOfTheWindow() {
    assertThatThrownBy(() -> new Kswin.Settings(0.01, 100, 51))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("at least half of the window");
  }
}
