package dev.samgs.learn;

import dev.samgs.spec.ModelSpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * What a learner predicts with at one moment, and nothing of how it goes on learning: parameters,
 * their average, scales and mixtures. Never changes. The published model is kept in this form
 * beside its learner, to be compared with it and to be brought back.
 */
public final class FrozenModel {
  private static final int FORMAT = 1;

  final float[] parameters;
  final float[] averagedParameters;
  final RunningScale featureScale;
  final RunningScale targetScale;
  final TaskMixture[] mixtures;

  private FrozenModel(
      float[] parameters,
      float[] averagedParameters,
      RunningScale featureScale,
      RunningScale targetScale,
      TaskMixture[] mixtures) {
    this.parameters = parameters;
    this.averagedParameters = averagedParameters;
    this.featureScale = featureScale;
    this.targetScale = targetScale;
    this.mixtures = mixtures;
  }

  /** A copy of what the learner predicts with. */
  public static FrozenModel of(LearnerState state) {
    return new FrozenModel(
        state.parameters.clone(),
        state.averagedParameters.clone(),
        state.featureScale.copy(),
        state.targetScale.copy(),
        copies(state.mixtures));
  }

  /**
   * A model from its parts, as a snapshot holds them; the scales count as settled, or as unseen
   * where the mean is NaN. Nothing is copied.
   *
   * @param labelMeans mean label of each task, 0 for classes
   * @param mixtures one for each task, or none where the network predicts alone
   */
  public static FrozenModel of(
      ModelSpec spec,
      float[] parameters,
      float[] averagedParameters,
      double[] featureMeans,
      double[] featureDeviations,
      double[] labelMeans,
      double[] labelDeviations,
      List<TaskMixture> mixtures) {
    int window = spec.learning().scaleWindow();
    return new FrozenModel(
        parameters,
        averagedParameters,
        RunningScale.settled(window, featureMeans, featureDeviations),
        RunningScale.settled(window, labelMeans, labelDeviations),
        mixtures.toArray(new TaskMixture[0]));
  }

  static TaskMixture[] copies(TaskMixture[] mixtures) {
    TaskMixture[] copies = new TaskMixture[mixtures.length];
    Arrays.setAll(copies, t -> mixtures[t].copy());
    return copies;
  }

  /** Writes the model in its versioned binary form. */
  public void write(StateWriter out) throws IOException {
    out.writeInt(FORMAT);
    out.writeFloats(parameters);
    out.writeFloats(averagedParameters);
    featureScale.write(out);
    targetScale.write(out);
    for (TaskMixture mixture : mixtures) {
      mixture.write(out);
    }
  }

  /**
   * Reads what {@link #write} wrote for a model of that specification.
   *
   * @throws StateFormatException if it is damaged, newer than this version, or of another model
   */
  public static FrozenModel read(ModelSpec spec, StateReader in) throws IOException {
    int format = in.readInt();
    if (format != FORMAT) {
      throw new StateFormatException(
          "the saved published model has format "
              + format
              + ", and this version reads format "
              + FORMAT
              + "; run the version that wrote it, or a newer one");
    }
    LearnerState blank = new LearnerState(spec, 0);
    float[] parameters = in.readFloats();
    float[] averaged = in.readFloats();
    if (parameters.length != blank.parameters.length
        || averaged.length != blank.averagedParameters.length) {
      throw new StateFormatException(
          "the saved published model has "
              + parameters.length
              + " parameters where its network has "
              + blank.parameters.length);
    }
    blank.featureScale.read(in);
    blank.targetScale.read(in);
    for (TaskMixture mixture : blank.mixtures) {
      mixture.read(in);
    }
    return new FrozenModel(
        parameters, averaged, blank.featureScale, blank.targetScale, blank.mixtures);
  }
}
