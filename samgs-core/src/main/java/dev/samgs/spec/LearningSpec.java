package dev.samgs.spec;

import java.io.Serializable;

/** How the learner turns rows into updates. */
public record LearningSpec(
    @Setting(value = "labelled rows that make a mini-batch", min = 1, max = 65536) int miniBatch,
    @Setting(value = "gradient steps on each mini-batch", min = 1, max = 1000) int passes,
    @Setting(
            value = "earlier rows that join the mini-batch in each step; 0 for none",
            min = 0,
            max = 65536)
        int replayRows,
    @Setting(value = "most recent labelled rows kept to draw them from", min = 0, max = 1_000_000)
        int replayCapacity,
    @Setting("adam, momentum or sgd") OptimizerKind optimizer,
    @Setting(value = "step size", min = 0, max = 1000) double learningRate,
    @Setting(
            value = "decay of the first moment (adam), or of the velocity (momentum)",
            min = 0,
            max = 0.9999999)
        double beta1,
    @Setting(value = "decay of the second moment (adam)", min = 0, max = 0.9999999) double beta2,
    @Setting(value = "added to the root of the second moment (adam)", min = 0) double epsilon,
    @Setting(
            value = "rows that the running mean and deviation of features and labels look back on",
            min = 2)
        int scaleWindow,
    @Setting(
            value =
                "a pause in event time, in milliseconds, that closes a mini-batch early; 0 for never",
            min = 0)
        long gapMillis,
    @Setting(
            value =
                "steps refused in a row as non-finite or exploding before the last good parameters come back",
            min = 1)
        int guardPatience,
    @Setting(
            "whether predictions mix the network with priors and linear models; false: the network alone")
        boolean mixture,
    @Setting("seed of the initial weights and of the replay draws") long seed)
    implements Serializable {

  /** Settings that are used where the user gives none. */
  public static LearningSpec defaults() {
    return Preset.BALANCED.learning();
  }

  public LearningSpec {
    if (replayRows > 0 && replayCapacity == 0) {
      throw new InvalidSettingException(
          "replayCapacity",
          "replay needs room for rows to draw from; set replay-capacity or set replay-rows to 0");
    }
  }

  /** The same with another seed. */
  public LearningSpec withSeed(long other) {
    return new LearningSpec(
        miniBatch,
        passes,
        replayRows,
        replayCapacity,
        optimizer,
        learningRate,
        beta1,
        beta2,
        epsilon,
        scaleWindow,
        gapMillis,
        guardPatience,
        mixture,
        other);
  }

  /** The same with or without priors and linear models beside the network. */
  public LearningSpec withMixture(boolean other) {
    return new LearningSpec(
        miniBatch,
        passes,
        replayRows,
        replayCapacity,
        optimizer,
        learningRate,
        beta1,
        beta2,
        epsilon,
        scaleWindow,
        gapMillis,
        guardPatience,
        other,
        seed);
  }
}
