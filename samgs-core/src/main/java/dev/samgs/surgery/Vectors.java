package dev.samgs.surgery;

import java.util.Arrays;

/**
 * Reductions over stretches of float arrays that no finite input overflows or underflows. The order
 * of the additions is fixed, so that equal input gives equal bits. Holds a work buffer; not safe
 * for use by several threads.
 */
final class Vectors {
  /** Partial sums side by side: what lets the compiler use vector instructions. */
  private static final int LANES = 512;

  /** Elements whose squares are added up in float before the sum goes on in double. */
  private static final int STRETCH = 16 * LANES;

  /** Float sums of squares inside these bounds have lost nothing to over- or underflow. */
  private static final double SAFE_LOW = 1e-20;

  private static final double SAFE_HIGH = 1e30;

  private final float[] window0 = new float[LANES];
  private final float[] window1 = new float[LANES];
  private final float[] window2 = new float[LANES];
  private final float[] window3 = new float[LANES];
  private final float[] lanes = new float[LANES];

  /**
   * Euclidean norm of the elements {@code from … to − 1}, within 10⁻⁶ of it: of long arrays, each
   * partial sum adds 16 squares in float.
   */
  double norm(float[] a, int from, int to) {
    return Math.sqrt(squares(a, from, to));
  }

  /** Sum of the squares of the elements {@code from … to − 1}, as {@link #norm} has it. */
  double squares(float[] a, int from, int to) {
    double sum = 0;
    int at = from;
    while (to - at >= LANES) {
      int end = at + Math.min(STRETCH, (to - at) / LANES * LANES);
      double squares = floatSquares(a, at, end);
      sum += squares >= SAFE_LOW && squares <= SAFE_HIGH ? squares : doubleSquares(a, at, end);
      at = end;
    }
    return at < to ? sum + doubleSquares(a, at, to) : sum;
  }

  private double floatSquares(float[] a, int from, int to) {
    int at = from;
    for (; at <= to - 4 * LANES; at += 4 * LANES) {
      System.arraycopy(a, at, window0, 0, LANES);
      System.arraycopy(a, at + LANES, window1, 0, LANES);
      System.arraycopy(a, at + 2 * LANES, window2, 0, LANES);
      System.arraycopy(a, at + 3 * LANES, window3, 0, LANES);
      addSquares(window0, window1, window2, window3, lanes);
    }
    for (; at < to; at += LANES) {
      System.arraycopy(a, at, window0, 0, LANES);
      addSquares(window0, lanes);
    }
    double s0 = 0;
    double s1 = 0;
    for (int i = 0; i < LANES; i += 2) {
      s0 += lanes[i];
      s1 += lanes[i + 1];
    }
    Arrays.fill(lanes, 0f);
    return s0 + s1;
  }

  private static void addSquares(float[] a, float[] b, float[] c, float[] d, float[] lanes) {
    for (int i = 0; i < LANES; i++) {
      lanes[i] += (a[i] * a[i] + b[i] * b[i]) + (c[i] * c[i] + d[i] * d[i]);
    }
  }

  private static void addSquares(float[] window, float[] lanes) {
    for (int i = 0; i < LANES; i++) {
      lanes[i] += window[i] * window[i];
    }
  }

  private static double doubleSquares(float[] a, int from, int to) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = from;
    for (; i <= to - 4; i += 4) {
      s0 += (double) a[i] * a[i];
      s1 += (double) a[i + 1] * a[i + 1];
      s2 += (double) a[i + 2] * a[i + 2];
      s3 += (double) a[i + 3] * a[i + 3];
    }
    for (; i < to; i++) {
      s0 += (double) a[i] * a[i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /** Inner product of two arrays of the same length, in double. */
  static double dot(float[] a, float[] b) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i <= a.length - 4; i += 4) {
      s0 += (double) a[i] * b[i];
      s1 += (double) a[i + 1] * b[i + 1];
      s2 += (double) a[i + 2] * b[i + 2];
      s3 += (double) a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      s0 += (double) a[i] * b[i];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
