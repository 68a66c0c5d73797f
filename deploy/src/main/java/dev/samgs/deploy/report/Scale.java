package dev.samgs.deploy.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A straight, or logarithmic, map from values to places on an axis.
 *
 * @param low value at {@code from}
 * @param high value at {@code to}
 */
record Scale(double low, double high, double from, double to, boolean logarithmic) {
  /** A straight scale; of a range without extent, one around it. */
  static Scale linear(double low, double high, double from, double to) {
    if (!(high > low)) {
      double half = low == 0 ? 1 : Math.abs(low) / 2;
      return new Scale(low - half, low + half, from, to, false);
    }
    return new Scale(low, high, from, to, false);
  }

  /** A scale of whole powers of ten that holds both values. */
  static Scale powersOfTen(double low, double high, double from, double to) {
    double floor = Math.floor(Math.log10(low));
    double ceiling = Math.max(floor + 1, Math.ceil(Math.log10(high)));
    return new Scale(Math.pow(10, floor), Math.pow(10, ceiling), from, to, true);
  }

  /** The place of a value. */
  double place(double value) {
    double share =
        logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return from + share * (to - from);
  }

  /** About {@code count} round values of the range. */
  List<Double> ticks(int count) {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      double decades = Math.log10(high / low);
      long step = Math.max(1, Math.round(decades / count));
      for (long e = 0; e <= Math.round(decades); e += step) {
        ticks.add(low * Math.pow(10, e));
      }
      return ticks;
    }
    double raw = (high - low) / count;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double step = power * (raw / power > 5 ? 10 : raw / power > 2 ? 5 : raw / power > 1 ? 2 : 1);
    for (double k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
      // Not −0.
      ticks.add(k * step + 0.0);
    }
    return ticks;
  }
}
