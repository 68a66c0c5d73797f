package dev.samgs.learn;

import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * Prequential scores of one task next to those of the naive baseline (running mean; or class
 * frequencies so far with one added per class). Each label is scored against a prediction that was
 * made before it was known. The first {@value #UNSCORED} labels only feed the baseline. Figures
 * over no labels are NaN.
 */
public final class TaskScore {
  /** Labels at the start of a stream that are not scored. */
  public static final int UNSCORED = 32;

  /** Log-loss is bounded here: −ln of the smallest probability that counts. */
  private static final double SMALLEST_PROBABILITY = 1e-15;

  /** Weight of the past in the fading loss; it looks back on about 200 labels. */
  private static final double FADING = 0.995;

  /** Labels in each of the two blocks of the windowed figures. */
  private static final int BLOCK = 256;

  /** Sums of a block: loss and merit, each with the baseline's. */
  private static final int LOSS = 0;

  private static final int BASELINE_LOSS = 1;
  private static final int MERIT = 2;
  private static final int BASELINE_MERIT = 3;
  private static final int WINDOW_SUMS = 4;

  /**
   * Bins of the binary scores by log-odds, {@value #BINS_PER_UNIT} to the unit, from which average
   * precision is estimated.
   */
  private static final int BINS_PER_UNIT = 8;

  /** How many sums stand together in saved state. */
  private static final int SUMS = 10;

  private static final int BINS = 2 * 8 * BINS_PER_UNIT;

  private final TaskKind kind;
  private final int classes;

  private long labels;
  private long scored;
  private double absoluteErrors;
  private double squaredErrors;
  private double logLosses;
  private double baselineAbsoluteErrors;
  private double baselineSquaredErrors;
  private double baselineLogLosses;
  private double labelSum;
  private double fadingLoss;
  private double fadingBaselineLoss;
  private double fadingWeight;

  /**
   * Fading sums of what the score is made of: squared errors, or right classes; see {@link
   * #fadingScore()}.
   */
  private double fadingMerit;

  private double fadingBaselineMerit;
  private double fadingMeritWeight;

  /** Sums over the block being filled and the one before, and how many labels they are over. */
  private double[] block = new double[WINDOW_SUMS];

  private double[] blockBefore = new double[WINDOW_SUMS];
  private long blockLabels;
  private long blockBeforeLabels;

  /** Labels of each class so far, scored or not. */
  private long[] classCounts;

  /** Scored labels, {@code true class × predicted class}; and by the baseline's prediction. */
  private long[] confusion;

  private long[] baselineConfusion;

  /** Scored labels of class 0 and of class 1 by bin of log-odds; empty unless binary. */
  private long[] negatives;

  private long[] positives;

  public TaskScore(TaskSpec task) {
    kind = task.kind();
    classes = task.labelClasses();
    classCounts = new long[classes];
    confusion = new long[classes * classes];
    baselineConfusion = new long[classes * classes];
    int bins = kind == TaskKind.BINARY ? BINS : 0;
    negatives = new long[bins];
    positives = new long[bins];
  }

  /**
   * Scores a prediction and feeds the baseline.
   *
   * @param predictions the prediction, from {@code at}, as in {@link RowBatch#predictions()}
   * @param label the true value or class
   * @return the loss: absolute error, or log-loss
   */
  double add(double[] predictions, int at, double label) {
    labels++;
    boolean counts = labels > UNSCORED;
    if (counts) {
      scored++;
    }
    return kind == TaskKind.REGRESSION
        ? addRegression(predictions[at], label, counts)
        : addClass(predictions, at, (int) label, counts);
  }

  /**
   * The loss of a prediction, as {@link #add} reckons it: absolute error, or log-loss.
   *
   * @param predictions the prediction, from {@code at}, as in {@link RowBatch#predictions()}
   */
  public static double loss(TaskKind kind, double[] predictions, int at, double label) {
    return switch (kind) {
      case REGRESSION -> Math.abs(predictions[at] - label);
      case BINARY -> logLoss(label == 1 ? predictions[at] : 1 - predictions[at]);
      case MULTICLASS -> logLoss(predictions[at + (int) label]);
    };
  }

  private static double logLoss(double probability) {
    return -Math.log(Math.max(probability, SMALLEST_PROBABILITY));
  }

  private double addRegression(double prediction, double label, boolean counts) {
    double error = prediction - label;
    double loss = Math.abs(error);
    double baselineError = labels == 1 ? 0 : labelSum / (labels - 1) - label;
    if (counts) {
      absoluteErrors += loss;
      squaredErrors += error * error;
      baselineAbsoluteErrors += Math.abs(baselineError);
      baselineSquaredErrors += baselineError * baselineError;
    }
    fade(loss, Math.abs(baselineError), error * error, baselineError * baselineError);
    labelSum += label;
    return loss;
  }

  private double addClass(double[] predictions, int at, int label, boolean counts) {
    double loss = loss(kind, predictions, at, label);
    int predicted = predictedClass(predictions, at);
    int majority = majorityClass();
    double baselineProbability = (classCounts[label] + 1.0) / (labels - 1 + classes);
    double baselineLoss = logLoss(baselineProbability);
    if (counts) {
      logLosses += loss;
      confusion[label * classes + predicted]++;
      baselineLogLosses += baselineLoss;
      baselineConfusion[label * classes + majority]++;
      if (kind == TaskKind.BINARY) {
        (label == 1 ? positives : negatives)[bin(predictions[at])]++;
      }
    }
    fade(loss, baselineLoss, predicted == label ? 1 : 0, majority == label ? 1 : 0);
    classCounts[label]++;
    return loss;
  }

  private void fade(double loss, double baselineLoss, double merit, double baselineMerit) {
    fadingLoss = FADING * fadingLoss + loss;
    fadingBaselineLoss = FADING * fadingBaselineLoss + baselineLoss;
    fadingWeight = FADING * fadingWeight + 1;
    fadingMerit = FADING * fadingMerit + merit;
    fadingBaselineMerit = FADING * fadingBaselineMerit + baselineMerit;
    fadingMeritWeight = FADING * fadingMeritWeight + 1;
    if (blockLabels == BLOCK) {
      double[] oldest = blockBefore;
      blockBefore = block;
      blockBeforeLabels = blockLabels;
      block = oldest;
      Arrays.fill(block, 0);
      blockLabels = 0;
    }
    blockLabels++;
    block[LOSS] += loss;
    block[BASELINE_LOSS] += baselineLoss;
    block[MERIT] += merit;
    block[BASELINE_MERIT] += baselineMerit;
  }

  /** The most probable class; the lowest of equals. */
  int predictedClass(double[] predictions, int at) {
    if (kind == TaskKind.BINARY) {
      return predictions[at] > 0.5 ? 1 : 0;
    }
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (predictions[at + c] > predictions[at + best]) {
        best = c;
      }
    }
    return best;
  }

  private int majorityClass() {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (classCounts[c] > classCounts[best]) {
        best = c;
      }
    }
    return best;
  }

  private static int bin(double probability) {
    double logOdds = Math.log(probability / (1 - probability));
    int bin = (int) Math.floor(logOdds * BINS_PER_UNIT);
    return Math.max(-BINS / 2, Math.min(BINS / 2 - 1, bin)) + BINS / 2;
  }

  /** Labels seen, scored or not. */
  public long labels() {
    return labels;
  }

  /** Labels that the figures below are over. */
  public long scored() {
    return scored;
  }

  /** Mean absolute error, in the label's unit. */
  public double meanAbsoluteError() {
    return absoluteErrors / scored;
  }

  /** Root of the mean squared error, in the label's unit. */
  public double rootMeanSquaredError() {
    return Math.sqrt(squaredErrors / scored);
  }

  public double baselineMeanAbsoluteError() {
    return baselineAbsoluteErrors / scored;
  }

  public double baselineRootMeanSquaredError() {
    return Math.sqrt(baselineSquaredErrors / scored);
  }

  /** Share of labels that were the most probable class. */
  public double accuracy() {
    return accuracy(confusion);
  }

  public double baselineAccuracy() {
    return accuracy(baselineConfusion);
  }

  private double accuracy(long[] matrix) {
    long correct = 0;
    for (int c = 0; c < classes; c++) {
      correct += matrix[c * classes + c];
    }
    return (double) correct / scored;
  }

  /** Mean over the classes that occur in labels or predictions of F1, 0 where it is undefined. */
  public double macroF1() {
    return macroF1(confusion);
  }

  public double baselineMacroF1() {
    return macroF1(baselineConfusion);
  }

  private double macroF1(long[] matrix) {
    double sum = 0;
    int occurring = 0;
    for (int c = 0; c < classes; c++) {
      long truth = 0;
      long predicted = 0;
      for (int o = 0; o < classes; o++) {
        truth += matrix[c * classes + o];
        predicted += matrix[o * classes + c];
      }
      if (truth + predicted > 0) {
        occurring++;
        sum += 2.0 * matrix[c * classes + c] / (truth + predicted);
      }
    }
    return sum / occurring;
  }

  /**
   * Mean −ln of the probability given to the true class, no probability counting less than 10⁻¹⁵.
   */
  public double logLoss() {
    return logLosses / scored;
  }

  public double baselineLogLoss() {
    return baselineLogLosses / scored;
  }

  /**
   * Average precision of a binary task's probabilities, Σ (R_n − R_{n−1})·P_n over falling
   * thresholds, with scores told apart to one eighth in log-odds.
   */
  public double averagePrecision() {
    long allPositives = 0;
    for (long count : positives) {
      allPositives += count;
    }
    double sum = 0;
    long truePositives = 0;
    long above = 0;
    for (int b = positives.length - 1; b >= 0; b--) {
      above += positives[b] + negatives[b];
      truePositives += positives[b];
      if (positives[b] > 0) {
        sum += (double) positives[b] * truePositives / above;
      }
    }
    return sum / allPositives;
  }

  /** Exponentially faded mean loss (absolute error, or log-loss) over about the last 200 labels. */
  public double fadingLoss() {
    return fadingLoss / fadingWeight;
  }

  public double fadingBaselineLoss() {
    return fadingBaselineLoss / fadingWeight;
  }

  /**
   * Fading score over about the last 200 labels: the share of right classes, or for regression the
   * share of the naive baseline's squared error that the model takes away, 1 − Σe²/Σe₀². Higher is
   * better, 1 is perfect; NaN before the first label, or where the baseline has no error.
   */
  public double fadingScore() {
    return score(fadingMerit, fadingBaselineMerit, fadingMeritWeight);
  }

  /** The naive baseline's {@link #fadingScore()}: of regression always 0. */
  public double fadingBaselineScore() {
    return baselineScore(fadingBaselineMerit, fadingMeritWeight);
  }

  /** Mean loss over the last {@value #BLOCK} to 512 labels, all there are before. */
  public double windowedLoss() {
    return (block[LOSS] + blockBefore[LOSS]) / windowedLabels();
  }

  public double windowedBaselineLoss() {
    return (block[BASELINE_LOSS] + blockBefore[BASELINE_LOSS]) / windowedLabels();
  }

  /** {@link #fadingScore()} over the same labels, all with one weight. */
  public double windowedScore() {
    return score(
        block[MERIT] + blockBefore[MERIT],
        block[BASELINE_MERIT] + blockBefore[BASELINE_MERIT],
        windowedLabels());
  }

  public double windowedBaselineScore() {
    return baselineScore(block[BASELINE_MERIT] + blockBefore[BASELINE_MERIT], windowedLabels());
  }

  /** Labels that the windowed figures are over. */
  public long windowedLabels() {
    return blockLabels + blockBeforeLabels;
  }

  private double score(double merit, double baselineMerit, double weight) {
    return kind == TaskKind.REGRESSION ? 1 - merit / baselineMerit : merit / weight;
  }

  private double baselineScore(double merit, double weight) {
    return kind == TaskKind.REGRESSION ? (merit > 0 ? 0 : Double.NaN) : merit / weight;
  }

  /** Writes the fading score and the windowed figures, which states of format 1 lack. */
  void writeWindow(StateWriter out) throws IOException {
    out.writeDoubles(new double[] {fadingMerit, fadingBaselineMerit, fadingMeritWeight});
    out.writeDoubles(block);
    out.writeDoubles(blockBefore);
    out.writeLong(blockLabels);
    out.writeLong(blockBeforeLabels);
  }

  void readWindow(StateReader in) throws IOException {
    double[] sums = in.readDoubles();
    requireLength(3, sums.length);
    fadingMerit = sums[0];
    fadingBaselineMerit = sums[1];
    fadingMeritWeight = sums[2];
    block = in.readDoubles();
    requireLength(WINDOW_SUMS, block.length);
    blockBefore = in.readDoubles();
    requireLength(WINDOW_SUMS, blockBefore.length);
    blockLabels = in.readLong();
    blockBeforeLabels = in.readLong();
  }

  void write(StateWriter out) throws IOException {
    out.writeLong(labels);
    out.writeLong(scored);
    out.writeDoubles(
        new double[] {
          absoluteErrors,
          squaredErrors,
          logLosses,
          baselineAbsoluteErrors,
          baselineSquaredErrors,
          baselineLogLosses,
          labelSum,
          fadingLoss,
          fadingBaselineLoss,
          fadingWeight
        });
    out.writeLongs(classCounts);
    out.writeLongs(confusion);
    out.writeLongs(baselineConfusion);
    out.writeLongs(negatives);
    out.writeLongs(positives);
  }

  void read(StateReader in) throws IOException {
    labels = in.readLong();
    scored = in.readLong();
    double[] sums = in.readDoubles();
    requireLength(SUMS, sums.length);
    absoluteErrors = sums[0];
    squaredErrors = sums[1];
    logLosses = sums[2];
    baselineAbsoluteErrors = sums[3];
    baselineSquaredErrors = sums[4];
    baselineLogLosses = sums[5];
    labelSum = sums[6];
    fadingLoss = sums[7];
    fadingBaselineLoss = sums[8];
    fadingWeight = sums[9];
    classCounts = readCounts(in, classCounts.length);
    confusion = readCounts(in, confusion.length);
    baselineConfusion = readCounts(in, baselineConfusion.length);
    negatives = readCounts(in, negatives.length);
    positives = readCounts(in, positives.length);
  }

  private static long[] readCounts(StateReader in, int length) throws IOException {
    long[] counts = in.readLongs();
    requireLength(length, counts.length);
    return counts;
  }

  private static void requireLength(int expected, int found) throws StateFormatException {
    if (found != expected) {
      throw new StateFormatException(
          "the state is damaged: a task's score has "
              + found
              + " numbers where "
              + expected
              + " belong");
    }
  }
}
