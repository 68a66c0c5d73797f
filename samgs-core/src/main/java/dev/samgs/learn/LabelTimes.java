package dev.samgs.learn;

import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * When a task's labels came, ever more coarsely the longer ago: of the labels whose number is a
 * multiple of 2^r the latest {@value #KEPT} times are kept, for every r. So the time of the n-th
 * last label is known to a quarter of its age, and interpolated between. O(1) per label on average,
 * at most {@value #LEVELS} · {@value #KEPT} numbers.
 */
final class LabelTimes {
  private static final int KEPT = 8;
  private static final int LEVELS = 32;

  private long labels;
  private long first;

  /** Time of the label with number k·2^r at {@code r · KEPT + k mod KEPT}; grows by levels. */
  private long[] times = new long[0];

  void add(long timestamp) {
    long number = labels++;
    if (number == 0) {
      first = timestamp;
    }
    int levels = number == 0 ? 1 : Math.min(LEVELS, Long.numberOfTrailingZeros(number) + 1);
    if (times.length < levels * KEPT) {
      times = Arrays.copyOf(times, levels * KEPT);
      // A new level begins with label 0, a multiple of every power.
      times[(levels - 1) * KEPT] = first;
    }
    for (int r = 0; r < levels; r++) {
      times[r * KEPT + (int) ((number >> r) % KEPT)] = timestamp;
    }
  }

  /**
   * Estimated time of the {@code back}-th last label, 1 for the latest.
   *
   * @param back at least 1; beyond the first label, that one's time is returned
   */
  long before(long back) {
    long number = Math.max(0, labels - back);
    int levels = times.length / KEPT;
    for (int r = 0; r < levels; r++) {
      long newest = (labels - 1) >> r;
      long below = number >> r;
      if (newest - below < KEPT) {
        long from = times[r * KEPT + (int) (below % KEPT)];
        if (below == newest) {
          return from;
        }
        long to = times[r * KEPT + (int) ((below + 1) % KEPT)];
        double share = (double) (number - (below << r)) / (1L << r);
        return from + Math.round(share * (to - from));
      }
    }
    return first;
  }

  void write(StateWriter out) throws IOException {
    out.writeLong(labels);
    out.writeLong(first);
    out.writeLongs(times);
  }

  void read(StateReader in) throws IOException {
    labels = in.readLong();
    first = in.readLong();
    times = in.readLongs();
    if (labels < 0 || times.length % KEPT != 0 || times.length > LEVELS * KEPT) {
      throw new StateFormatException("the state is damaged: a task's label times do not fit");
    }
  }
}
