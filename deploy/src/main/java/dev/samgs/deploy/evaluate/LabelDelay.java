package dev.samgs.deploy.evaluate;

import java.time.Duration;

/**
 * How long after a row's features its labels come: after that many further rows, or when event time
 * has moved on by that much.
 *
 * @param rows rows; 0 where {@code time} says it
 * @param time event time; null where {@code rows} says it
 */
public record LabelDelay(int rows, Duration time) {
  /** Labels come with their rows. */
  public static final LabelDelay NONE = ofRows(0);

  public LabelDelay {
    if (rows < 0 || (time != null && (rows != 0 || time.isNegative()))) {
      throw new IllegalArgumentException("labels cannot come before their rows");
    }
  }

  /** Labels come {@code rows} rows later. */
  public static LabelDelay ofRows(int rows) {
    return new LabelDelay(rows, null);
  }

  /** Labels come when the largest event time so far is {@code time} past that of their row. */
  public static LabelDelay ofTime(Duration time) {
    return new LabelDelay(0, time);
  }

  /** Whether this is a delay in event time, not in rows. */
  public boolean inTime() {
    return time != null;
  }

  /** As it is written on a command line: {@code 96}, {@code 1d12h}. */
  @Override
  public String toString() {
    if (!inTime()) {
      return Integer.toString(rows);
    }
    StringBuilder text = new StringBuilder();
    append(text, time.toDays(), "d");
    append(text, time.toHoursPart(), "h");
    append(text, time.toMinutesPart(), "m");
    append(text, time.toSecondsPart(), "s");
    append(text, time.toMillisPart(), "ms");
    return text.isEmpty() ? "0s" : text.toString();
  }

  private static void append(StringBuilder text, long amount, String unit) {
    if (amount != 0) {
      text.append(amount).append(unit);
    }
  }

  /** When the labels of a row come, on the clock of {@link #now}. */
  long due(long position, long timestamp) {
    return inTime() ? timestamp + time.toMillis() : position + rows;
  }

  /** The clock: the latest row's position, or the largest event time so far. */
  long now(long position, long latestTimestamp) {
    return inTime() ? latestTimestamp : position;
  }
}
