package dev.samgs.state;

import java.io.DataInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads what {@link StateWriter} wrote. */
public final class StateReader {
  private static final int CHUNK_BYTES = 1 << 15;

  private final DataInput in;
  private ByteBuffer chunk;

  /** Reads from {@code in}, which stays the caller's to close. */
  public StateReader(DataInput in) {
    this.in = in;
  }

  public boolean readBoolean() throws IOException {
    return in.readBoolean();
  }

  public int readInt() throws IOException {
    return in.readInt();
  }

  public long readLong() throws IOException {
    return in.readLong();
  }

  public double readDouble() throws IOException {
    return Double.longBitsToDouble(in.readLong());
  }

  public String readString() throws IOException {
    return new String(readBytes(), StandardCharsets.UTF_8);
  }

  public byte[] readBytes() throws IOException {
    byte[] bytes = new byte[readLength()];
    in.readFully(bytes);
    return bytes;
  }

  public float[] readFloats() throws IOException {
    float[] values = new float[readLength()];
    ByteBuffer buffer = chunk();
    int step = CHUNK_BYTES / Float.BYTES;
    for (int from = 0; from < values.length; from += step) {
      int count = Math.min(step, values.length - from);
      in.readFully(buffer.array(), 0, count * Float.BYTES);
      buffer.asFloatBuffer().get(values, from, count);
    }
    return values;
  }

  public double[] readDoubles() throws IOException {
    double[] values = new double[readLength()];
    ByteBuffer buffer = chunk();
    int step = CHUNK_BYTES / Double.BYTES;
    for (int from = 0; from < values.length; from += step) {
      int count = Math.min(step, values.length - from);
      in.readFully(buffer.array(), 0, count * Double.BYTES);
      buffer.asDoubleBuffer().get(values, from, count);
    }
    return values;
  }

  public long[] readLongs() throws IOException {
    long[] values = new long[readLength()];
    ByteBuffer buffer = chunk();
    int step = CHUNK_BYTES / Long.BYTES;
    for (int from = 0; from < values.length; from += step) {
      int count = Math.min(step, values.length - from);
      in.readFully(buffer.array(), 0, count * Long.BYTES);
      buffer.asLongBuffer().get(values, from, count);
    }
    return values;
  }

  private int readLength() throws IOException {
    int length = in.readInt();
    if (length < 0) {
      throw new StateFormatException(
          "the state is damaged: it announces an array of " + length + " elements");
    }
    return length;
  }

  private ByteBuffer chunk() {
    if (chunk == null) {
      chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.BIG_ENDIAN);
    }
    return chunk;
  }
}
