package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.LossKind;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.ShiftSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.PairwiseSimilarity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnlineLearnerTest {
  @Test
  void everyTaskBeatsItsNaiveBaselineOnALearnableStream() {
    OnlineLearner learner = new OnlineLearner(Rows.spec(), report -> {});
    Rows.learn(learner, Rows.make(Rows.spec(), 3000, 1));
    LearnerState state = learner.state();
    assertThat(state.score(0).meanAbsoluteError())
        .isLessThan(0.5 * state.score(0).baselineMeanAbsoluteError());
    for (int t = 1; t < 3; t++) {
      assertThat(state.score(t).accuracy()).isGreaterThan(state.score(t).baselineAccuracy());
      assertThat(state.score(t).logLoss()).isLessThan(0.8 * state.score(t).baselineLogLoss());
    }
  }

  @Test
  void aPredictionIsMadeBeforeAnyLabelOfItsBlockIsUsed() {
    ModelSpec spec = Rows.spec();
    List<Row> rows = Rows.make(spec, 64, 2);
    RowBatch truth = block(spec, rows.subList(32, 64));
    RowBatch lies =
        block(
            spec,
            Rows.relabelled(
                rows.subList(32, 64),
                labels -> {
                  Arrays.setAll(labels, t -> t == 0 ? -1e6 : 0);
                  return labels;
                }));
    for (RowBatch batch : List.of(truth, lies)) {
      OnlineLearner learner = new OnlineLearner(spec, report -> {});
      RowBatch first = block(spec, rows.subList(0, 32));
      learner.arrive(first);
      learner.release(first);
      learner.arrive(batch);
    }
    assertThat(lies.predictions()).isEqualTo(truth.predictions());
  }

  @Test
  void aPredictionDoesNotDependOnLaterRowsOfItsBlock() {
    ModelSpec spec = Rows.spec();
    List<Row> rows = Rows.make(spec, 48, 3);
    OnlineLearner whole = new OnlineLearner(spec, report -> {});
    OnlineLearner single = new OnlineLearner(spec, report -> {});
    RowBatch first = block(spec, rows.subList(0, 32));
    RowBatch again = block(spec, rows.subList(0, 32));
    whole.arrive(first);
    whole.release(first);
    single.arrive(again);
    single.release(again);

    RowBatch block = block(spec, rows.subList(32, 48));
    whole.arrive(block);
    int outputs = spec.outputs();
    for (int r = 0; r < 16; r++) {
      RowBatch alone = block(spec, rows.subList(32 + r, 33 + r));
      single.arrive(alone);
      for (int o = 0; o < outputs; o++) {
        assertThat(alone.predictions()[o])
            .as("row %d, output %d", r, o)
            .isEqualTo(block.predictions()[r * block.stride() + o]);
      }
    }
  }

  @Test
  void rowsWithoutLabelsMoveNothingButTheFeatureScales() {
    ModelSpec watched = Rows.spec();
    ModelSpec spec =
        new ModelSpec(
            watched.features(),
            watched.tasks(),
            watched.network(),
            watched.learning(),
            watched.surgery(),
            watched.drift(),
            new ShiftSpec(0, 0.25));
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    Rows.learn(learner, Rows.make(spec, 100, 4));
    learner.finish();
    LearnerState expected = learner.state().copy();
    List<Row> silent = Rows.unlabelled(Rows.make(spec, 500, 5));
    Rows.learn(learner, silent);

    for (Row row : silent) {
      for (int f = 0; f < row.features().length; f++) {
        if (!Double.isNaN(row.features()[f])) {
          expected.featureScale.observe(f, row.features()[f]);
        }
      }
    }
    expected.rows += 500;
    expected.latestTimestamp = learner.state().latestTimestamp();
    assertThat(StoredLearner.bytes(learner.state())).isEqualTo(StoredLearner.bytes(expected));
  }

  @Test
  void unlabelledRowsInAMiniBatchArePassedOver() {
    ModelSpec spec = Rows.spec();
    List<Row> labelled = Rows.make(spec, 60, 6).stream().filter(Row::labelled).limit(24).toList();
    LearnerState with = new LearnerState(spec, 0);
    LearnerState without = new LearnerState(spec, 0);
    List<Row> mixed = new ArrayList<>(labelled);
    mixed.addAll(3, Rows.unlabelled(labelled.subList(0, 5)));
    new Trainer(spec).learn(without, block(spec, labelled), new ReplayArray(spec));
    new Trainer(spec).learn(with, block(spec, mixed), new ReplayArray(spec));
    assertThat(StoredLearner.bytes(with)).isEqualTo(StoredLearner.bytes(without));
  }

  @Test
  void aTaskThatNeverHasALabelLeavesTheOthersAsIfItWereNotThere() {
    TaskSpec width = TaskSpec.regression("width");
    TaskSpec scrap = TaskSpec.binary("scrap");
    ModelSpec both = Rows.spec(List.of(width, scrap), Rows.learning());
    ModelSpec alone = Rows.spec(List.of(width), Rows.learning());
    List<Row> rows = Rows.make(both, 400, 7);
    OnlineLearner silent = new OnlineLearner(both, report -> {});
    OnlineLearner single = new OnlineLearner(alone, report -> {});
    float[] initial = silent.state().parameters().clone();
    Rows.learn(silent, Rows.relabelled(rows, labels -> new double[] {labels[0], Double.NaN}));
    Rows.learn(single, Rows.relabelled(rows, labels -> new double[] {labels[0]}));

    NetworkLayout layout = silent.state().layout();
    Head ofWidth = layout.heads().get(0);
    Head ofScrap = layout.heads().get(1);
    float[] learned = silent.state().parameters();
    assertThat(Arrays.copyOfRange(learned, 0, ofWidth.to())).isEqualTo(single.state().parameters());
    assertThat(Arrays.copyOfRange(learned, ofScrap.from(), ofScrap.to()))
        .isEqualTo(Arrays.copyOfRange(initial, ofScrap.from(), ofScrap.to()));
    assertThat(silent.state().score(1).labels()).isZero();
    assertThat(silent.state().updates()).isPositive();
  }

  @Test
  void missingFeaturesAndLabelsNeverReachTheParameters() {
    ModelSpec spec = Rows.spec();
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    List<Row> rows = new ArrayList<>();
    for (Row row : Rows.make(spec, 400, 8)) {
      double[] features = row.features().clone();
      features[1] = Double.NaN;
      rows.add(new Row(row.timestamp(), features, row.labels()));
    }
    Rows.learn(learner, rows);
    assertAllFinite(learner.state());
    assertThat(learner.state().refusedUpdates()).isZero();
    assertThat(learner.state().updates()).isPositive();
    assertThat(learner.state().score(0).meanAbsoluteError()).isFinite();
  }

  @Test
  void extremeFeaturesAreHeldAtTheLimit() {
    ModelSpec spec = Rows.spec();
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    Rows.learn(learner, Rows.make(spec, 100, 9));
    RowBatch batch =
        block(
            spec,
            List.of(
                new Row(0, new double[] {1e300, -1e300, 100}, new double[] {5000, 1, 1}),
                new Row(0, new double[] {-1e300, 1e308, 100}, new double[] {5000, 1, 1})));
    learner.arrive(batch);
    learner.release(batch);
    learner.finish();
    for (int i = 0; i < 2 * spec.outputs(); i++) {
      assertThat(batch.predictions()[i]).isFinite();
    }
    assertAllFinite(learner.state());
  }

  @Test
  void anAbsurdLearningRateIsRefusedCountedAndTheLastGoodParametersComeBack() {
    LearningSpec absurd = learning(OptimizerKind.SGD, 1000, 3);
    ModelSpec spec = Rows.spec(Rows.TASKS, absurd);
    List<Boolean> restored = new ArrayList<>();
    OnlineLearner[] self = new OnlineLearner[1];
    int[] refused = new int[1];
    OnlineLearner learner =
        new OnlineLearner(
            spec,
            report -> {
              refused[0] += report.refused();
              restored.add(report.parametersRestored());
              assertAllFinite(self[0].state());
            });
    self[0] = learner;
    Rows.learn(learner, Rows.make(spec, 800, 10));
    assertThat(refused[0]).isPositive();
    assertThat(learner.state().refusedUpdates()).isEqualTo(refused[0]);
    assertThat(restored).contains(true);
    assertThat(learner.state().streak).isLessThan(3);
    for (float parameter : learner.state().lastGoodParameters) {
      assertThat(parameter).isFinite();
    }
  }

  @Test
  void aLossBeyondAllMeasureMovesNothing() {
    TaskSpec raw =
        new TaskSpec("width", TaskKind.REGRESSION, 0, LossKind.SQUARED, 1, 1, false, List.of());
    ModelSpec spec = Rows.spec(List.of(raw), learning(OptimizerKind.ADAM, 1e-3, 5));
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    float[] initial = learner.state().parameters().clone();
    Rows.learn(
        learner,
        Rows.relabelled(Rows.make(spec, 200, 11), labels -> new double[] {labels[0] * 1e30}));
    assertThat(learner.state().updates()).isZero();
    assertThat(learner.state().refusedUpdates()).isPositive();
    assertThat(learner.state().parameters()).isEqualTo(initial);
  }

  @Test
  void goodParametersAreRememberedEvery64UpdatesAndComeBackWithoutMoments() {
    LearningSpec noReplay =
        new LearningSpec(8, 2, 0, 0, OptimizerKind.ADAM, 3e-3, 0.9, 0.999, 1e-8, 50, 0, 5, true, 1);
    ModelSpec spec = Rows.spec(Rows.TASKS, noReplay);
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    LearnerState state = learner.state();
    List<Row> rows = Rows.make(spec, 2000, 12).stream().filter(Row::labelled).toList();
    float[] at64 = null;
    int next = 0;
    while (state.updates() < 70) {
      Rows.learn(learner, rows.subList(next, ++next));
      if (state.updates() == 64 && at64 == null) {
        at64 = state.parameters().clone();
      }
    }
    assertThat(state.lastGoodParameters).isEqualTo(at64).isNotEqualTo(state.parameters());

    Arrays.fill(state.parameters(), 1e8f);
    Trainer trainer = new Trainer(spec);
    RowBatch batch = block(spec, rows.subList(next, next + 8));
    trainer.predict(state, batch);
    boolean restored = false;
    for (int miniBatch = 0; miniBatch < 3; miniBatch++) {
      restored |= trainer.learn(state, batch, new ReplayArray(spec)).parametersRestored();
    }
    assertThat(restored).as("5 refused steps in 3 mini-batches of 2").isTrue();
    for (int i = 0; i < at64.length; i++) {
      // One Adam step with fresh moments followed: at most the learning rate each.
      assertThat(state.parameters()[i]).isCloseTo(at64[i], within(3.1e-3f));
    }
  }

  @Test
  void theReportMeasuresPairsAndWeightsOfItsLastStepOnly() {
    LearningSpec learning =
        new LearningSpec(8, 2, 0, 0, OptimizerKind.ADAM, 3e-3, 0.9, 0.999, 1e-8, 50, 0, 5, true, 1);
    ModelSpec spec = Rows.spec(Rows.TASKS, learning);
    Trainer trainer = new Trainer(spec);
    LearnerState state = new LearnerState(spec, 0);
    List<Row> rows = Rows.make(spec, 40, 12).stream().filter(Row::labelled).toList();
    List<Row> single =
        Rows.relabelled(rows, labels -> new double[] {labels[0], Double.NaN, Double.NaN});

    trainer.predict(state, block(spec, rows));
    StepReport report = trainer.learn(state, block(spec, rows), new ReplayArray(spec));
    PairwiseSimilarity pairs = report.similarity();
    double mean = (pairs.magnitude(0, 1) + pairs.magnitude(0, 2) + pairs.magnitude(1, 2)) / 3;
    assertThat(mean).isBetween(0.0, 1.0);
    for (int t = 0; t < 3; t++) {
      assertThat(report.weight(t)).isPositive();
    }

    report = trainer.learn(state, block(spec, single), new ReplayArray(spec));
    assertThat(report.similarity().comparable(0, 1)).isFalse();
    assertThat(report.weight(0)).isPositive();
    assertThat(report.weight(1)).isNaN();

    Arrays.fill(state.parameters(), Float.MAX_VALUE);
    report = trainer.learn(state, block(spec, rows), new ReplayArray(spec));
    assertThat(report.refused()).isPositive();
    assertThat(report.similarity().comparable(1, 2)).isFalse();
    assertThat(report.weight(0)).isNaN();
  }

  @Test
  void parametersAreGoodAfter64StepsInARowWithoutARefusedOne() {
    LearningSpec noReplay =
        new LearningSpec(8, 2, 0, 0, OptimizerKind.ADAM, 3e-3, 0.9, 0.999, 1e-8, 50, 0, 5, true, 1);
    ModelSpec spec = Rows.spec(Rows.TASKS, noReplay);
    LearnerState state = new LearnerState(spec, 0);
    float[] initial = state.parameters().clone();
    Trainer trainer = new Trainer(spec);
    RowBatch batch = block(spec, Rows.make(spec, 8, 13));
    trainer.predict(state, batch);
    int applied = 0;
    for (; applied < 60; applied += 2) {
      trainer.learn(state, batch, new ReplayArray(spec));
    }
    float[] learned = state.parameters().clone();
    Arrays.fill(state.parameters(), 1e8f);
    trainer.learn(state, batch, new ReplayArray(spec));
    assertThat(state.refusedUpdates()).isEqualTo(2);
    System.arraycopy(learned, 0, state.parameters(), 0, learned.length);

    for (int again = 0; again < 64; again += 2) {
      assertThat(state.lastGoodParameters).as("after %d steps", again).isEqualTo(initial);
      trainer.learn(state, batch, new ReplayArray(spec));
    }
    assertThat(state.updates()).isEqualTo(60 + 64);
    assertThat(state.lastGoodParameters).isEqualTo(state.parameters());
  }

  @Test
  void aHeadBeginsAtTheFrequenciesOfItsFirstLabels() {
    ModelSpec spec = Rows.spec(Rows.TASKS, learning(OptimizerKind.SGD, 0, 5));
    LearnerState state = new LearnerState(spec, 0);
    List<Row> rows =
        Rows.relabelled(
            Rows.make(spec, 8, 15), labels -> new double[] {Double.NaN, Double.NaN, Double.NaN});
    for (int r = 0; r < 8; r++) {
      rows.get(r).labels()[1] = r == 0 ? 1 : 0;
      rows.get(r).labels()[2] = r < 2 ? 0 : 2;
    }
    RowBatch batch = block(spec, rows);
    Trainer trainer = new Trainer(spec);
    ReplayArray replay = new ReplayArray(spec);
    trainer.predict(state, batch);
    trainer.learn(state, batch, replay);

    int scrap = state.layout().heads().get(1).output().bias();
    int fault = state.layout().heads().get(2).output().bias();
    for (float[] parameters : List.of(state.parameters(), state.averagedParameters())) {
      assertThat(parameters[scrap]).isCloseTo((float) Math.log(1.5 / 7.5), within(1e-6f));
      assertThat(parameters[fault]).isCloseTo((float) Math.log(2.5), within(1e-6f));
      assertThat(parameters[fault + 1]).isCloseTo((float) Math.log(0.5), within(1e-6f));
      assertThat(parameters[fault + 2]).isCloseTo((float) Math.log(6.5), within(1e-6f));
    }
    float[] before = state.parameters().clone();
    trainer.learn(state, batch, replay);
    assertThat(state.parameters()).as("only once").isEqualTo(before);
  }

  @Test
  void rowsWithoutLabelsCloseAMiniBatchAsTheyDoInAJob() {
    ModelSpec spec = Rows.spec();
    List<Integer> closed = new ArrayList<>();
    OnlineLearner learner = new OnlineLearner(spec, report -> closed.add(report.rows()));
    List<Row> labelled = Rows.make(spec, 100, 14).stream().filter(Row::labelled).toList();
    Rows.learn(learner, Rows.unlabelled(labelled.subList(0, 5)));
    Rows.learn(learner, labelled.subList(5, 13));
    Rows.learn(learner, labelled.subList(13, 14));
    Rows.learn(learner, Rows.unlabelled(labelled.subList(14, 77)));
    // Eight labelled rows fill it, or eight times as many rows of any kind.
    assertThat(closed).containsExactly(13, 64);
  }

  private static LearningSpec learning(OptimizerKind optimizer, double rate, int patience) {
    return new LearningSpec(
        8, 2, 6, 20, optimizer, rate, 0.9, 0.999, 1e-8, 50, 0, patience, true, 1);
  }

  private static RowBatch block(ModelSpec spec, List<Row> rows) {
    RowBatch batch = new RowBatch(spec);
    rows.forEach(batch::add);
    return batch;
  }

  private static void assertAllFinite(LearnerState state) {
    for (float parameter : state.parameters()) {
      assertThat(parameter).isFinite();
    }
  }

  private static final class ReplayArray implements ReplayRows {
    private final Row[] slots;

    ReplayArray(ModelSpec spec) {
      slots = new Row[spec.learning().replayCapacity()];
    }

    @Override
    public Row get(int slot) {
      return slots[slot];
    }

    @Override
    public void put(int slot, Row row) {
      slots[slot] = row;
    }
  }
}
