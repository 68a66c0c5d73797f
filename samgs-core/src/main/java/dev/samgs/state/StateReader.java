package dev.samgs.state;

import java.io.DataInput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link StateWriter} wrote. Memory is taken as the bytes arrive, so that a damaged
 * length costs no more than the bytes that are there; state that ends early is a {@link
 * StateFormatException}.
 */
public final class StateReader {
  private static final int CHUNK_BYTES = 1 << 15;

  /** Elements that an array may announce before it has to show them. */
  private static final int TRUSTED_LENGTH = 1 << 16;

  private final DataInput in;
  private ByteBuffer chunk;

  /** Reads from {@code in}, which stays the caller's to close. */
  public StateReader(DataInput in) {
    this.in = in;
  }

  public boolean readBoolean() throws IOException {
    return chunk(Byte.BYTES).get() != 0;
  }

  public int readInt() throws IOException {
    return chunk(Integer.BYTES).getInt();
  }

  public long readLong() throws IOException {
    return chunk(Long.BYTES).getLong();
  }

  public double readDouble() throws IOException {
    return chunk(Double.BYTES).getDouble();
  }

  public String readString() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(readBytes());
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new StateFormatException("the state is damaged: it has other bytes where text belongs");
    }
  }

  public byte[] readBytes() throws IOException {
    int length = readLength();
    byte[] values = new byte[Math.min(length, TRUSTED_LENGTH)];
    for (int from = 0; from < length; from += CHUNK_BYTES) {
      int count = Math.min(CHUNK_BYTES, length - from);
      ByteBuffer bytes = chunk(count);
      if (from + count > values.length) {
        values = Arrays.copyOf(values, grown(values.length, length));
      }
      bytes.get(values, from, count);
    }
    return values;
  }

  public float[] readFloats() throws IOException {
    int length = readLength();
    float[] values = new float[Math.min(length, TRUSTED_LENGTH)];
    int step = CHUNK_BYTES / Float.BYTES;
    for (int from = 0; from < length; from += step) {
      int count = Math.min(step, length - from);
      ByteBuffer bytes = chunk(count * Float.BYTES);
      if (from + count > values.length) {
        values = Arrays.copyOf(values, grown(values.length, length));
      }
      bytes.asFloatBuffer().get(values, from, count);
    }
    return values;
  }

  public double[] readDoubles() throws IOException {
    int length = readLength();
    double[] values = new double[Math.min(length, TRUSTED_LENGTH)];
    int step = CHUNK_BYTES / Double.BYTES;
    for (int from = 0; from < length; from += step) {
      int count = Math.min(step, length - from);
      ByteBuffer bytes = chunk(count * Double.BYTES);
      if (from + count > values.length) {
        values = Arrays.copyOf(values, grown(values.length, length));
      }
      bytes.asDoubleBuffer().get(values, from, count);
    }
    return values;
  }

  public long[] readLongs() throws IOException {
    int length = readLength();
    long[] values = new long[Math.min(length, TRUSTED_LENGTH)];
    int step = CHUNK_BYTES / Long.BYTES;
    for (int from = 0; from < length; from += step) {
      int count = Math.min(step, length - from);
      ByteBuffer bytes = chunk(count * Long.BYTES);
      if (from + count > values.length) {
        values = Arrays.copyOf(values, grown(values.length, length));
      }
      bytes.asLongBuffer().get(values, from, count);
    }
    return values;
  }

  private int readLength() throws IOException {
    int length = readInt();
    if (length < 0) {
      throw new StateFormatException(
          "the state is damaged: it announces an array of " + length + " elements");
    }
    return length;
  }

  /** Room for at least one more chunk: {@value #TRUSTED_LENGTH} elements are more than that. */
  private static int grown(int length, int announced) {
    return (int) Math.min(announced, 2L * length);
  }

  /** The next {@code count} bytes, in a buffer that the next call overwrites. */
  private ByteBuffer chunk(int count) throws IOException {
    if (chunk == null) {
      chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.BIG_ENDIAN);
    }
    try {
      in.readFully(chunk.array(), 0, count);
    } catch (EOFException e) {
      throw new StateFormatException("the state is damaged: it ends too early");
    }
    return chunk.clear().limit(count);
  }
}
