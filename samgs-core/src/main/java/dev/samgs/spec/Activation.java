package dev.samgs.spec;

/** Non-linearity of the hidden layers. */
public enum Activation {
  /** max(0, z). */
  RELU,
  /** Hyperbolic tangent. */
  TANH,
  /**
   * z·Φ(z) in the tanh form: z/2 · (1 + tanh(√(2/π)·(z + 0.044715·z³))), Hendrycks and Gimpel,
   * arXiv:1606.08415.
   */
  GELU
}
