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
    void backward(float[] sums, float[] values, float[] gradient, int from, int length) {
      for (int i = 0; i < length; i++) {
        gradient[from + i] = sums[i] > 0f ? gradient[from + i] : 0f;
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
    void backward(float[] sums, float[] values, float[] gradient, int from, int length) {
      for (int i = 0; i < length; i++) {
        gradient[from + i] *= 1f - values[i] * values[i];
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
    void backward(float[] sums, float[] values, float[] gradient, int from, int length) {
      for (int i = 0; i < length; i++) {
        float z = sums[i];
        float tanh = (float) StrictMath.tanh(GELU_SCALE * (z + GELU_CUBIC * z * z * z));
        float slope = GELU_SCALE * (1f + 3f * GELU_CUBIC * z * z);
        gradient[from + i] *= 0.5f * (1f + tanh) + 0.5f * z * (1f - tanh * tanh) * slope;
      }
    }
  };

  /** √(2/π). */
  public static final float GELU_SCALE = 0.7978846f;

  /** Coefficient of z³ in arXiv:1606.08415. */
  public static final float GELU_CUBIC = 0.044715f;

  /** values ← f(sums). */
  abstract void apply(float[] sums, float[] values, int length);

  /** gradient[from + i] ← gradient[from + i] · f'(sums[i]), for i below {@code length}. */
  abstract void backward(float[] sums, float[] values, float[] gradient, int from, int length);

  static Activations of(Activation activation) {
    return switch (activation) {
      case RELU -> RELU;
      case TANH -> TANH;
      case GELU -> GELU;
    };
  }
}
