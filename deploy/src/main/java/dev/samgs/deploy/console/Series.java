package dev.samgs.deploy.console;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Arrays;

/**
 * A bounded series over event time. Time is cut into slots; a slot holds the weighted mean of what
 * fell into it, and slots into which nothing fell take no room. When all room is taken, either the
 * oldest slot goes, or every two slots become one of twice the width, so that the whole past stays
 * in view.
 */
final class Series {
  private static final int FIRST_ROOM = 8;

  private final int capacity;
  private final boolean whole;
  private final int channels;
  private long width;
  private int size;
  private long[] slots;
  private float[] weights;

  /** Means, slot by slot, {@code channels} each; NaN where a channel has no value yet. */
  private float[] means;

  private Series(int capacity, boolean whole, int channels, long width) {
    this.capacity = capacity;
    this.whole = whole;
    this.channels = channels;
    this.width = width;
    this.slots = new long[FIRST_ROOM];
    this.weights = new float[FIRST_ROOM];
    this.means = new float[FIRST_ROOM * channels];
  }

  /**
   * A series of the newest {@code capacity} slots.
   *
   * @param width of a slot in milliseconds
   */
  static Series recent(int capacity, int channels, long width) {
    return new Series(capacity, false, channels, width);
  }

  /**
   * A series of everything, in at most {@code capacity} slots.
   *
   * @param width of a slot in milliseconds at first
   */
  static Series whole(int capacity, int channels, long width) {
    return new Series(capacity, true, channels, width);
  }

  /**
   * Adds a value of each channel; NaN for none. What comes before the newest slot counts in it: the
   * event time of a model goes back only when the job was set back.
   */
  void add(long time, double weight, double... values) {
    long slot = Math.floorDiv(time, width);
    if (size == 0 || slot > slots[size - 1]) {
      if (size == capacity) {
        makeRoom();
        add(time, weight, values);
        return;
      }
      grow();
      slots[size] = slot;
      weights[size] = 0;
      Arrays.fill(means, size * channels, (size + 1) * channels, Float.NaN);
      size++;
    }
    merge(size - 1, (float) weight, values);
  }

  private void merge(int at, float weight, double... values) {
    weights[at] += weight;
    float share = weights[at] == 0 ? 1 : weight / weights[at];
    for (int c = 0; c < channels; c++) {
      if (Double.isFinite(values[c])) {
        int i = at * channels + c;
        means[i] =
            Float.isNaN(means[i])
                ? (float) values[c]
                : (float) (means[i] + share * (values[c] - means[i]));
      }
    }
  }

  private void grow() {
    if (size == slots.length) {
      int room = Math.min(capacity, 2 * size);
      slots = Arrays.copyOf(slots, room);
      weights = Arrays.copyOf(weights, room);
      means = Arrays.copyOf(means, room * channels);
    }
  }

  private void makeRoom() {
    if (!whole) {
      size--;
      System.arraycopy(slots, 1, slots, 0, size);
      System.arraycopy(weights, 1, weights, 0, size);
      System.arraycopy(means, channels, means, 0, size * channels);
      return;
    }
    width *= 2;
    int old = size;
    size = 0;
    double[] values = new double[channels];
    for (int from = 0; from < old; from++) {
      for (int c = 0; c < channels; c++) {
        values[c] = means[from * channels + c];
      }
      long slot = Math.floorDiv(slots[from], 2);
      float weight = weights[from];
      if (size == 0 || slot > slots[size - 1]) {
        slots[size] = slot;
        weights[size] = 0;
        Arrays.fill(means, size * channels, (size + 1) * channels, Float.NaN);
        size++;
      }
      merge(size - 1, weight, values);
    }
  }

  int size() {
    return size;
  }

  /** Event time at which the newest slot ends; 0 if there is none. */
  long end() {
    return size == 0 ? 0 : (slots[size - 1] + 1) * width;
  }

  /** The mean of a channel in a slot, the oldest slot first. */
  double value(int slot, int channel) {
    return means[slot * channels + channel];
  }

  /** Writes an array of times, the ends of the slots, and an array for each channel. */
  void write(JsonGenerator out, String... names) throws IOException {
    out.writeStartObject();
    out.writeNumberField("width", width);
    out.writeArrayFieldStart("t");
    for (int i = 0; i < size; i++) {
      out.writeNumber((slots[i] + 1) * width);
    }
    out.writeEndArray();
    for (int c = 0; c < channels; c++) {
      out.writeArrayFieldStart(names[c]);
      for (int i = 0; i < size; i++) {
        BoardJson.figure(out, means[i * channels + c]);
      }
      out.writeEndArray();
    }
    out.writeEndObject();
  }
}
