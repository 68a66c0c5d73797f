package dev.samgs.deploy.terminal;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
public final class Figures {
  private Figures() {}

  /** A measured figure with about four significant digits; a dash for NaN. */
  public static String figure(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    double size = Math.abs(value);
    if (size != 0 && (size < 0.0001 || size >= 1e9)) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 0.1 ? 3 : 5;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** A number as it is, without trailing zeros. */
  public static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** A count, with separators of thousands. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A duration as minutes and seconds, {@code 1:05}. */
  public static String clock(Duration duration) {
    return String.format(Locale.ROOT, "%d:%02d", duration.toMinutes(), duration.toSecondsPart());
  }

  /** A number of bytes in a fitting unit. */
  public static String bytes(long bytes) {
    return bytes < 1 << 20
        ? String.format(Locale.ROOT, "%.0f KiB", Math.ceil(bytes / 1024.0))
        : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }
}
