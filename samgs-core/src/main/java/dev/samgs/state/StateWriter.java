package dev.samgs.state;

import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes state in a fixed binary form: big-endian numbers, arrays with their length in front. Raw
 * bits are kept, so NaN payloads and negative zeros survive.
 */
public final class StateWriter {
  private static final int CHUNK_BYTES = 1 << 15;

  private final DataOutput out;
  private ByteBuffer chunk;

  /** Writes to {@code out}, which stays the caller's to close. */
  public StateWriter(DataOutput out) {
    this.out = out;
  }

  public void writeBoolean(boolean value) throws IOException {
    out.writeBoolean(value);
  }

  public void writeInt(int value) throws IOException {
    out.writeInt(value);
  }

  public void writeLong(long value) throws IOException {
    out.writeLong(value);
  }

  public void writeDouble(double value) throws IOException {
    out.writeLong(Double.doubleToRawLongBits(value));
  }

  public void writeString(String value) throws IOException {
    writeBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  public void writeBytes(byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  public void writeFloats(float[] values) throws IOException {
    out.writeInt(values.length);
    writeElements(values);
  }

  /** Writes the rows one after the other, as one array. */
  public void writeFloats(float[][] rows) throws IOException {
    int length = 0;
    for (float[] row : rows) {
      length = Math.addExact(length, row.length);
    }
    out.writeInt(length);
    for (float[] row : rows) {
      writeElements(row);
    }
  }

  private void writeElements(float[] values) throws IOException {
    ByteBuffer buffer = chunk();
    int step = CHUNK_BYTES / Float.BYTES;
    for (int from = 0; from < values.length; from += step) {
      int count = Math.min(step, values.length - from);
      buffer.asFloatBuffer().put(values, from, count);
      out.write(buffer.array(), 0, count * Float.BYTES);
    }
  }

  public void writeDoubles(double[] values) throws IOException {
    out.writeInt(values.length);
    ByteBuffer buffer = chunk();
    int step = CHUNK_BYTES / Double.BYTES;
    for (int from = 0; from < values.length; from += step) {
      int count = Math.min(step, values.length - from);
      buffer.asDoubleBuffer().put(values, from, count);
      out.write(buffer.array(), 0, count * Double.BYTES);
    }
  }

  public void writeLongs(long[] values) throws IOException {
    out.writeInt(values.length);
    ByteBuffer buffer = chunk();
    int step = CHUNK_BYTES / Long.BYTES;
    for (int from = 0; from < values.length; from += step) {
      int count = Math.min(step, values.length - from);
      buffer.asLongBuffer().put(values, from, count);
      out.write(buffer.array(), 0, count * Long.BYTES);
    }
  }

  private ByteBuffer chunk() {
    if (chunk == null) {
      chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.BIG_ENDIAN);
    }
    return chunk;
  }
}
