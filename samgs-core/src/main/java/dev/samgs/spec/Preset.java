package dev.samgs.spec;

/** Settings for learning that go together: how much computation a row is worth. */
public enum Preset {
  /** Several steps on each mini-batch, joined with earlier rows; every expert of the mixture. */
  BALANCED(8, 96, 2048, 3e-3, true),
  /** One step on each mini-batch, and the network alone: for very high rates. */
  FAST(1, 0, 0, 1e-2, false),
  /** As balanced with twice the steps: for streams that leave the time. */
  THOROUGH(16, 96, 2048, 3e-3, true);

  private final LearningSpec learning;

  Preset(int passes, int replayRows, int replayCapacity, double learningRate, boolean mixture) {
    this.learning =
        new LearningSpec(
            32,
            passes,
            replayRows,
            replayCapacity,
            OptimizerKind.ADAM,
            learningRate,
            0.9,
            0.999,
            1e-8,
            10_000,
            0,
            5,
            mixture,
            1);
  }

  /** The settings. */
  public LearningSpec learning() {
    return learning;
  }
}
