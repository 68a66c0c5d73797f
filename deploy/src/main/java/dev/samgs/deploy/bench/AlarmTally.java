package dev.samgs.deploy.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.DoublePredicate;

/** What the alarms of a detector were worth, over any number of streams. */
final class AlarmTally {
  private final List<Integer> delays = new ArrayList<>();
  private long changes;
  private long falseAlarms;
  private long values;

  /**
   * Feeds a stream. The first alarm within the horizon of a change is its detection, further ones
   * there are neither right nor wrong; all others are false.
   *
   * @param detector fresh; whether it gives an alarm with an error
   * @return which of the stream's changes were found
   */
  boolean[] run(DoublePredicate detector, ErrorStream stream) {
    boolean[] all = new boolean[stream.changes().length];
    int next = 0;
    boolean found = true;
    int end = 0;
    double[] errors = stream.errors();
    for (int i = 0; i < errors.length; i++) {
      if (next < stream.changes().length && i == stream.changes()[next]) {
        next++;
        found = false;
        end = i + stream.horizon();
      }
      if (detector.test(errors[i])) {
        if (next == 0 || i >= end) {
          falseAlarms++;
        } else if (!found) {
          found = true;
          all[next - 1] = true;
          delays.add(i - stream.changes()[next - 1] + 1);
        }
      }
    }
    changes += stream.changes().length;
    values += errors.length;
    return all;
  }

  long changes() {
    return changes;
  }

  long found() {
    return delays.size();
  }

  /** Share of the changes that were found; NaN without changes. */
  double recall() {
    return (double) delays.size() / changes;
  }

  /** Values from a change to its alarm in half of the cases; NaN where none was found. */
  double medianDelay() {
    if (delays.isEmpty()) {
      return Double.NaN;
    }
    List<Integer> sorted = new ArrayList<>(delays);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  long falseAlarms() {
    return falseAlarms;
  }

  double falseAlarmsPerMillion() {
    return falseAlarms * 1e6 / values;
  }

  /** Harmonic mean of the shares of changes found and of alarms that were right. */
  double f1() {
    double found = delays.size();
    return found == 0 ? 0 : 2 * found / (found + changes + falseAlarms);
  }

  long values() {
    return values;
  }
}
