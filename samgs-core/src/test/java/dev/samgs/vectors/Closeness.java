package dev.samgs.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** Assertions of equality up to a relative error. */
public final class Closeness {
  private Closeness() {}

  /** Every element differs by at most {@code tolerance} times the largest expected element. */
  public static void assertClose(
      String what, double[] actual, double[] expected, double tolerance) {
    assertClose(what, actual, expected, tolerance, largest(expected));
  }

  /** Every element differs by at most {@code tolerance · scale}. */
  public static void assertClose(
      String what, double[] actual, double[] expected, double tolerance, double scale) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i])
          .as("%s, element %d", what, i)
          .isCloseTo(expected[i], within(tolerance * scale));
    }
  }

  /** The relative difference is at most {@code tolerance}. */
  public static void assertClose(String what, double actual, double expected, double tolerance) {
    if (Double.isNaN(expected)) {
      assertThat(actual).as(what).isNaN();
    } else {
      assertThat(actual).as(what).isCloseTo(expected, within(tolerance * Math.abs(expected)));
    }
  }

  /** The largest magnitude in a vector. */
  public static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** Doubles of the same value. */
  public static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** Floats next to the values. */
  public static float[] narrowed(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }
}
