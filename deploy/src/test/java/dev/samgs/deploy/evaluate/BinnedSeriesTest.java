package dev.samgs.deploy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BinnedSeriesTest {
  @Test
  void aStreamOfAnyLengthFitsAndNothingIsLost() {
    for (int length : new int[] {1, 511, 512, 513, 1024, 1025, 100_000}) {
      BinnedSeries series = new BinnedSeries(2);
      for (int i = 0; i < length; i++) {
        series.add(i, 0, i, 1);
        series.add(i, 1, 3, 2);
      }
      assertThat(series.size()).as("stretches for " + length).isBetween(1, BinnedSeries.CAPACITY);
      assertThat(series.size() * series.width()).isGreaterThanOrEqualTo(length);
      assertThat((series.size() - 1) * series.width()).isLessThan(length);
      assertThat(series.mean(0, 0, series.size() - 1))
          .isCloseTo((length - 1) / 2.0, within(1e-9 * length));
      assertThat(series.mean(1, 0, series.size() - 1)).isEqualTo(1.5);
    }
  }

  @Test
  void everyStretchHoldsItsOwnPositions() {
    BinnedSeries series = new BinnedSeries(1);
    for (int i = 0; i < 3000; i++) {
      series.add(i, 0, i, 1);
    }
    assertThat(series.width()).isEqualTo(8);
    for (int bin = 0; bin < series.size(); bin++) {
      assertThat(series.mean(0, bin, bin)).isEqualTo(8 * bin + 3.5);
    }
  }

  @Test
  void aStretchWithoutValuesHasNoMean() {
    BinnedSeries series = new BinnedSeries(1);
    series.add(0, 0, 5, 1);
    series.add(40, 0, 7, 1);
    assertThat(series.mean(0, 1, 39)).isNaN();
    assertThat(series.mean(0, -10, 0)).isEqualTo(5);
    assertThat(series.mean(0, 0, 40)).isEqualTo(6);
  }
}
