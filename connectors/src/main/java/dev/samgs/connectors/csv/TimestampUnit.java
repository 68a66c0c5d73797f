package dev.samgs.connectors.csv;

import dev.samgs.connectors.event.EventTime;
import java.math.BigDecimal;
import java.util.Locale;

/** What the numbers of a file's {@code ts} column are. */
public enum TimestampUnit {
  /** Seconds since 1970. */
  S(3),
  /** Milliseconds since 1970. */
  MS(0),
  /** Microseconds since 1970. */
  US(-3),
  /** Nanoseconds since 1970. */
  NS(-6),
  /** Nothing: the position of the row, from 0, stands for its time in milliseconds. */
  ROW(0);

  /** Longest number that is tried: a long with a fraction. */
  private static final int MAX_LENGTH = 40;

  private final int decimalShift;

  TimestampUnit(int decimalShift) {
    this.decimalShift = decimalShift;
  }

  /** The unit as it is written on a command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a number of this unit, or an RFC 3339 time whatever the unit.
   *
   * @return milliseconds since 1970, rounded down; {@link EventTime#INVALID} if it is neither, or
   *     outside the range of {@link EventTime}
   */
  long millis(String text) {
    long millis = plainNumber(text) ? shift(text) : EventTime.parse(text);
    return EventTime.valid(millis) ? millis : EventTime.INVALID;
  }

  private long shift(String text) {
    BigDecimal millis = new BigDecimal(text).movePointRight(decimalShift);
    return millis.signum() < 0 || millis.compareTo(BigDecimal.valueOf(EventTime.MAX)) > 0
        ? EventTime.INVALID
        : millis.longValue();
  }

  private static boolean plainNumber(String text) {
    int points = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.') {
        points++;
      } else if (c < '0' || c > '9') {
        return false;
      }
    }
    return points <= 1 && text.length() > points && text.length() <= MAX_LENGTH;
  }
}
