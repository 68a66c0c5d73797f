package dev.samgs.deploy.evaluate;

import dev.samgs.deploy.evaluate.TaskFigures.PrimaryScore;
import dev.samgs.learn.DriftAlarm;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.TaskScore;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.surgery.PairwiseSimilarity;
import java.util.ArrayList;
import java.util.List;

/**
 * How an evaluation went, from its first row to its last, in bounded memory: the tasks' errors and
 * those of the baseline, the gradients' similarity, what the surgery did, the drift alarms.
 * Everything stands at the row with which it was learned.
 */
public final class Course {
  /** Alarms that are kept; the others are only counted. */
  public static final int MAX_ALARMS = 500;

  /** What is summed over a task's scored labels. */
  private enum Sum {
    /** Absolute errors; of classes, ones where the most probable was right. */
    SCORE,
    BASELINE_SCORE,
    /** Of classes. */
    LOG_LOSS,
    BASELINE_LOG_LOSS
  }

  private static final int PER_TASK = Sum.values().length + 1;

  /** Channels after those of the tasks. */
  private static final int SIMILARITY = 0;

  private static final int EQUALISED = 1;
  private static final int MODULATED = 2;

  /** An alarm, and the number of rows that had been read. */
  public record Alarm(long row, DriftAlarm alarm) {}

  private final ModelSpec spec;
  private final BinnedSeries series;
  private final double[] sumsBefore;
  private final long[] scoredBefore;
  private final double[] magnitudes;
  private final double[] cosines;
  private final long[] pairs;
  private final List<Alarm> alarms = new ArrayList<>();
  private long alarmCount;

  Course(ModelSpec spec) {
    this.spec = spec;
    int tasks = spec.tasks().size();
    this.series = new BinnedSeries(tasks * PER_TASK + 3);
    this.sumsBefore = new double[tasks * Sum.values().length];
    this.scoredBefore = new long[tasks];
    this.magnitudes = new double[tasks * tasks];
    this.cosines = new double[tasks * tasks];
    this.pairs = new long[tasks * tasks];
  }

  /**
   * Takes in a mini-batch that was learned.
   *
   * @param row rows that have been read, less one
   */
  void learned(long row, StepReport report, LearnerState state) {
    for (int t = 0; t < spec.tasks().size(); t++) {
      score(row, t, state.score(t));
      if (!Double.isNaN(report.gradientNorm(t))) {
        series.add(row, channel(t, Sum.values().length), report.gradientNorm(t), 1);
      }
    }
    int after = spec.tasks().size() * PER_TASK;
    if (!Double.isNaN(report.meanSimilarity())) {
      series.add(row, after + SIMILARITY, report.meanSimilarity(), 1);
    }
    series.add(row, after + EQUALISED, report.equalised(), report.updates());
    series.add(row, after + MODULATED, report.modulated(), report.updates());
    compare(report.similarity());
    for (DriftAlarm alarm : report.alarms()) {
      alarmCount++;
      if (alarms.size() < MAX_ALARMS) {
        alarms.add(new Alarm(row, alarm));
      }
    }
  }

  private void compare(PairwiseSimilarity similarity) {
    int tasks = spec.tasks().size();
    for (int a = 0; a < tasks; a++) {
      for (int b = 0; b < tasks; b++) {
        if (a != b && similarity.comparable(a, b)) {
          magnitudes[a * tasks + b] += similarity.magnitude(a, b);
          cosines[a * tasks + b] += similarity.cosine(a, b);
          pairs[a * tasks + b]++;
        }
      }
    }
  }

  /** Adds what a task's sums have grown by. */
  private void score(long row, int task, TaskScore score) {
    long scored = score.scored();
    if (scored == scoredBefore[task]) {
      return;
    }
    boolean regression = spec.tasks().get(task).kind() == TaskKind.REGRESSION;
    for (Sum sum : Sum.values()) {
      double mean =
          switch (sum) {
            case SCORE -> regression ? score.meanAbsoluteError() : score.accuracy();
            case BASELINE_SCORE ->
                regression ? score.baselineMeanAbsoluteError() : score.baselineAccuracy();
            case LOG_LOSS -> regression ? 0 : score.logLoss();
            case BASELINE_LOG_LOSS -> regression ? 0 : score.baselineLogLoss();
          };
      int at = task * Sum.values().length + sum.ordinal();
      double total = mean * scored;
      series.add(
          row, channel(task, sum.ordinal()), total - sumsBefore[at], scored - scoredBefore[task]);
      sumsBefore[at] = total;
    }
    scoredBefore[task] = scored;
  }

  private static int channel(int task, int offset) {
    return task * PER_TASK + offset;
  }

  /** The stretches of the stream that everything is summed over. */
  public BinnedSeries series() {
    return series;
  }

  /** Channel of a task's score in {@link #series()}; of its baseline's with {@code baseline}. */
  public int scoreChannel(int task, PrimaryScore score, boolean baseline) {
    Sum sum =
        score == PrimaryScore.LOG_LOSS
            ? (baseline ? Sum.BASELINE_LOG_LOSS : Sum.LOG_LOSS)
            : (baseline ? Sum.BASELINE_SCORE : Sum.SCORE);
    return channel(task, sum.ordinal());
  }

  /** Channel of the norm of a task's gradient over the shared parameters. */
  public int gradientNormChannel(int task) {
    return channel(task, Sum.values().length);
  }

  /** Channel of the mean gradient magnitude similarity. */
  public int similarityChannel() {
    return spec.tasks().size() * PER_TASK + SIMILARITY;
  }

  /** Channel of the share of steps that equalised the gradients. */
  public int equalisedChannel() {
    return spec.tasks().size() * PER_TASK + EQUALISED;
  }

  /** Channel of the share of steps that modulated the gradients. */
  public int modulatedChannel() {
    return spec.tasks().size() * PER_TASK + MODULATED;
  }

  /** Mean gradient magnitude similarity of two tasks; NaN if they never had gradients together. */
  public double magnitude(int taskA, int taskB) {
    int pair = taskA * spec.tasks().size() + taskB;
    return magnitudes[pair] / pairs[pair];
  }

  /** Mean cosine between the gradients of two tasks; NaN if they never had any together. */
  public double cosine(int taskA, int taskB) {
    int pair = taskA * spec.tasks().size() + taskB;
    return cosines[pair] / pairs[pair];
  }

  /** The first {@value #MAX_ALARMS} drift alarms. */
  public List<Alarm> alarms() {
    return List.copyOf(alarms);
  }

  /** All drift alarms that were raised. */
  public long alarmCount() {
    return alarmCount;
  }
}
