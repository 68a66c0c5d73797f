package dev.samgs.deploy.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SeriesTest {
  /** Means are floats. */
  private static final double ROUNDING = 1e-4;

  @Test
  void aSlotHoldsTheWeightedMeanOfWhatFellIntoIt() {
    Series series = Series.recent(4, 2, 1000);
    series.add(100, 1, 1, Double.NaN);
    series.add(900, 3, 5, 7);
    assertThat(series.size()).isEqualTo(1);
    assertThat(series.end()).isEqualTo(1000);
    assertThat(series.value(0, 0)).isCloseTo(4, within(ROUNDING));
    assertThat(series.value(0, 1)).as("the first value that there is").isEqualTo(7);
  }

  @Test
  void ofTheRecentTheOldestGoes() {
    Series series = Series.recent(4, 1, 1000);
    for (int i = 0; i < 10; i++) {
      series.add(1000L * i, 1, i);
    }
    assertThat(series.size()).isEqualTo(4);
    assertThat(series.value(0, 0)).isEqualTo(6);
    assertThat(series.end()).isEqualTo(10_000);
  }

  @Test
  void ofTheWholeNothingGoesAndItsRoomIsBounded() {
    Series series = Series.whole(16, 1, 1000);
    int seconds = 1000;
    for (int i = 0; i < seconds; i++) {
      series.add(1000L * i, 1, i);
    }
    // Slots of 64 s: the first width of which 16 suffice.
    assertThat(series.size()).isEqualTo(16);
    assertThat(series.value(0, 0)).isCloseTo(31.5, within(ROUNDING));
    assertThat(series.value(15, 0)).isCloseTo((960 + 999) / 2.0, within(1e-3));
    assertThat(series.end()).isEqualTo(16 * 64_000);
  }

  @Test
  void whatIsFarApartMakesSlotsWideButTakesNoRoom() {
    Series series = Series.whole(2, 1, 1000);
    series.add(0, 1, 1);
    series.add(1_000_000_000_000L, 1, 2);
    series.add(1_000_000_001_000L, 1, 4);
    assertThat(series.size()).isEqualTo(2);
    assertThat(series.value(0, 0)).isEqualTo(1);
    assertThat(series.value(1, 0)).isCloseTo(3, within(ROUNDING));
  }

  @Test
  void timeThatGoesBackCountsInTheNewestSlot() {
    Series series = Series.recent(4, 1, 1000);
    series.add(5000, 1, 1);
    series.add(1000, 1, 3);
    assertThat(series.size()).isEqualTo(1);
    assertThat(series.value(0, 0)).isEqualTo(2);
  }
}
