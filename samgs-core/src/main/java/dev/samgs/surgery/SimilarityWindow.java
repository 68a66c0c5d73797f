package dev.samgs.surgery;

import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * The most recent similarities, in the order they came and in the order of their size: what the
 * dynamic threshold of {@link SamGs} follows. Exact, so that the same steps give the same
 * threshold.
 */
final class SimilarityWindow {
  private final double[] recent;
  private final double[] sorted;
  private long seen;

  /**
   * @param capacity how many are kept; 0 for none
   */
  SimilarityWindow(int capacity) {
    recent = new double[capacity];
    sorted = new double[capacity];
  }

  /** How many similarities have been added in all. */
  long seen() {
    return seen;
  }

  private int size() {
    return (int) Math.min(seen, recent.length);
  }

  void add(double similarity) {
    int size = size();
    int slot = (int) (seen % recent.length);
    if (size == recent.length) {
      int gone = Arrays.binarySearch(sorted, 0, size, recent[slot]);
      System.arraycopy(sorted, gone + 1, sorted, gone, size - gone - 1);
      size--;
    }
    int place = Arrays.binarySearch(sorted, 0, size, similarity);
    int at = place >= 0 ? place : -place - 1;
    System.arraycopy(sorted, at, sorted, at + 1, size - at);
    sorted[at] = similarity;
    recent[slot] = similarity;
    seen++;
  }

  /** The quantile, interpolated between neighbours; at least one similarity must be there. */
  double quantile(double share) {
    double place = share * (size() - 1);
    int below = (int) place;
    int above = Math.min(below + 1, size() - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  double mean() {
    double sum = 0;
    for (int i = 0; i < size(); i++) {
      sum += sorted[i];
    }
    return sum / size();
  }

  /** Standard deviation of the window, divided by its size. */
  double deviation() {
    double mean = mean();
    double squares = 0;
    for (int i = 0; i < size(); i++) {
      squares += (sorted[i] - mean) * (sorted[i] - mean);
    }
    return Math.sqrt(squares / size());
  }

  void write(StateWriter out) throws IOException {
    out.writeLong(seen);
    out.writeDoubles(Arrays.copyOf(recent, size()));
  }

  /** Replaces the content; of a longer saved window the newest similarities are kept. */
  void read(StateReader in) throws IOException {
    long savedSeen = in.readLong();
    double[] saved = in.readDoubles();
    if (savedSeen < saved.length || (saved.length == 0 && savedSeen > 0)) {
      throw new StateFormatException(
          "the saved similarities are damaged: " + saved.length + " of " + savedSeen);
    }
    if (recent.length == 0) {
      return;
    }
    if (saved.length == Math.min(savedSeen, recent.length)) {
      System.arraycopy(saved, 0, recent, 0, saved.length);
      System.arraycopy(saved, 0, sorted, 0, saved.length);
      Arrays.sort(sorted, 0, saved.length);
      seen = savedSeen;
    } else {
      // Saved with another capacity: put in again from the oldest on.
      int oldest = (int) (savedSeen % saved.length);
      seen = 0;
      for (int i = 0; i < saved.length; i++) {
        add(saved[(oldest + i) % saved.length]);
      }
    }
  }
}
