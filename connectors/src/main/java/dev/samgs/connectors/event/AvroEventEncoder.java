package dev.samgs.connectors.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes events in their Avro form, see {@link AvroEvents}. Not safe for use by several threads.
 */
public final class AvroEventEncoder implements EventEncoder {
  private static final int MAX_VARINT = 10;

  private final byte[][] features;
  private final byte[][] tasks;
  private final FeatureForm form;
  private byte[] bytes = new byte[1024];
  private int at;

  /**
   * @param features names of the features, in the order of the rows
   * @param tasks names of the labels, in the order of the rows
   */
  public AvroEventEncoder(List<String> features, List<String> tasks, FeatureForm form) {
    this.features = features.stream().map(AvroEventEncoder::utf8).toArray(byte[][]::new);
    this.tasks = tasks.stream().map(AvroEventEncoder::utf8).toArray(byte[][]::new);
    this.form = form;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] encode(LabelledEvent event) {
    bytes[0] = AvroEvents.MARKER_0;
    bytes[1] = AvroEvents.MARKER_1;
    AvroEvents.LONG.set(bytes, 2, AvroEvents.FINGERPRINT);
    at = AvroEvents.HEADER;
    writeText(event.model());
    writeText(event.key());
    writeText(event.eventId());
    writeVarint(AvroEvents.PRESENT);
    writeVarint(event.row().timestamp());
    double[] values = event.row().features();
    if (form == FeatureForm.BY_NAME) {
      writeVarint(AvroEvents.MAP);
      writeMap(features, values, true);
    } else {
      writeVarint(AvroEvents.ARRAY);
      writeVarint(values.length);
      for (double value : values) {
        writeNumber(value);
      }
      writeVarint(0);
    }
    writeMap(tasks, event.row().labels(), false);
    return Arrays.copyOf(bytes, at);
  }

  /**
   * @param missing whether NaN is written as null, instead of being left out
   */
  private void writeMap(byte[][] names, double[] values, boolean missing) {
    int entries = 0;
    for (double value : values) {
      entries += missing || !Double.isNaN(value) ? 1 : 0;
    }
    if (entries > 0) {
      writeVarint(entries);
      for (int i = 0; i < names.length; i++) {
        if (missing || !Double.isNaN(values[i])) {
          writeBytes(names[i]);
          writeNumber(values[i]);
        }
      }
    }
    writeVarint(0);
  }

  private void writeText(String text) {
    if (text == null) {
      writeVarint(AvroEvents.NULL);
    } else {
      writeVarint(AvroEvents.PRESENT);
      writeBytes(utf8(text));
    }
  }

  private void writeBytes(byte[] text) {
    writeVarint(text.length);
    ensure(text.length);
    System.arraycopy(text, 0, bytes, at, text.length);
    at += text.length;
  }

  private void writeNumber(double value) {
    if (Double.isNaN(value)) {
      writeVarint(AvroEvents.NULL);
      return;
    }
    if (Double.isInfinite(value)) {
      throw new IllegalArgumentException("an event cannot hold an infinite number");
    }
    writeVarint(AvroEvents.PRESENT);
    ensure(Double.BYTES);
    AvroEvents.LONG.set(bytes, at, Double.doubleToRawLongBits(value));
    at += Double.BYTES;
  }

  /** Zigzag, then seven bits to a byte, the lowest first. */
  private void writeVarint(long value) {
    ensure(MAX_VARINT);
    long left = value << 1 ^ value >> 63;
    while ((left & ~0x7FL) != 0) {
      bytes[at++] = (byte) (left & 0x7F | 0x80);
      left >>>= 7;
    }
    bytes[at++] = (byte) left;
  }

  private void ensure(int more) {
    if (bytes.length - at < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, at + more));
    }
  }
}
