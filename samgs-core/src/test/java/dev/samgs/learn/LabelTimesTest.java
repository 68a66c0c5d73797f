package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LabelTimesTest {
  @Test
  void evenlySpacedLabelsAreFoundExactly() {
    LabelTimes times = new LabelTimes();
    for (int i = 0; i < 5000; i++) {
      times.add(1_000_000 + 100L * i);
      for (int back : new int[] {1, 2, 7, 8, 9, 100, 1234, 4999}) {
        if (back <= i + 1) {
          assertThat(times.before(back)).isEqualTo(1_000_000 + 100L * (i + 1 - back));
        }
      }
    }
  }

  @Test
  void irregularLabelsAreFoundToAQuarterOfTheirAge() {
    SplittableRandom random = new SplittableRandom(1);
    LabelTimes times = new LabelTimes();
    long[] at = new long[20_000];
    long now = 0;
    for (int i = 0; i < at.length; i++) {
      now += random.nextInt(10) == 0 ? 5000 : random.nextInt(20);
      at[i] = now;
      times.add(now);
    }
    for (int back = 1; back <= at.length; back += 1 + back / 50) {
      int older = Math.max(0, at.length - back - back / 4 - 1);
      int newer = Math.min(at.length - 1, at.length - back + back / 4 + 1);
      assertThat(times.before(back)).as("back %d", back).isBetween(at[older], at[newer]);
    }
  }

  @Test
  void beyondTheFirstLabelItIsTheFirst() {
    LabelTimes times = new LabelTimes();
    times.add(7);
    times.add(9);
    assertThat(times.before(100)).isEqualTo(7);
  }

  @Test
  void goesOnBitForBit() throws IOException {
    LabelTimes undisturbed = new LabelTimes();
    LabelTimes restored = new LabelTimes();
    for (int i = 0; i < 700; i++) {
      undisturbed.add(3L * i);
      byte[] saved = bytes(restored);
      restored = new LabelTimes();
      restored.read(new StateReader(new DataInputStream(new ByteArrayInputStream(saved))));
      restored.add(3L * i);
      assertThat(bytes(restored)).isEqualTo(bytes(undisturbed));
    }
    assertThat(bytes(restored)).hasSizeLessThan(2500);
  }

  private static byte[] bytes(LabelTimes times) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    times.write(new StateWriter(new DataOutputStream(bytes)));
    return bytes.toByteArray();
  }
}
