package dev.samgs.surgery;

/** Measures of how alike two task gradients are. */
public final class Similarity {
  private Similarity() {}

  /**
   * Gradient magnitude similarity 2ab/(a² + b²) of two norms, in [0, 1]; 1 when both are equal
   * (arXiv:2506.06130). Both are first divided by the power of two next to the larger, which is
   * exact, so that no pair of finite norms overflows or underflows.
   *
   * @return the similarity; 0 when exactly one norm is zero, 1 when both are
   */
  public static double magnitude(double normA, double normB) {
    double larger = Math.max(normA, normB);
    if (larger == 0) {
      return 1;
    }
    int exponent = -Math.getExponent(larger);
    double a = Math.scalb(normA, exponent);
    double b = Math.scalb(normB, exponent);
    return 2 * a * b / (a * a + b * b);
  }

  /**
   * Cosine of the angle between two gradients, given their inner product and norms; NaN when a norm
   * is zero.
   */
  public static double cosine(double innerProduct, double normA, double normB) {
    return innerProduct / normA / normB;
  }

  /**
   * Curvature bounding measure (1 − cos²)·‖a − b‖²/‖a + b‖² of two gradients, as the authors of
   * arXiv:2506.06130 report it beside the other two.
   *
   * @return the measure; NaN when a norm is zero or the gradients are exactly opposite
   */
  public static double curvature(double cosine, double normA, double normB) {
    int exponent = -Math.getExponent(Math.max(normA, normB));
    double a = Math.scalb(normA, exponent);
    double b = Math.scalb(normB, exponent);
    double squares = a * a + b * b;
    double cross = 2 * a * b * cosine;
    return (1 - cosine) * (1 + cosine) * (squares - cross) / (squares + cross);
  }
}
