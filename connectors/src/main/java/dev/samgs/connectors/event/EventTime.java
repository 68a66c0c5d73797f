package dev.samgs.connectors.event;

import java.time.LocalDate;
import java.time.Year;

/** Event time: milliseconds since 1970 from 0 up to the end of the year 9999. */
public final class EventTime {
  /** The last millisecond of the year 9999. */
  public static final long MAX = 253_402_300_799_999L;

  /** What {@link #parse} returns for text that is not a time. */
  public static final long INVALID = Long.MIN_VALUE;

  private static final int[] DAYS = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private EventTime() {}

  /** Whether a time lies in the permitted range. */
  public static boolean valid(long millis) {
    return millis >= 0 && millis <= MAX;
  }

  /**
   * Reads an RFC 3339 time, {@code 2026-01-01T12:00:00.5+01:00}. Fractions beyond the millisecond
   * are cut off; a leap second counts as the second after it. Written out because it runs once per
   * event.
   *
   * @return milliseconds since 1970, which may lie outside the permitted range; {@link #INVALID} if
   *     it is not such a time
   */
  public static long parse(CharSequence text) {
    int length = text.length();
    if (length < 20
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || !separator(text.charAt(10))
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      return INVALID;
    }
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (year < 0
        || month < 1
        || month > 12
        || day < 1
        || day > DAYS[month - 1]
        || (day == 29 && month == 2 && !Year.isLeap(year))
        || !clock(hour, minute)
        || second < 0
        || second > 60) {
      return INVALID;
    }
    int at = 19;
    int millis = 0;
    if (text.charAt(at) == '.') {
      int digits = 0;
      for (at++; at < length && digit(text.charAt(at)); at++) {
        if (digits < 3) {
          millis = 10 * millis + text.charAt(at) - '0';
        }
        digits++;
      }
      if (digits == 0) {
        return INVALID;
      }
      for (; digits < 3; digits++) {
        millis *= 10;
      }
    }
    int offsetMinutes = offsetMinutes(text, at);
    if (offsetMinutes == Integer.MIN_VALUE) {
      return INVALID;
    }
    long seconds =
        LocalDate.of(year, month, day).toEpochDay() * 86_400
            + hour * 3600L
            + (minute - offsetMinutes) * 60L
            + second;
    return seconds * 1000 + millis;
  }

  private static int offsetMinutes(CharSequence text, int at) {
    int left = text.length() - at;
    if (left == 1 && (text.charAt(at) | 0x20) == 'z') {
      return 0;
    }
    if (left != 6 || text.charAt(at + 3) != ':') {
      return Integer.MIN_VALUE;
    }
    char sign = text.charAt(at);
    int hours = number(text, at + 1, at + 3);
    int minutes = number(text, at + 4, at + 6);
    if ((sign != '+' && sign != '-') || !clock(hours, minutes)) {
      return Integer.MIN_VALUE;
    }
    int offset = 60 * hours + minutes;
    return sign == '+' ? offset : -offset;
  }

  private static boolean separator(char c) {
    return c == 'T' || c == 't' || c == ' ';
  }

  private static boolean clock(int hour, int minute) {
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
  }

  /** The digits as a number; −1 if one is not a digit. */
  private static int number(CharSequence text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      if (!digit(text.charAt(i))) {
        return -1;
      }
      number = 10 * number + text.charAt(i) - '0';
    }
    return number;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }
}
