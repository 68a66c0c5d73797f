package dev.samgs.state;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes state in a fixed binary form: big-endian numbers, arrays with their length in front. Raw
 * bits are kept, so NaN payloads and negative zeros survive.
 *
 * <p>Or keeps it in memory, array by array, for a reader in the same process: whatever can be saved
 * can so be copied, without passing through bytes.
 */
public final class StateWriter {
  private static final int CHUNK_BYTES = 1 << 15;

  private final DataOutput out;
  private final Deque<Object> kept;
  private ByteBuffer chunk;

  /** Something that writes a part of a state. */
  public interface Part {
    void write(StateWriter out) throws IOException;
  }

  /** Writes to {@code out}, which stays the caller's to close. */
  public StateWriter(DataOutput out) {
    this(out, null);
  }

  private StateWriter(DataOutput out, Deque<Object> kept) {
    this.out = out;
    this.kept = kept;
  }

  /** Keeps what is written, for {@link #reader}. */
  public static StateWriter inMemory() {
    return new StateWriter(null, new ArrayDeque<>());
  }

  /** Reads what was written to this, which is in memory; can be asked for once. */
  public StateReader reader() {
    return new StateReader(kept);
  }

  /** Writes a part with its length, so that a reader that has no use for it can pass it over. */
  public void writePart(Part part) throws IOException {
    if (kept != null) {
      StateWriter own = inMemory();
      part.write(own);
      kept.add(own.kept);
      return;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    part.write(new StateWriter(new DataOutputStream(bytes)));
    writeBytes(bytes.toByteArray());
  }

  public void writeBoolean(boolean value) throws IOException {
    if (kept != null) {
      kept.add(value);
      return;
    }
    out.writeBoolean(value);
  }

  public void writeInt(int value) throws IOException {
    if (kept != null) {
      kept.add(value);
      return;
    }
    out.writeInt(value);
  }

  public void writeLong(long value) throws IOException {
    if (kept != null) {
      kept.add(value);
      return;
    }
    out.writeLong(value);
  }

  public void writeDouble(double value) throws IOException {
    if (kept != null) {
      kept.add(value);
      return;
    }
    out.writeLong(Double.doubleToRawLongBits(value));
  }

  public void writeString(String value) throws IOException {
    writeBytes(value.getBytes(StandardCharsets.UTF_8));
  }

  public void writeBytes(byte[] bytes) throws IOException {
    if (kept != null) {
      kept.add(bytes.clone());
      return;
    }
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  public void writeFloats(float[] values) throws IOException {
    if (kept != null) {
      kept.add(values.clone());
      return;
    }
    out.writeInt(values.length);
    writeElements(values);
  }

  /** Writes the rows one after the other, as one array. */
  public void writeFloats(float[][] rows) throws IOException {
    int length = 0;
    for (float[] row : rows) {
      length = Math.addExact(length, row.length);
    }
    if (kept != null) {
      float[] all = new float[length];
      int at = 0;
      for (float[] row : rows) {
        System.arraycopy(row, 0, all, at, row.length);
        at += row.length;
      }
      kept.add(all);
      return;
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
    if (kept != null) {
      kept.add(values.clone());
      return;
    }
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
    if (kept != null) {
      kept.add(values.clone());
      return;
    }
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
