package dev.samgs.learn;

import dev.samgs.network.Probabilities;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The prediction of one task as an online mixture of experts, so that no stream needs a model
 * chosen for it in hindsight: where labels are constant a running prior wins, where they run a fast
 * one, on short streams a linear model, on long ones the network.
 *
 * <p>Experts, in this order: the {@link Expert#PRIOR} over all labels, the {@link
 * Expert#RECENT_PRIOR} over the last dozen, linear models with three normalised step sizes c/(1 +
 * |x|²) (normalised least mean squares: B. Widrow, M. Hoff, 1960; the logistic analogue for
 * classes), the network with its present parameters and with their running average (B. Polyak, A.
 * Juditsky, 1992), and a {@link Expert#STACKED} combination of all these: their log-odds,
 * log-probabilities or values, weighted by gradient descent on its own loss, which can sharpen,
 * flatten and combine where an average cannot.
 *
 * <p>The mixture averages the experts' probabilities or values. Its weights follow the
 * exponentiated gradient with a fixed share (M. Herbster, M. Warmuth, <em>Tracking the Best
 * Expert</em>, 1998) on the losses of predictions that were made before the label was known. All
 * inputs are standardised features, all values of a regression task standardised labels.
 */
public final class TaskMixture {
  /** The experts of every task, in the order of the mixture's weights. */
  public enum Expert {
    PRIOR,
    RECENT_PRIOR,
    LINEAR_SLOW,
    LINEAR,
    LINEAR_FAST,
    NETWORK,
    AVERAGED_NETWORK,
    STACKED;

    /** How many there are. */
    public static final int COUNT = values().length;
  }

  /** Number of linear models, and which expert the first is. */
  public static final int LINEAR_MODELS = 3;

  private static final int FIRST_LINEAR = Expert.LINEAR_SLOW.ordinal();

  /** Experts that the stacked one combines: all before it. */
  public static final int STACKED_EXPERTS = Expert.STACKED.ordinal();

  private static final double[] CLASS_STEPS = {0.05, 0.5, 2};
  private static final double[] VALUE_STEPS = {0.005, 0.05, 0.5};

  /**
   * A logistic model has half the gradient of a two-class softmax with the same step: this makes
   * them equal.
   */
  private static final double LOGISTIC_STEP = 2;

  /** Share of a new label in the recent prior. */
  private static final double RECENT = 0.1;

  /**
   * Exponent on the losses: 1 for log-loss, where it is Bayes' rule, and gentle on absolute errors.
   */
  private static final double CLASS_RATE = 1;

  private static final double VALUE_RATE = 0.5;

  /**
   * Share of all weight that is spread evenly after every label, so that a fallen expert can come
   * back.
   */
  private static final double SHARE = 0.001;

  private static final double STACKING_STEP = 0.01;

  /**
   * Initial weight of either network in the stacked combination; the other experts begin with none.
   */
  private static final double INITIAL_STACKING = 0.4;

  /**
   * Losses are bounded, so that no single label decides: probabilities from below, absolute errors
   * from above.
   */
  private static final double SMALLEST_LIKELIHOOD = 1e-3;

  private static final double LARGEST_ERROR = 4;

  /** Smallest probability that the stacked expert takes a logarithm of. */
  public static final double SMALLEST_PROBABILITY = 1e-6;

  /** Log-probabilities and log-odds in the stacked gradient are held at this size. */
  private static final double LARGEST_LOGARITHM = 4;

  /** Residuals that a linear model learns from, and its predictions, in standard deviations. */
  private static final double LARGEST_RESIDUAL = 3;

  public static final double LARGEST_VALUE = 10;

  /** Labels that the prior of a snapshot stands for. */
  private static final double SETTLED = 1000;

  private final TaskKind kind;
  private final int outputs;
  private final int features;
  private final double[] losses = new double[Expert.COUNT];
  private final float[] logits;
  private final double[] probabilities;

  private double[] weights = new double[Expert.COUNT];
  private double[] stacking = new double[STACKED_EXPERTS];

  /** Counts of each class, one added; for a regression task unused. */
  private double[] prior;

  /** Fading class frequencies, or the fading mean. */
  private double[] recent;

  /** Each linear model: {@code outputs × (features + 1)}, row-major, the bias last. */
  private final float[][] linear = new float[LINEAR_MODELS][];

  private TaskMixture(TaskKind kind, int outputs, int features) {
    this.kind = kind;
    this.outputs = outputs;
    this.features = features;
    this.logits = new float[outputs];
    this.probabilities = new double[outputs];
  }

  TaskMixture(TaskSpec task, int features) {
    this(task.kind(), task.outputs(), features);
    int classes = task.labelClasses();
    this.prior = new double[classes];
    Arrays.fill(prior, 1);
    this.recent = new double[Math.max(1, classes)];
    Arrays.fill(recent, classes == 0 ? 0 : 1.0 / classes);
    for (int m = 0; m < LINEAR_MODELS; m++) {
      linear[m] = new float[outputs * (features + 1)];
    }
    Arrays.fill(weights, 1.0 / Expert.COUNT);
    stacking[Expert.NETWORK.ordinal()] = INITIAL_STACKING;
    stacking[Expert.AVERAGED_NETWORK.ordinal()] = INITIAL_STACKING;
  }

  TaskMixture copy() {
    TaskMixture copy = new TaskMixture(kind, outputs, features);
    copy.weights = weights.clone();
    copy.stacking = stacking.clone();
    copy.prior = prior.clone();
    copy.recent = recent.clone();
    for (int m = 0; m < LINEAR_MODELS; m++) {
      copy.linear[m] = linear[m].clone();
    }
    return copy;
  }

  /**
   * The mixture of a snapshot. Its priors count as learned from {@value #SETTLED} labels, for a
   * snapshot keeps shares, not counts.
   *
   * @param priorShares prediction of the prior, as {@link #prior(Expert)} tells it; {@code
   *     recentShares} likewise
   * @param linear weights of each linear model, which are copied
   */
  public static TaskMixture of(
      TaskSpec task,
      int features,
      double[] weights,
      double[] stacking,
      double[] priorShares,
      double[] recentShares,
      List<float[]> linear) {
    TaskMixture mixture = new TaskMixture(task, features);
    mixture.weights = weights.clone();
    mixture.stacking = stacking.clone();
    switch (task.kind()) {
      case REGRESSION -> mixture.recent[0] = recentShares[0];
      case BINARY -> {
        mixture.prior = new double[] {SETTLED * (1 - priorShares[0]), SETTLED * priorShares[0]};
        mixture.recent = new double[] {1 - recentShares[0], recentShares[0]};
      }
      case MULTICLASS -> {
        for (int c = 0; c < mixture.outputs; c++) {
          mixture.prior[c] = SETTLED * priorShares[c];
        }
        mixture.recent = recentShares.clone();
      }
    }
    for (int m = 0; m < LINEAR_MODELS; m++) {
      mixture.linear[m] = linear.get(m).clone();
    }
    return mixture;
  }

  /** Numbers per row that {@link #predict} writes: every expert's outputs, expert by expert. */
  int width() {
    return Expert.COUNT * outputs;
  }

  /** Share of each expert in the prediction, in the order of {@link Expert}; the live array. */
  public double[] weights() {
    return weights;
  }

  /** Factors of the experts in the stacked combination; the live array. */
  public double[] stacking() {
    return stacking;
  }

  /**
   * Prediction of the prior or recent prior: a value, the probability of class 1, or of each class.
   */
  public double[] prior(Expert expert) {
    boolean all = expert == Expert.PRIOR;
    return switch (kind) {
      case REGRESSION -> new double[] {all ? 0 : recent[0]};
      case BINARY -> new double[] {all ? prior[1] / (prior[0] + prior[1]) : recent[1]};
      case MULTICLASS -> {
        double[] shares = all ? prior.clone() : recent.clone();
        double sum = 0;
        for (double share : shares) {
          sum += share;
        }
        for (int c = 0; c < outputs; c++) {
          shares[c] /= sum;
        }
        yield shares;
      }
    };
  }

  /**
   * Weights of a linear model, {@code outputs × (features + 1)} row-major, the bias last; the live
   * array.
   */
  public float[] linear(int model) {
    return linear[model];
  }

  /**
   * Every expert's prediction for one row.
   *
   * @param inputs standardised features from {@code at}
   * @param network raw outputs of the network from {@code networkAt}; {@code averaged} likewise
   * @param to receives {@link #width()} numbers from {@code toAt}
   */
  void predict(
      float[] inputs,
      int at,
      float[] network,
      float[] averaged,
      int networkAt,
      double[] to,
      int toAt) {
    writePrior(to, toAt);
    for (int m = 0; m < LINEAR_MODELS; m++) {
      for (int o = 0; o < outputs; o++) {
        logits[o] = (float) linearOutput(linear[m], o, inputs, at);
      }
      finish(logits, 0, to, toAt + (FIRST_LINEAR + m) * outputs);
    }
    finish(network, networkAt, to, toAt + Expert.NETWORK.ordinal() * outputs);
    finish(averaged, networkAt, to, toAt + Expert.AVERAGED_NETWORK.ordinal() * outputs);
    stack(to, toAt);
  }

  private void writePrior(double[] to, int toAt) {
    switch (kind) {
      case REGRESSION -> {
        to[toAt] = 0;
        to[toAt + 1] = recent[0];
      }
      case BINARY -> {
        to[toAt] = prior[1] / (prior[0] + prior[1]);
        to[toAt + 1] = recent[1];
      }
      case MULTICLASS -> {
        double priorSum = 0;
        double recentSum = 0;
        for (int c = 0; c < outputs; c++) {
          priorSum += prior[c];
          recentSum += recent[c];
        }
        for (int c = 0; c < outputs; c++) {
          to[toAt + c] = prior[c] / priorSum;
          to[toAt + outputs + c] = recent[c] / recentSum;
        }
      }
    }
  }

  /** From raw outputs to a value or probabilities. */
  private void finish(float[] raw, int rawAt, double[] to, int toAt) {
    switch (kind) {
      case REGRESSION -> to[toAt] = bounded(raw[rawAt], LARGEST_VALUE);
      case BINARY -> to[toAt] = Probabilities.sigmoid(raw[rawAt]);
      case MULTICLASS -> Probabilities.softmax(raw, rawAt, outputs, to, toAt);
    }
  }

  private void stack(double[] to, int toAt) {
    int stackedAt = toAt + STACKED_EXPERTS * outputs;
    for (int o = 0; o < outputs; o++) {
      double sum = 0;
      for (int e = 0; e < STACKED_EXPERTS; e++) {
        sum += stacking[e] * evidence(to[toAt + e * outputs + o]);
      }
      logits[o] = (float) sum;
    }
    finish(logits, 0, to, stackedAt);
  }

  /** What the stacked expert weighs: a value as it is, log-odds, or a log-probability. */
  private double evidence(double prediction) {
    return switch (kind) {
      case REGRESSION -> prediction;
      case BINARY -> {
        double p = Math.max(SMALLEST_PROBABILITY, Math.min(1 - SMALLEST_PROBABILITY, prediction));
        yield Math.log(p / (1 - p));
      }
      case MULTICLASS -> Math.log(Math.max(SMALLEST_PROBABILITY, prediction));
    };
  }

  private double linearOutput(float[] model, int output, float[] inputs, int at) {
    int row = output * (features + 1);
    double sum = model[row + features];
    for (int f = 0; f < features; f++) {
      sum += model[row + f] * inputs[at + f];
    }
    return sum;
  }

  /** The mixture of the experts' predictions for one row. */
  void mix(double[] experts, int at, double[] to, int toAt) {
    for (int o = 0; o < outputs; o++) {
      double sum = 0;
      for (int e = 0; e < Expert.COUNT; e++) {
        sum += weights[e] * experts[at + e * outputs + o];
      }
      to[toAt + o] = sum;
    }
  }

  /**
   * Judges the experts by a label that was not known when they predicted.
   *
   * @param experts what {@link #predict} wrote, from {@code at}
   * @param label standardised value, or class number
   */
  void judge(double[] experts, int at, double label) {
    double best = Double.NEGATIVE_INFINITY;
    for (int e = 0; e < Expert.COUNT; e++) {
      losses[e] = logLikelihood(experts, at + e * outputs, label);
      best = Math.max(best, losses[e]);
    }
    double sum = 0;
    for (int e = 0; e < Expert.COUNT; e++) {
      weights[e] *= Math.exp(losses[e] - best);
      sum += weights[e];
    }
    for (int e = 0; e < Expert.COUNT; e++) {
      weights[e] = (1 - SHARE) * weights[e] / sum + SHARE / Expert.COUNT;
    }
    adjustStacking(experts, at, label);
  }

  private double logLikelihood(double[] experts, int at, double label) {
    return switch (kind) {
      case REGRESSION -> -VALUE_RATE * Math.min(LARGEST_ERROR, Math.abs(experts[at] - label));
      case BINARY ->
          CLASS_RATE
              * Math.log(Math.max(SMALLEST_LIKELIHOOD, label == 1 ? experts[at] : 1 - experts[at]));
      case MULTICLASS ->
          CLASS_RATE * Math.log(Math.max(SMALLEST_LIKELIHOOD, experts[at + (int) label]));
    };
  }

  private void adjustStacking(double[] experts, int at, double label) {
    int stackedAt = at + STACKED_EXPERTS * outputs;
    double scale = STACKING_STEP;
    if (kind == TaskKind.REGRESSION) {
      double squares = 1;
      for (int e = 0; e < STACKED_EXPERTS; e++) {
        squares += experts[at + e] * experts[at + e];
      }
      scale /= squares;
    }
    for (int e = 0; e < STACKED_EXPERTS; e++) {
      double gradient = 0;
      for (int o = 0; o < outputs; o++) {
        double residual =
            switch (kind) {
              case REGRESSION -> bounded(experts[stackedAt] - label, 1);
              case BINARY -> experts[stackedAt] - label;
              case MULTICLASS -> experts[stackedAt + o] - (o == (int) label ? 1 : 0);
            };
        double evidence = evidence(experts[at + e * outputs + o]);
        gradient +=
            residual
                * (kind == TaskKind.REGRESSION ? evidence : bounded(evidence, LARGEST_LOGARITHM));
      }
      stacking[e] -= scale * gradient;
    }
  }

  /** Teaches the priors and the linear models one labelled row. */
  void learn(float[] inputs, int at, double label) {
    double energy = 1;
    for (int f = 0; f < features; f++) {
      energy += inputs[at + f] * inputs[at + f];
    }
    if (kind == TaskKind.REGRESSION) {
      recent[0] += RECENT * (label - recent[0]);
    } else {
      prior[(int) label]++;
      for (int c = 0; c < recent.length; c++) {
        recent[c] += RECENT * ((c == (int) label ? 1 : 0) - recent[c]);
      }
    }
    for (int m = 0; m < LINEAR_MODELS; m++) {
      float[] model = linear[m];
      switch (kind) {
        case REGRESSION -> {
          double residual = bounded(linearOutput(model, 0, inputs, at) - label, LARGEST_RESIDUAL);
          move(model, 0, inputs, at, -VALUE_STEPS[m] / energy * residual);
        }
        case BINARY -> {
          double residual = Probabilities.sigmoid(linearOutput(model, 0, inputs, at)) - label;
          move(model, 0, inputs, at, -LOGISTIC_STEP * CLASS_STEPS[m] / energy * residual);
        }
        case MULTICLASS -> {
          for (int c = 0; c < outputs; c++) {
            logits[c] = (float) linearOutput(model, c, inputs, at);
          }
          Probabilities.softmax(logits, 0, outputs, probabilities, 0);
          for (int c = 0; c < outputs; c++) {
            double residual = probabilities[c] - (c == (int) label ? 1 : 0);
            move(model, c, inputs, at, -CLASS_STEPS[m] / energy * residual);
          }
        }
      }
    }
  }

  private void move(float[] model, int output, float[] inputs, int at, double step) {
    int row = output * (features + 1);
    float factor = (float) step;
    for (int f = 0; f < features; f++) {
      model[row + f] += factor * inputs[at + f];
    }
    model[row + features] += factor;
  }

  private static double bounded(double value, double limit) {
    return Math.max(-limit, Math.min(limit, value));
  }

  void write(StateWriter out) throws IOException {
    out.writeDoubles(weights);
    out.writeDoubles(stacking);
    out.writeDoubles(prior);
    out.writeDoubles(recent);
    for (float[] model : linear) {
      out.writeFloats(model);
    }
  }

  void read(StateReader in) throws IOException {
    double[] savedWeights = in.readDoubles();
    double[] savedStacking = in.readDoubles();
    if (savedWeights.length != weights.length || savedStacking.length != stacking.length) {
      throw new StateFormatException(
          "the saved mixture has "
              + savedWeights.length
              + " experts, this version "
              + weights.length);
    }
    double[] savedPrior = in.readDoubles();
    double[] savedRecent = in.readDoubles();
    if (savedPrior.length != prior.length || savedRecent.length != recent.length) {
      throw new StateFormatException(
          "the saved priors are of "
              + savedPrior.length
              + " classes, this task has "
              + prior.length);
    }
    weights = savedWeights;
    stacking = savedStacking;
    prior = savedPrior;
    recent = savedRecent;
    for (int m = 0; m < LINEAR_MODELS; m++) {
      linear[m] = in.readFloats();
      if (linear[m].length != outputs * (features + 1)) {
        throw new StateFormatException(
            "the saved linear model has "
                + linear[m].length
                + " weights, this model "
                + outputs * (features + 1));
      }
    }
  }
}
