package dev.samgs.network;

/** From logits to probabilities, without overflow. */
public final class Probabilities {
  private Probabilities() {}

  /** 1/(1 + e^−z). */
  public static double sigmoid(double logit) {
    if (logit >= 0) {
      return 1 / (1 + Math.exp(-logit));
    }
    double e = Math.exp(logit);
    return e / (1 + e);
  }

  /**
   * Writes the softmax of {@code classes} logits from {@code at} to {@code to} from {@code toFrom}.
   *
   * @return the sum of the exponentials of the logits' differences from {@link #largest}
   */
  public static double softmax(float[] logits, int at, int classes, double[] to, int toFrom) {
    float max = largest(logits, at, classes);
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      double e = Math.exp((double) logits[at + c] - max);
      to[toFrom + c] = e;
      sum += e;
    }
    for (int c = 0; c < classes; c++) {
      to[toFrom + c] /= sum;
    }
    return sum;
  }

  /** The largest of {@code classes} logits from {@code at}. */
  static float largest(float[] logits, int at, int classes) {
    float max = logits[at];
    for (int c = 1; c < classes; c++) {
      max = Math.max(max, logits[at + c]);
    }
    return max;
  }
}
