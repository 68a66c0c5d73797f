package dev.samgs.surgery;

/**
 * Reductions over stretches of float arrays, accumulated in double so that no finite input
 * overflows or underflows.
 */
final class Vectors {
  private Vectors() {}

  /**
   * Euclidean norm of {@code length} elements from {@code from}. Four partial sums: a fixed order,
   * and room for the pipeline.
   */
  static double norm(float[] a, int from, int length) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int end = from + length;
    int i = from;
    for (; i <= end - 4; i += 4) {
      s0 += (double) a[i] * a[i];
      s1 += (double) a[i + 1] * a[i + 1];
      s2 += (double) a[i + 2] * a[i + 2];
      s3 += (double) a[i + 3] * a[i + 3];
    }
    for (; i < end; i++) {
      s0 += (double) a[i] * a[i];
    }
    return Math.sqrt((s0 + s1) + (s2 + s3));
  }

  /**
   * Inner product of {@code length} elements from {@code fromA} and {@code fromB} of the same
   * array.
   */
  static double dot(float[] a, int fromA, int fromB, int length) {
    double s0 = 0;
    double s1 = 0;
    int i = 0;
    for (; i <= length - 2; i += 2) {
      s0 += (double) a[fromA + i] * a[fromB + i];
      s1 += (double) a[fromA + i + 1] * a[fromB + i + 1];
    }
    for (; i < length; i++) {
      s0 += (double) a[fromA + i] * a[fromB + i];
    }
    return s0 + s1;
  }
}
