package dev.samgs.drift;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * Watches a stream of errors in [0, 1] and reports when their mean has risen. Deterministic; the
 * state is part of the model and is saved with it. Not safe for use by several threads.
 */
public interface DriftDetector {
  /**
   * Takes the next error.
   *
   * @param error in [0, 1]; higher is worse
   * @return whether a deterioration is detected with this error; {@link #change()} then describes
   *     it, and the detector has started anew on the data after the change
   */
  boolean add(double error);

  /** The last detected change; null before the first. */
  Change change();

  /**
   * The detector's current estimate of the mean error, over the values since it last started anew;
   * NaN before the first value.
   */
  double mean();

  /**
   * How near the detector is to an alarm: 0 where nothing speaks for one, 1 where it would be given
   * (during the warm-up and between two checks it may lie above). Never NaN, never negative.
   */
  double statistic();

  /** Writes the state that {@link #read} needs to continue bit for bit. */
  void write(StateWriter out) throws IOException;

  /** Replaces the state by one written by a detector of the same kind. */
  void read(StateReader in) throws IOException;

  /**
   * A detected change.
   *
   * @param meanBefore estimated mean error before it
   * @param meanAfter estimated mean error after it
   * @param valuesSince how many of the latest values lie after the estimated change point
   */
  record Change(double meanBefore, double meanAfter, long valuesSince) {
    /** Writes a change, or that there was none. */
    static void write(Change change, StateWriter out) throws IOException {
      out.writeBoolean(change != null);
      if (change != null) {
        out.writeDouble(change.meanBefore);
        out.writeDouble(change.meanAfter);
        out.writeLong(change.valuesSince);
      }
    }

    /** Reads what {@link #write} wrote; null for none. */
    static Change read(StateReader in) throws IOException {
      return in.readBoolean() ? new Change(in.readDouble(), in.readDouble(), in.readLong()) : null;
    }
  }
}
