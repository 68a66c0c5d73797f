package dev.samgs.surgery;

/** Measures of how alike two task gradients are. */
public final class Similarity {
  private Similarity() {}

  /**
   * Gradient magnitude similarity 2ab/(a² + b²) of two norms, in [0, 1]; 1 when both are equal
   * (arXiv:2506.06130). Evaluated as 2r/(1 + r²) with r = min/max, so that no pair of finite norms
   * overflows or underflows.
   *
   * @return the similarity; 0 when exactly one norm is zero, 1 when both are
   */
  public static double magnitude(double normA, double normB) {
    double high = Math.max(normA, normB);
    if (high == 0) {
      return 1;
    }
    double ratio = Math.min(normA, normB) / high;
    return 2 * ratio / (1 + ratio * ratio);
  }

  /**
   * Cosine of the angle between two gradients, given their inner product and norms; NaN when a norm
   * is zero.
   */
  public static double cosine(double innerProduct, double normA, double normB) {
    return innerProduct / normA / normB;
  }
}
