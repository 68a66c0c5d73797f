package dev.samgs.snapshot;

import dev.samgs.learn.FrozenModel;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.TaskMixture;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A model at one moment, cut loose from its learner: everything that a predictor needs, and where
 * it came from.
 *
 * @param spec features, tasks and network shape
 * @param version monotonically increasing per model
 * @param update optimiser steps applied
 * @param rows rows seen
 * @param latestTimestamp event-time watermark: largest timestamp of the rows seen
 * @param parameters in the order of the network layout; a copy
 * @param averagedParameters their running average, in the same order; empty where the network
 *     predicts alone
 * @param featureMeans what stands in for a missing feature, and is subtracted
 * @param featureDeviations what features are divided by; 0 marks a constant feature, which counts
 *     as its mean
 * @param targetMeans added to a regression output after scaling
 * @param targetDeviations what a regression output is multiplied by
 * @param mixtures how each task's prediction is mixed; empty where the network predicts alone
 * @param scores prequential scores of each task
 * @param lineage how it came to be published
 */
public record ModelSnapshot(
    ModelSpec spec,
    long version,
    long update,
    long rows,
    long latestTimestamp,
    float[] parameters,
    float[] averagedParameters,
    double[] featureMeans,
    double[] featureDeviations,
    double[] targetMeans,
    double[] targetDeviations,
    List<Mixture> mixtures,
    List<Score> scores,
    Lineage lineage) {

  /**
   * How the experts of a task are mixed; the experts in the order of {@link TaskMixture.Expert}.
   *
   * @param labelMean with {@code labelDeviation}, what the values of a regression task's experts
   *     are standardised by
   * @param weights share of each expert in the prediction
   * @param stacking factors of the experts before the stacked one in it
   * @param prior prediction of the prior: a value, the probability of class 1, or of each class
   * @param recentPrior the same of the recent prior
   * @param linear weights of each linear model, {@code outputs × (features + 1)} row-major, the
   *     bias last
   */
  public record Mixture(
      double labelMean,
      double labelDeviation,
      double[] weights,
      double[] stacking,
      double[] prior,
      double[] recentPrior,
      List<float[]> linear) {

    static Mixture of(LearnerState state, int task) {
      TaskMixture mixture = state.mixture(task);
      List<float[]> linear = new ArrayList<>();
      for (int m = 0; m < TaskMixture.LINEAR_MODELS; m++) {
        linear.add(mixture.linear(m).clone());
      }
      return new Mixture(
          state.labelMean(task),
          state.labelDeviation(task),
          mixture.weights().clone(),
          mixture.stacking().clone(),
          mixture.prior(TaskMixture.Expert.PRIOR),
          mixture.prior(TaskMixture.Expert.RECENT_PRIOR),
          List.copyOf(linear));
    }

    void write(StateWriter out) throws IOException {
      out.writeDouble(labelMean);
      out.writeDouble(labelDeviation);
      out.writeDoubles(weights);
      out.writeDoubles(stacking);
      out.writeDoubles(prior);
      out.writeDoubles(recentPrior);
      for (float[] model : linear) {
        out.writeFloats(model);
      }
    }

    static Mixture read(StateReader in) throws IOException {
      double labelMean = in.readDouble();
      double labelDeviation = in.readDouble();
      double[] weights = in.readDoubles();
      double[] stacking = in.readDoubles();
      double[] prior = in.readDoubles();
      double[] recentPrior = in.readDoubles();
      List<float[]> linear = new ArrayList<>();
      for (int m = 0; m < TaskMixture.LINEAR_MODELS; m++) {
        linear.add(in.readFloats());
      }
      return new Mixture(
          labelMean, labelDeviation, weights, stacking, prior, recentPrior, List.copyOf(linear));
    }
  }

  /**
   * Prequential standing of a task at the moment of the snapshot.
   *
   * @param task name of the task
   * @param labels labels seen
   * @param loss fading mean absolute error or log-loss
   * @param baselineLoss the same of the naive baseline
   */
  public record Score(String task, long labels, double loss, double baselineLoss) {}

  /** Copies what matters out of a learner's state, under a new version of it. */
  public static ModelSnapshot take(LearnerState state) {
    return candidate(state).published(state.nextVersion(), Lineage.UNKNOWN);
  }

  /**
   * Copies what matters out of a learner's state, under the version that it will have if it is
   * published.
   */
  public static ModelSnapshot candidate(LearnerState state) {
    ModelSpec spec = state.spec();
    int features = spec.features().size();
    int tasks = spec.tasks().size();
    double[] featureMeans = new double[features];
    double[] featureDeviations = new double[features];
    for (int f = 0; f < features; f++) {
      featureMeans[f] = state.featureMean(f);
      featureDeviations[f] = state.featureDeviation(f);
    }
    double[] targetMeans = new double[tasks];
    double[] targetDeviations = new double[tasks];
    List<Mixture> mixtures = new ArrayList<>();
    List<Score> scores = new ArrayList<>();
    for (int t = 0; t < tasks; t++) {
      targetMeans[t] = state.targetMean(t);
      targetDeviations[t] = state.targetDeviation(t);
      if (state.mixture(t) != null) {
        mixtures.add(Mixture.of(state, t));
      }
      scores.add(
          new Score(
              spec.tasks().get(t).name(),
              state.score(t).labels(),
              state.score(t).fadingLoss(),
              state.score(t).fadingBaselineLoss()));
    }
    return new ModelSnapshot(
        spec,
        state.version() + 1,
        state.updates(),
        state.rows(),
        state.latestTimestamp(),
        state.parameters().clone(),
        state.averagedParameters().clone(),
        featureMeans,
        featureDeviations,
        targetMeans,
        targetDeviations,
        List.copyOf(mixtures),
        List.copyOf(scores),
        Lineage.UNKNOWN);
  }

  /** What predicts in it; see {@link LearnerState#bringBack}. */
  public FrozenModel frozen() {
    int features = spec.features().size();
    List<TaskMixture> taskMixtures = new ArrayList<>();
    double[] labelMeans = targetMeans.clone();
    double[] labelDeviations = targetDeviations.clone();
    for (int t = 0; t < mixtures.size(); t++) {
      Mixture m = mixtures.get(t);
      labelMeans[t] = m.labelMean();
      labelDeviations[t] = m.labelDeviation();
      taskMixtures.add(
          TaskMixture.of(
              spec.tasks().get(t),
              features,
              m.weights(),
              m.stacking(),
              m.prior(),
              m.recentPrior(),
              m.linear()));
    }
    return FrozenModel.of(
        spec,
        parameters,
        averagedParameters,
        featureMeans,
        featureDeviations,
        labelMeans,
        labelDeviations,
        taskMixtures);
  }

  /** The same model under that version, with that lineage. */
  public ModelSnapshot published(long newVersion, Lineage newLineage) {
    return new ModelSnapshot(
        spec,
        newVersion,
        update,
        rows,
        latestTimestamp,
        parameters,
        averagedParameters,
        featureMeans,
        featureDeviations,
        targetMeans,
        targetDeviations,
        mixtures,
        scores,
        newLineage);
  }

  /** Writes everything but the spec. */
  public void write(StateWriter out) throws IOException {
    out.writeLongs(new long[] {version, update, rows, latestTimestamp});
    out.writeFloats(parameters);
    out.writeFloats(averagedParameters);
    out.writeDoubles(featureMeans);
    out.writeDoubles(featureDeviations);
    out.writeDoubles(targetMeans);
    out.writeDoubles(targetDeviations);
    for (Mixture mixture : mixtures) {
      mixture.write(out);
    }
    for (Score score : scores) {
      out.writeLong(score.labels());
      out.writeDouble(score.loss());
      out.writeDouble(score.baselineLoss());
    }
    lineage.write(out);
  }

  /** Reads what {@link #write} wrote for a model of that spec. */
  public static ModelSnapshot read(ModelSpec spec, StateReader in) throws IOException {
    long[] counters = in.readLongs();
    float[] parameters = in.readFloats();
    float[] averagedParameters = in.readFloats();
    double[] featureMeans = in.readDoubles();
    double[] featureDeviations = in.readDoubles();
    double[] targetMeans = in.readDoubles();
    double[] targetDeviations = in.readDoubles();
    List<Mixture> mixtures = new ArrayList<>();
    if (spec.learning().mixture()) {
      for (int t = 0; t < spec.tasks().size(); t++) {
        mixtures.add(Mixture.read(in));
      }
    }
    List<Score> scores = new ArrayList<>();
    for (TaskSpec task : spec.tasks()) {
      scores.add(new Score(task.name(), in.readLong(), in.readDouble(), in.readDouble()));
    }
    return new ModelSnapshot(
        spec,
        counters[0],
        counters[1],
        counters[2],
        counters[3],
        parameters,
        averagedParameters,
        featureMeans,
        featureDeviations,
        targetMeans,
        targetDeviations,
        List.copyOf(mixtures),
        List.copyOf(scores),
        Lineage.read(in));
  }
}
