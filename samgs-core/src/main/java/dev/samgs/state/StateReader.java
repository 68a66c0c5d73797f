package dev.samgs.state;

import java.io.ByteArrayInputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Deque;

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
  private final Deque<Object> kept;
  private ByteBuffer chunk;

  /** Something that reads a part of a state. */
  public interface Part {
    void read(StateReader in) throws IOException;
  }

  /** Reads from {@code in}, which stays the caller's to close. */
  public StateReader(DataInput in) {
    this.in = in;
    this.kept = null;
  }

  /** Reads what a {@link StateWriter} kept in memory, and hands its arrays over. */
  StateReader(Deque<Object> kept) {
    this.in = null;
    this.kept = kept;
  }

  /** Reads a part that was written with its length, or passes it over. */
  public void readPart(boolean wanted, Part part) throws IOException {
    if (kept != null) {
      @SuppressWarnings("unchecked")
      Deque<Object> own = (Deque<Object>) kept.remove();
      if (wanted) {
        part.read(new StateReader(own));
      }
      return;
    }
    byte[] bytes = readBytes();
    if (wanted) {
      part.read(new StateReader(new DataInputStream(new ByteArrayInputStream(bytes))));
    }
  }

  public boolean readBoolean() throws IOException {
    if (kept != null) {
      return (boolean) kept.remove();
    }
    return chunk(Byte.BYTES).get() != 0;
  }

  public int readInt() throws IOException {
    if (kept != null) {
      return (int) kept.remove();
    }
    return chunk(Integer.BYTES).getInt();
  }

  public long readLong() throws IOException {
    if (kept != null) {
      return (long) kept.remove();
    }
    return chunk(Long.BYTES).getLong();
  }

  public double readDouble() throws IOException {
    if (kept != null) {
      return (double) kept.remove();
    }
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
    if (kept != null) {
      return (byte[]) kept.remove();
    }
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
    if (kept != null) {
      return (float[]) kept.remove();
    }
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
    if (kept != null) {
      return (double[]) kept.remove();
    }
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
    if (kept != null) {
      return (long[]) kept.remove();
    }
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
