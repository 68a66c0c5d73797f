package dev.samgs.deploy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final double NONE = Double.NaN;

  @Test
  void runningMeanBaselineIsScoredFromThe33rdLabelOn() {
    Evaluation evaluation = new Evaluation(spec(TaskSpec.regression("width")), 32, LabelDelay.NONE);
    for (int i = 0; i < 32; i++) {
      evaluation.add(row(i, 10));
    }
    evaluation.add(row(32, 20));
    evaluation.add(row(33, 10));
    evaluation.finish();

    TaskFigures figures = evaluation.figures().get("width");
    assertThat(figures.scored()).isEqualTo(2);
    // Means of the labels before: 10, then 340/33.
    double second = 340.0 / 33 - 10;
    assertThat(figures.baselineMae()).isCloseTo((10 + second) / 2, within(1e-12));
    assertThat(figures.baselineRmse())
        .isCloseTo(Math.sqrt((100 + second * second) / 2), within(1e-12));
  }

  @Test
  void majorityClassBaselineIsUpdatedRowByRowWithOneAddedPerClass() {
    Evaluation evaluation =
        new Evaluation(spec(TaskSpec.multiclass("grade", 3)), 32, LabelDelay.NONE);
    for (int i = 0; i < 32; i++) {
      evaluation.add(row(i, i < 16 ? 0 : 1));
    }
    // Counts 16, 16, 0: a tie goes to class 0. Then 16, 17, 0: class 1.
    evaluation.add(row(32, 1));
    evaluation.add(row(33, 1));
    evaluation.add(row(34, 2));
    evaluation.finish();

    TaskFigures figures = evaluation.figures().get("grade");
    assertThat(figures.scored()).isEqualTo(3);
    assertThat(figures.baselineAccuracy()).isCloseTo(1.0 / 3, within(1e-12));
    // Predicted 0, 1, 1 for 1, 1, 2. Class 0: 0; class 1: 2·1/(2 + 2); class 2: 0.
    assertThat(figures.baselineMacroF1()).isCloseTo(0.5 / 3, within(1e-12));
    double logLoss = Math.log(35.0 / 17) + Math.log(36.0 / 18) + Math.log(37.0 / 1);
    assertThat(figures.baselineLogLoss()).isCloseTo(logLoss / 3, within(1e-12));
  }

  @Test
  void figuresAreThoseOfPredictionsMadeBlockByBlock() {
    ModelSpec spec =
        spec(
            TaskSpec.regression("width"),
            TaskSpec.binary("fault"),
            TaskSpec.multiclass("grade", 3));
    List<Row> rows = rows(32 * 9 + 13, 3);
    Evaluation evaluation = new Evaluation(spec, 32, LabelDelay.NONE);
    rows.forEach(evaluation::add);
    evaluation.finish();

    List<double[]> predictions = predictions(spec, rows, 32);
    TaskFigures width = evaluation.figures().get("width");
    TaskFigures fault = evaluation.figures().get("fault");
    TaskFigures grade = evaluation.figures().get("grade");
    List<Integer> widthRows = scored(rows, 0);
    List<Integer> faultRows = scored(rows, 1);
    List<Integer> gradeRows = scored(rows, 2);

    assertThat(width.scored()).isEqualTo(widthRows.size());
    assertThat(width.mae())
        .isCloseTo(
            widthRows.stream()
                .mapToDouble(r -> Math.abs(predictions.get(r)[0] - rows.get(r).labels()[0]))
                .average()
                .orElseThrow(),
            within(1e-9));
    assertThat(fault.logLoss())
        .isCloseTo(
            faultRows.stream()
                .mapToDouble(
                    r ->
                        -Math.log(
                            rows.get(r).labels()[1] == 1
                                ? predictions.get(r)[1]
                                : 1 - predictions.get(r)[1]))
                .average()
                .orElseThrow(),
            within(1e-9));
    assertThat(fault.averagePrecision())
        .isCloseTo(averagePrecision(rows, predictions, faultRows), within(1e-12));
    assertThat(grade.macroF1()).isCloseTo(macroF1(rows, predictions, gradeRows), within(1e-12));
    assertThat(grade.accuracy())
        .isCloseTo(
            gradeRows.stream()
                .mapToDouble(
                    r -> mostProbable(predictions.get(r)) == rows.get(r).labels()[2] ? 1 : 0)
                .average()
                .orElseThrow(),
            within(1e-12));
  }

  @Test
  void noLabelOfABlockReachesAPredictionOfTheSameBlock() {
    for (int labelBlock : new int[] {32, 64}) {
      List<Row> rows = rows(4 * labelBlock, 5);
      int changed = 2 * labelBlock + 1;
      List<Row> others = new ArrayList<>(rows);
      others.set(
          changed,
          new Row(
              changed,
              rows.get(changed).features(),
              new double[] {
                rows.get(changed).labels()[0], 1 - rows.get(changed).labels()[1], 1e6
              }));

      int endOfBlock = 3 * labelBlock;
      assertThat(widthOver(others.subList(0, endOfBlock), labelBlock))
          .as("figures up to the end of the block with the changed label")
          .isEqualTo(widthOver(rows.subList(0, endOfBlock), labelBlock));
      assertThat(widthOver(others, labelBlock))
          .as("figures over the block after it")
          .isNotEqualTo(widthOver(rows, labelBlock));
    }
  }

  @Test
  void ownLabelsOfATaskAreHeldBackToo() {
    List<Row> rows = rows(96, 7);
    double sum = 0;
    double previous = 0;
    for (double label : new double[] {1e9, 3e9}) {
      List<Row> changed = new ArrayList<>(rows);
      changed.set(65, new Row(65, rows.get(65).features(), new double[] {label, NONE, NONE}));
      TaskFigures figures = widthOver(changed, 32);
      previous = sum;
      sum = figures.mae() * figures.scored();
    }
    // Only the changed label's own error differs: rows 66 to 95 were predicted without it.
    assertThat(sum - previous).isCloseTo(2e9, within(1e-3));
  }

  @Test
  void noPredictionUsesALaterRowOfItsBlock() {
    List<Row> rows = rows(96, 9);
    rows.set(95, new Row(95, rows.get(95).features(), new double[] {NONE, NONE, NONE}));
    List<Row> others = new ArrayList<>(rows);
    others.set(95, new Row(95, new double[] {1e9, -1e9}, new double[] {NONE, NONE, NONE}));

    assertThat(widthOver(others, 32)).isEqualTo(widthOver(rows, 32));
  }

  @Test
  void aChangedTimestampChangesNothing() {
    List<Row> rows = rows(96, 11);
    List<Row> others =
        rows.stream().map(r -> new Row(5 * r.timestamp(), r.features(), r.labels())).toList();

    assertThat(widthOver(others, 32)).isEqualTo(widthOver(rows, 32));
  }

  @Test
  void rowsWithoutLabelsAreCountedAndDoNotFillAMiniBatch() {
    Evaluation evaluation = new Evaluation(spec(TaskSpec.regression("width")), 32, LabelDelay.NONE);
    for (int i = 0; i < 320; i++) {
      evaluation.add(row(i, i % 10 == 0 ? i : NONE));
    }
    long beforeTheEnd = evaluation.updates();
    evaluation.finish();

    int passes = LearningSpec.defaults().passes();
    assertThat(evaluation.rows()).isEqualTo(320);
    assertThat(beforeTheEnd).as("updates after 32 labelled rows").isEqualTo(passes);
    assertThat(evaluation.updates()).isEqualTo(passes);
    assertThat(evaluation.figures().get("width").scored()).isZero();
    assertThat(evaluation.figures().get("width").mae()).isNaN();
  }

  @Test
  void aRefusedRowKeepsItsPlaceInItsBlock() {
    List<Row> rows = rows(64, 13);
    Evaluation whole = new Evaluation(threeTasks(), 32, LabelDelay.NONE);
    rows.forEach(whole::add);
    Evaluation refusing = new Evaluation(threeTasks(), 32, LabelDelay.NONE);
    for (int r = 0; r < 64; r++) {
      if (r == 3) {
        refusing.reject();
      } else {
        refusing.add(rows.get(r));
      }
    }

    assertThat(refusing.rejected()).isEqualTo(1);
    assertThat(refusing.rows()).isEqualTo(64);
    // 31 + 32 labelled rows fill one mini-batch, in the second block; 32 + 32 fill two.
    assertThat(refusing.updates()).isEqualTo(whole.updates() / 2);
  }

  @Test
  void aBlockOfRefusedRowsOnlyIsPassedOver() {
    Evaluation evaluation = new Evaluation(threeTasks(), 4, LabelDelay.NONE);
    for (int i = 0; i < 9; i++) {
      evaluation.reject();
    }
    evaluation.finish();
    assertThat(evaluation.rows()).isEqualTo(9);
    assertThat(evaluation.rejected()).isEqualTo(9);
    assertThat(evaluation.updates()).isZero();
  }

  @Test
  void theLastPartialBlockIsScoredAndLearned() {
    Evaluation evaluation = new Evaluation(threeTasks(), 32, LabelDelay.NONE);
    rows(40, 15).forEach(evaluation::add);
    long inFullBlocks = evaluation.updates();
    evaluation.finish();

    assertThat(evaluation.figures().get("width").scored()).isEqualTo(8);
    assertThat(evaluation.updates()).isEqualTo(2 * inFullBlocks);
  }

  @Test
  void refusesALabelBlockWithoutRows() {
    assertThatThrownBy(() -> new Evaluation(threeTasks(), 0, LabelDelay.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 1");
  }

  @Test
  void aLateLabelIsScoredAgainstThePredictionThatWaitedForIt() {
    ModelSpec spec = threeTasks();
    List<Row> rows = rows(150, 17);
    int delay = 40;
    Evaluation evaluation = new Evaluation(spec, 1, LabelDelay.ofRows(delay));
    rows.forEach(evaluation::add);
    evaluation.finish();

    // The same by hand: every row is predicted by what was learned from rows that are older by
    // more than the delay.
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    List<RowBatch> waiting = new ArrayList<>();
    for (Row row : rows) {
      RowBatch one = new RowBatch(spec);
      one.add(row);
      learner.arrive(one);
      waiting.add(one);
      if (waiting.size() > delay) {
        learner.release(waiting.remove(0));
      }
    }
    waiting.forEach(learner::release);
    learner.finish();

    assertThat(evaluation.figures().get("width").scored()).isEqualTo(150 - 32);
    assertThat(evaluation.figures().get("width").mae())
        .isEqualTo(learner.state().score(0).meanAbsoluteError());
    assertThat(evaluation.updates()).isEqualTo(learner.state().updates());
  }

  @Test
  void aBlockReleasesTheLabelsWhoseDelayHasPassedByItsEnd() throws Exception {
    Evaluation evaluation = new Evaluation(scoredAtOnce(), 32, LabelDelay.ofRows(40));
    List<Row> rows = rows(128, 19);
    rows.subList(0, 95).forEach(evaluation::add);
    assertThat(evaluation.figures().get("width").scored()).isZero();
    evaluation.add(rows.get(95));
    // At row 95 the labels of rows 0 to 55 have come; the first 32 are not scored.
    assertThat(evaluation.figures().get("width").scored()).isEqualTo(56 - 32);
    rows.subList(96, 128).forEach(evaluation::add);
    assertThat(evaluation.figures().get("width").scored()).isEqualTo(88 - 32);
    evaluation.finish();
    assertThat(evaluation.figures().get("width").scored()).isEqualTo(128 - 32);
  }

  @Test
  void noPredictionUsesALabelThatIsStillOnItsWay() throws Exception {
    List<Row> rows = rows(160, 21);
    List<Row> others = new ArrayList<>(rows);
    others.set(33, new Row(33, rows.get(33).features(), new double[] {1e6, 1, -1e6}));
    LabelDelay delay = LabelDelay.ofRows(40);

    // The label of row 33 comes at the end of row 95 and is scored there. Row 96 is the first that
    // is predicted by it; the label of row 96 comes at the end of row 159.
    assertThat(errorsOver(others, delay, 95)).isEqualTo(errorsOver(rows, delay, 95));
    double own = errorsOver(others, delay, 96) - errorsOver(rows, delay, 96);
    assertThat(own).isGreaterThan(9e5);
    assertThat(errorsOver(others, delay, 159) - errorsOver(rows, delay, 159))
        .isCloseTo(own, within(1e-3));
    assertThat(errorsOver(others, LabelDelay.ofRows(31), 159))
        .as("a shorter delay shows its effect there")
        .isNotCloseTo(errorsOver(rows, LabelDelay.ofRows(31), 159) + own, within(1.0));
  }

  @Test
  void aDelayInEventTimeIsCountedFromTheLargestTimeSoFar() throws Exception {
    Evaluation evaluation =
        new Evaluation(scoredAtOnce(), 1, LabelDelay.ofTime(Duration.ofSeconds(10)));
    List<Row> rows = rows(100, 23);
    for (int i = 0; i < 60; i++) {
      evaluation.add(at(1000L * i, rows.get(i)));
    }
    // Labels of the rows up to 49 s have come.
    assertThat(evaluation.figures().get("width").scored()).isEqualTo(50 - 32);
    evaluation.add(at(30_000, rows.get(60)));
    // A late row does not turn the clock back, and its own label has been due for long.
    assertThat(evaluation.figures().get("width").scored()).isEqualTo(51 - 32);
    evaluation.add(at(1_000_000, rows.get(61)));
    assertThat(evaluation.figures().get("width").scored()).isEqualTo(61 - 32);
    evaluation.finish();
    assertThat(evaluation.figures().get("width").scored()).isEqualTo(62 - 32);
    assertThat(evaluation.lostLabels()).isZero();
  }

  @Test
  void labelsForWhichTooManyRowsWaitAreLostAndCounted() throws Exception {
    int more = 5;
    Evaluation evaluation =
        new Evaluation(scoredAtOnce(), 1, LabelDelay.ofTime(Duration.ofDays(1)));
    Row row = rows(1, 25).get(0);
    for (int i = 0; i < Evaluation.MAX_WAITING_ROWS + 1 + more; i++) {
      evaluation.add(at(0, row));
    }
    evaluation.finish();
    assertThat(evaluation.lostLabels()).isEqualTo(more);
    assertThat(evaluation.figures().get("width").scored())
        .isEqualTo(Evaluation.MAX_WAITING_ROWS + 1 - 32);
  }

  /**
   * The model of {@link #threeTasks()} with mini-batches of a row, so that no label waits for more.
   */
  private static ModelSpec scoredAtOnce() throws Exception {
    return JobConfiguration.parse(
            "model.yaml",
            """
            name: test
            model:
              features: [a, b]
              tasks:
                - {name: width, kind: regression}
                - {name: fault, kind: binary}
                - {name: length, kind: regression}
              learning: {mini-batch: 1, passes: 1, replay-rows: 0}
              network: {trunk: [4]}
            """)
        .model();
  }

  private static Row at(long timestamp, Row row) {
    return new Row(timestamp, row.features(), row.labels());
  }

  /** Sum of the errors of the first task, up to and with that many rows. */
  private static double errorsOver(List<Row> rows, LabelDelay delay, int count) throws Exception {
    Evaluation evaluation = new Evaluation(scoredAtOnce(), 32, delay);
    rows.subList(0, count).forEach(evaluation::add);
    TaskFigures width = evaluation.figures().get("width");
    return width.scored() == 0 ? 0 : width.mae() * width.scored();
  }

  private static TaskFigures widthOver(List<Row> rows, int labelBlock) {
    Evaluation evaluation = new Evaluation(threeTasks(), labelBlock, LabelDelay.NONE);
    rows.forEach(evaluation::add);
    return evaluation.figures().get("width");
  }

  private static ModelSpec threeTasks() {
    return spec(
        TaskSpec.regression("width"), TaskSpec.binary("fault"), TaskSpec.regression("length"));
  }

  private static ModelSpec spec(TaskSpec... tasks) {
    return new ModelSpec(
        List.of("a", "b"),
        List.of(tasks),
        NetworkSpec.defaults(),
        LearningSpec.defaults(),
        SurgeryMethod.named("sam-gs").defaults(),
        DetectorMethod.named("adwin").defaults());
  }

  private static Row row(int index, double label) {
    return new Row(index, new double[] {index % 7, index % 3}, new double[] {label});
  }

  /** Rows whose third label is a class from 0 to 2 that can also be taken as a number. */
  private static List<Row> rows(int count, long seed) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      rows.add(
          new Row(
              i,
              new double[] {a, b},
              new double[] {
                3 * a - b + 0.1 * random.nextGaussian(),
                a + b > 0.8 ? 1 : 0,
                a > 0.5 ? 2 : b > 0 ? 1 : 0
              }));
    }
    return rows;
  }

  private static List<double[]> predictions(ModelSpec spec, List<Row> rows, int block) {
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    List<double[]> predictions = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += block) {
      RowBatch batch = new RowBatch(spec);
      rows.subList(from, Math.min(rows.size(), from + block)).forEach(batch::add);
      learner.arrive(batch);
      for (int r = 0; r < batch.size(); r++) {
        predictions.add(
            Arrays.copyOfRange(batch.predictions(), r * batch.stride(), (r + 1) * batch.stride()));
      }
      learner.release(batch);
    }
    return predictions;
  }

  private static List<Integer> scored(List<Row> rows, int task) {
    List<Integer> labelled = new ArrayList<>();
    for (int r = 0; r < rows.size(); r++) {
      if (!Double.isNaN(rows.get(r).labels()[task])) {
        labelled.add(r);
      }
    }
    return labelled.subList(32, labelled.size());
  }

  private static int mostProbable(double[] prediction) {
    int best = 0;
    for (int c = 1; c < 3; c++) {
      if (prediction[2 + c] > prediction[2 + best]) {
        best = c;
      }
    }
    return best;
  }

  private static double macroF1(List<Row> rows, List<double[]> predictions, List<Integer> scored) {
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      double hits = 0;
      double predicted = 0;
      double actual = 0;
      for (int r : scored) {
        boolean is = rows.get(r).labels()[2] == c;
        boolean says = mostProbable(predictions.get(r)) == c;
        hits += is && says ? 1 : 0;
        predicted += says ? 1 : 0;
        actual += is ? 1 : 0;
      }
      double precision = hits / predicted;
      double recall = hits / actual;
      sum += 2 * precision * recall / (precision + recall);
    }
    return sum / 3;
  }

  /** The definition, threshold by threshold. */
  private static double averagePrecision(
      List<Row> rows, List<double[]> predictions, List<Integer> scored) {
    double positives = scored.stream().filter(r -> rows.get(r).labels()[1] == 1).count();
    double[] thresholds =
        scored.stream().mapToDouble(r -> predictions.get(r)[1]).distinct().sorted().toArray();
    double sum = 0;
    double recallBefore = 0;
    for (int i = thresholds.length - 1; i >= 0; i--) {
      double above = 0;
      double hits = 0;
      for (int r : scored) {
        if (predictions.get(r)[1] >= thresholds[i]) {
          above++;
          hits += rows.get(r).labels()[1];
        }
      }
      sum += (hits / positives - recallBefore) * hits / above;
      recallBefore = hits / positives;
    }
    return sum;
  }
}
