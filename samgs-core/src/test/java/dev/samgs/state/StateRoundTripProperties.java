package dev.samgs.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class StateRoundTripProperties {
  private interface Read<T> {
    T from(StateReader in) throws IOException;
  }

  private interface Write {
    void to(StateWriter out) throws IOException;
  }

  @Property(seed = "1")
  void numbersAndTextComeBack(
      @ForAll boolean flag,
      @ForAll int number,
      @ForAll long large,
      @ForAll double real,
      @ForAll String text,
      @ForAll byte[] raw)
      throws IOException {
    StateReader in =
        reader(
            bytes(
                out -> {
                  out.writeBoolean(flag);
                  out.writeInt(number);
                  out.writeLong(large);
                  out.writeDouble(real);
                  out.writeBytes(raw);
                  out.writeString(text);
                }));
    assertThat(in.readBoolean()).isEqualTo(flag);
    assertThat(in.readInt()).isEqualTo(number);
    assertThat(in.readLong()).isEqualTo(large);
    assertThat(Double.doubleToRawLongBits(in.readDouble()))
        .isEqualTo(Double.doubleToRawLongBits(real));
    assertThat(in.readBytes()).isEqualTo(raw);
    assertThat(in.readString()).isEqualTo(new String(text.getBytes(UTF_8), UTF_8));
  }

  /** Lengths around the reader's chunks and its first guess of what an array may need. */
  @Property(tries = 100, seed = "1")
  void arraysOfEveryLengthComeBackBitForBit(
      @ForAll @IntRange(max = 200_000) int length, @ForAll int pattern) throws IOException {
    float[] floats = new float[length];
    double[] doubles = new double[length];
    long[] longs = new long[length];
    for (int i = 0; i < length; i++) {
      longs[i] = (i + 1) * 0x9E3779B97F4A7C15L ^ pattern;
      floats[i] = Float.intBitsToFloat((int) longs[i]);
      doubles[i] = Double.longBitsToDouble(longs[i]);
    }
    StateReader in =
        reader(
            bytes(
                out -> {
                  out.writeFloats(floats);
                  out.writeDoubles(doubles);
                  out.writeLongs(longs);
                }));
    float[] floatsBack = in.readFloats();
    double[] doublesBack = in.readDoubles();
    assertThat(floatsBack).hasSize(length);
    assertThat(doublesBack).hasSize(length);
    for (int i = 0; i < length; i++) {
      if (Float.floatToRawIntBits(floatsBack[i]) != Float.floatToRawIntBits(floats[i])
          || Double.doubleToRawLongBits(doublesBack[i]) != longs[i]) {
        throw new AssertionError("element " + i + " of " + length + " came back changed");
      }
    }
    assertThat(in.readLongs()).isEqualTo(longs);
  }

  @Property(seed = "1")
  void aLengthThatPromisesMoreThanThereIsCostsNoMemoryAndIsRefused(
      @ForAll @IntRange(min = 1000) int announced, @ForAll @IntRange(max = 300) int there)
      throws IOException {
    byte[] damaged =
        bytes(
            out -> {
              out.writeInt(announced);
              for (int i = 0; i < there; i++) {
                out.writeBoolean(true);
              }
            });
    for (Read<?> read :
        new Read<?>[] {
          StateReader::readBytes,
          StateReader::readString,
          StateReader::readFloats,
          StateReader::readDoubles,
          StateReader::readLongs
        }) {
      assertThatThrownBy(() -> read.from(reader(damaged)))
          .isInstanceOf(StateFormatException.class)
          .hasMessage("the state is damaged: it ends too early");
    }
  }

  @Property(seed = "1")
  void aNegativeLengthIsRefused(@ForAll @IntRange(min = Integer.MIN_VALUE, max = -1) int length)
      throws IOException {
    byte[] damaged = bytes(out -> out.writeInt(length));
    assertThatThrownBy(() -> reader(damaged).readFloats())
        .isInstanceOf(StateFormatException.class)
        .hasMessage("the state is damaged: it announces an array of " + length + " elements");
  }

  private static byte[] bytes(Write write) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write.to(new StateWriter(new DataOutputStream(bytes)));
    return bytes.toByteArray();
  }

  private static StateReader reader(byte[] bytes) {
    return new StateReader(new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
