package dev.samgs.surgery;

/** Softmax over a few numbers. */
final class Softmax {
  private Softmax() {}

  /** Replaces the first {@code count} numbers by their softmax. */
  static void apply(double[] values, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, values[i]);
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      values[i] = StrictMath.exp(values[i] - max);
      sum += values[i];
    }
    for (int i = 0; i < count; i++) {
      values[i] /= sum;
    }
  }
}
