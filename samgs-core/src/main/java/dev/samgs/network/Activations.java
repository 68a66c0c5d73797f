package dev.samgs.network;

import dev.samgs.spec.Activation;

/** Element-wise non-linearities and their derivatives over stretches of arrays. */
public enum Activations {
  RELU {
    @Override
    void apply(float[] sums, float[] values, int length) {
      for (int i = 0; i < length; i++) {
        values[i] = Math.max(0f, sums[i]);
      }
    }

    @Override
    void slopes(float[] sums, float[] values, float[] slopes, int length) {
      for (int i = 0; i < length; i++) {
        // 1 for a value above 0, be it the smallest there is, and 0 for 0; without a branch, which
        // would be guessed wrong, and in operations that are compiled to vector instructions.
        slopes[i] = Math.min(1f, values[i] * 1e38f * 1e38f);
      }
    }
  },
  TANH {
    @Override
    void apply(float[] sums, float[] values, int length) {
      for (int i = 0; i < length; i++) {
        values[i] = (float) StrictMath.tanh(sums[i]);
      }
    }

    @Override
    void slopes(float[] sums, float[] values, float[] slopes, int length) {
      for (int i = 0; i < length; i++) {
        slopes[i] = 1f - values[i] * values[i];
      }
    }
  },
  GELU {
    @Override
    void apply(float[] sums, float[] values, int length) {
      for (int i = 0; i < length; i++) {
        float z = sums[i];
        values[i] =
            0.5f * z * (1f + (float) StrictMath.tanh(GELU_SCALE * (z + GELU_CUBIC * z * z * z)));
      }
    }

    @Override
    void slopes(float[] sums, float[] values, float[] slopes, int length) {
      for (int i = 0; i < length; i++) {
        float z = sums[i];
        float tanh = (float) StrictMath.tanh(GELU_SCALE * (z + GELU_CUBIC * z * z * z));
        float slope = GELU_SCALE * (1f + 3f * GELU_CUBIC * z * z);
        slopes[i] = 0.5f * (1f + tanh) + 0.5f * z * (1f - tanh * tanh) * slope;
      }
    }
  };

  /** √(2/π). */
  public static final float GELU_SCALE = 0.7978846f;

  /** Coefficient of z³ in arXiv:1606.08415. */
  public static final float GELU_CUBIC = 0.044715f;

  /** values ← f(sums). */
  abstract void apply(float[] sums, float[] values, int length);

  /**
   * slopes ← f'(sums).
   *
   * @param values what {@link #apply} made of the sums
   */
  abstract void slopes(float[] sums, float[] values, float[] slopes, int length);

  static Activations of(Activation activation) {
    return switch (activation) {
      case RELU -> RELU;
      case TANH -> TANH;
      case GELU -> GELU;
    };
  }
}
