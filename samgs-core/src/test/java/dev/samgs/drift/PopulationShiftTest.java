package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.spec.ShiftSpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PopulationShiftTest {
  private static final ShiftSpec SETTINGS = ShiftSpec.defaults();
  private static final int COLUMNS = 20;
  private static final int MISSING = PopulationShift.NUMBER_BINS;

  private final Random random = new Random(4);
  private final PopulationShift shift = fresh();
  private long now;

  @Test
  void binsAreHalfADeviationWideAndTheOuterOnesOpen() {
    assertThat(PopulationShift.binOf(0)).isEqualTo(5);
    assertThat(PopulationShift.binOf(-0.01)).isEqualTo(4);
    assertThat(PopulationShift.binOf(1.99)).isEqualTo(8);
    assertThat(PopulationShift.binOf(2)).isEqualTo(9);
    assertThat(PopulationShift.binOf(1e300)).isEqualTo(9);
    assertThat(PopulationShift.binOf(-1e300)).isZero();
  }

  /** 2·10⁷ values in independent rows: the largest of 20 indices never comes near the threshold. */
  @Test
  void independentRowsGiveNoAlarmAndAnIndexOfTheStatedSize() {
    double sum = 0;
    int judged = 0;
    for (int r = 0; r < 1_000_000; r++) {
      row(0, 0);
      if (r > 10_000 && r % 997 == 0) {
        sum += shift.index(0) * shift.recentRows();
        judged++;
      }
    }
    assertThat(shift.takeShift()).isNull();
    // (bins − 1)·(1 + n/m), with n up to 512 recent rows and about 2,560 before.
    assertThat(sum / judged).isBetween(8.0, 13.0);
  }

  @Test
  void aShiftOfHalfAColumnsDeviationsIsSeenOnceAndTheColumnNamed() {
    rows(20_000, 0, 0);
    long change = now;
    int delay = 0;
    PopulationShift.Shift seen = null;
    while (seen == null) {
      row(1.0, 0);
      seen = shift.takeShift();
      delay++;
    }
    assertThat(delay).isLessThanOrEqualTo(SETTINGS.window());
    assertThat(seen.columns()[0]).isEqualTo(7);
    assertThat(seen.moves()[0]).isEqualTo(seen.after()).isGreaterThan(SETTINGS.threshold());
    assertThat(seen.before()).isLessThan(SETTINGS.threshold());
    assertThat(seen.since()).isCloseTo(change, within((long) SETTINGS.window()));
    assertThat(shift.shifted()).isTrue();
    rows(20_000, 1.0, 0);
    assertThat(shift.takeShift()).isNull();
    assertThat(shift.shifted()).as("the new level is the normal one").isFalse();
    rows(2_000, 0, 0);
    assertThat(shift.takeShift()).as("back again is a shift again").isNotNull();
  }

  @Test
  void aSensorThatFallsSilentIsAShift() {
    rows(20_000, 0, 0);
    rows(600, 0, 0.4);
    PopulationShift.Shift seen = shift.takeShift();
    assertThat(seen.columns()[0]).isEqualTo(3);
    assertThat(shift.recentShare(3, MISSING)).isCloseTo(0.4, within(0.1));
  }

  @Test
  void whatDriftsSlowlyBecomesNormal() {
    rows(20_000, 0, 0);
    for (int r = 0; r < 200_000; r++) {
      row(2.0 * r / 200_000, 0);
    }
    assertThat(shift.takeShift()).isNull();
  }

  @Test
  void withoutAReferenceNothingIsCompared() {
    rows(SETTINGS.window(), 0, 0);
    assertThat(shift.comparable()).isFalse();
    assertThat(shift.index(0)).isNaN();
    assertThat(shift.furthest(3)).isEmpty();
  }

  @Test
  void goesOnBitForBit() throws IOException {
    PopulationShift restored = fresh();
    for (int r = 0; r < 6000; r++) {
      double offset = r > 3000 ? 2 : 0;
      int[] bins = bins(offset, 0);
      count(shift, bins, r);
      if (r % 101 == 0) {
        byte[] saved = bytes(restored);
        restored = fresh();
        restored.read(reader(saved));
      }
      count(restored, bins, r);
    }
    assertThat(bytes(restored)).isEqualTo(bytes(shift));
    assertThat(restored.takeShift().after()).isEqualTo(shift.takeShift().after());
  }

  @Test
  void stateOfOtherColumnsIsRefused() throws IOException {
    byte[] saved = bytes(shift);
    PopulationShift other = new PopulationShift(3, 4, SETTINGS);
    assertThatThrownBy(() -> other.read(reader(saved)))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("counts where 12 belong");
  }

  private static PopulationShift fresh() {
    return new PopulationShift(COLUMNS, MISSING + 1, SETTINGS);
  }

  private void rows(int count, double offset, double missing) {
    for (int r = 0; r < count; r++) {
      row(offset, missing);
    }
  }

  private void row(double offset, double missing) {
    count(shift, bins(offset, missing), now++);
  }

  /** Standard normal columns; column 7 is moved by the offset, column 3 is missing now and then. */
  private int[] bins(double offset, double missing) {
    int[] bins = new int[COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
      bins[c] = PopulationShift.binOf(random.nextGaussian() + (c == 7 ? offset : 0));
    }
    if (random.nextDouble() < missing) {
      bins[3] = MISSING;
    }
    return bins;
  }

  private static void count(PopulationShift shift, int[] bins, long timestamp) {
    for (int c = 0; c < COLUMNS; c++) {
      shift.add(c, bins[c]);
    }
    shift.endRow(timestamp, 5);
  }

  private static byte[] bytes(PopulationShift shift) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    shift.write(new StateWriter(new DataOutputStream(bytes)));
    return bytes.toByteArray();
  }

  private static StateReader reader(byte[] bytes) {
    return new StateReader(new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
