package dev.samgs.learn;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.drift.DriftDetector;
import dev.samgs.drift.PopulationShift;
import dev.samgs.network.MultiTaskNetwork;
import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.network.Probabilities;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.Reaction;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryStep;
import dev.samgs.surgery.TaskGradients;
import java.util.ArrayList;
import java.util.List;

/**
 * The arithmetic of prequential learning: predicts rows when their features arrive and learns them
 * when their labels do. Holds work buffers only; one trainer serves any number of models of the
 * same spec, one after the other. Not safe for use by several threads.
 */
public final class Trainer {
  /** Standardised features beyond this many deviations are held at it. */
  public static final double FEATURE_LIMIT = 8;

  /** A loss, direction or head gradient beyond this is an explosion, not information. */
  private static final double EXPLODING = 1e9;

  /** After so many applied updates in a row, the parameters are remembered as good. */
  private static final int GOOD_AFTER = 64;

  /** What a reaction that boosts the learning rate multiplies it by. */
  private static final double BOOST = 3;

  /** What the past of a scale counts as when it is forgotten, in observations. */
  private static final int REMEMBERED = 64;

  /** Name of the detector of shifts. */
  public static final String SHIFT_DETECTOR = "psi";

  /** Features that an alarm names. */
  private static final int NAMED_FEATURES = 5;

  /** Share of the present parameters in their running average, at each mini-batch. */
  private static final float AVERAGING = 0.2f;

  private final ModelSpec spec;
  private final NetworkLayout layout;
  private final int features;
  private final int tasks;
  private final TaskKind[] kinds;
  private final int[] widths;
  private final int outputs;
  private final String detectorName;
  private final MultiTaskNetwork network;
  private final TaskGradients sharedGradients;
  private final float[] direction;
  private final float[] headGradients;
  private final StepReport report;

  /** Of the features, whose scales stay as they are while a mini-batch is learned. */
  private final double[] inverseDeviations;

  private final float[][] networkOutputs;
  private final float[][] averagedOutputs;
  private float[] inputs = new float[0];

  /** Shows frozen models to the methods that predict; made when the first one comes. */
  private LearnerState frozen;

  private float[] targets = new float[0];

  public Trainer(ModelSpec spec) {
    this.spec = spec;
    this.layout = new NetworkLayout(spec);
    this.features = spec.features().size();
    this.tasks = spec.tasks().size();
    this.kinds = spec.tasks().stream().map(TaskSpec::kind).toArray(TaskKind[]::new);
    this.widths = spec.tasks().stream().mapToInt(TaskSpec::outputs).toArray();
    this.outputs = spec.outputs();
    this.detectorName = DetectorMethod.of(spec.drift()).name();
    this.network = new MultiTaskNetwork(spec, layout);
    this.sharedGradients =
        new TaskGradients(tasks, layout.sharedLength(), layout.lastSharedLayer());
    this.direction = new float[layout.sharedLength()];
    this.headGradients = new float[layout.length()];
    this.networkOutputs = new float[tasks][0];
    this.averagedOutputs = new float[tasks][0];
    this.inverseDeviations = new double[features];
    this.report = new StepReport(sharedGradients);
  }

  /**
   * Takes in the features of new rows, in order, and predicts every task of each. Changes the
   * model's feature scales and row count only; a row's prediction depends on its own features and
   * earlier rows.
   *
   * @param batch receives the predictions
   */
  public void predict(LearnerState state, RowBatch batch) {
    int rows = batch.size();
    if (rows == 0) {
      return;
    }
    ensureCapacity(rows);
    for (int r = 0; r < rows; r++) {
      Row row = batch.row(r);
      state.featureScale.take(row.features(), FEATURE_LIMIT, inputs, r * features);
      watch(state, row, r);
      state.rows++;
      state.latestTimestamp = Math.max(state.latestTimestamp, row.timestamp());
    }
    predictStandardised(state, batch);
  }

  /**
   * Predicts rows with a model that stays as it is.
   *
   * @param batch receives the predictions
   */
  public void predict(FrozenModel model, RowBatch batch) {
    if (batch.size() == 0) {
      return;
    }
    if (frozen == null) {
      frozen = new LearnerState(spec, 0);
    }
    frozen.show(model);
    ensureCapacity(batch.size());
    for (int r = 0; r < batch.size(); r++) {
      frozen.featureScale.standardise(batch.row(r).features(), FEATURE_LIMIT, inputs, r * features);
    }
    predictStandardised(frozen, batch);
  }

  private void predictStandardised(LearnerState state, RowBatch batch) {
    int rows = batch.size();
    if (spec.learning().mixture()) {
      network.forward(state.averagedParameters, inputs, rows);
      keepAveragedOutputs(rows);
      network.forward(state.parameters, inputs, rows);
      writeMixedPredictions(state, batch);
    } else {
      network.forward(state.parameters, inputs, rows);
      writePredictions(state, batch);
    }
  }

  /** Counts the features of a row, standardised at place {@code r} of the inputs, for shifts. */
  private void watch(LearnerState state, Row row, int r) {
    PopulationShift shift = state.featureShift;
    if (shift == null) {
      return;
    }
    shift.add(row.features(), inputs, r * features);
    shift.endRow(row.timestamp(), NAMED_FEATURES);
  }

  private void keepAveragedOutputs(int rows) {
    for (int t = 0; t < tasks; t++) {
      int length = rows * widths[t];
      if (averagedOutputs[t].length < length) {
        averagedOutputs[t] = new float[length];
        networkOutputs[t] = new float[length];
      }
      System.arraycopy(network.outputs(t), 0, averagedOutputs[t], 0, length);
    }
  }

  private void writeMixedPredictions(LearnerState state, RowBatch batch) {
    double[] to = batch.predictions();
    int column = 0;
    int expertColumn = outputs;
    for (int t = 0; t < tasks; t++) {
      int width = widths[t];
      TaskMixture mixture = state.mixtures[t];
      standardiseOutputs(state, t, network.outputs(t), networkOutputs[t], batch.size() * width);
      standardiseOutputs(state, t, averagedOutputs[t], averagedOutputs[t], batch.size() * width);
      boolean value = kinds[t] == TaskKind.REGRESSION;
      for (int r = 0; r < batch.size(); r++) {
        int expertAt = r * batch.stride() + expertColumn;
        int at = r * batch.stride() + column;
        mixture.predict(
            inputs, r * features, networkOutputs[t], averagedOutputs[t], r * width, to, expertAt);
        mixture.mix(to, expertAt, to, at);
        if (value) {
          to[at] = state.labelMean(t) + state.labelDeviation(t) * to[at];
        }
      }
      column += width;
      expertColumn += mixture.width();
    }
  }

  /**
   * The network's raw outputs as standardised labels, also where it learns a label in its own unit.
   */
  private void standardiseOutputs(
      LearnerState state, int task, float[] raw, float[] standardised, int length) {
    TaskSpec spec = this.spec.tasks().get(task);
    if (spec.kind() == TaskKind.REGRESSION && !spec.standardise()) {
      for (int i = 0; i < length; i++) {
        standardised[i] = (float) ((raw[i] - state.labelMean(task)) / state.labelDeviation(task));
      }
    } else {
      System.arraycopy(raw, 0, standardised, 0, length);
    }
  }

  private void writePredictions(LearnerState state, RowBatch batch) {
    double[] to = batch.predictions();
    int stride = batch.stride();
    int column = 0;
    for (int t = 0; t < tasks; t++) {
      TaskSpec task = spec.tasks().get(t);
      float[] outputs = network.outputs(t);
      int width = task.outputs();
      double mean = state.targetMean(t);
      double deviation = state.targetDeviation(t);
      for (int r = 0; r < batch.size(); r++) {
        int at = r * stride + column;
        switch (task.kind()) {
          case REGRESSION -> to[at] = mean + deviation * outputs[r];
          case BINARY -> to[at] = Probabilities.sigmoid(outputs[r]);
          case MULTICLASS -> Probabilities.softmax(outputs, r * width, width, to, at);
        }
      }
      column += width;
    }
  }

  /**
   * Scores the labels of rows against the predictions made for them, then learns the rows: {@code
   * passes} optimiser steps on the labelled ones, joined with rows from {@code replay}.
   * Deterministic in state, rows and replay.
   *
   * @param batch rows with predictions by {@link #predict}; rows without labels are passed over
   * @param replay where this model's earlier rows are; the labelled rows of the batch are put there
   * @return what happened; the same object each time
   */
  public StepReport learn(LearnerState state, RowBatch batch, ReplayRows replay) {
    report.begin(batch.size());
    reportFeatureShift(state);
    score(state, batch);
    if (batch.labelled() > 0) {
      observeTargets(state, batch);
      LearningSpec learning = spec.learning();
      int own = batch.labelled();
      int drawn = Math.min(learning.replayRows(), state.replayFilled());
      ensureCapacity(own + drawn);
      state.featureScale.inverseDeviations(inverseDeviations);
      int at = 0;
      for (int r = 0; r < batch.size(); r++) {
        if (batch.row(r).labelled()) {
          fill(state, batch.row(r), at++);
        }
      }
      beginHeads(state, batch);
      teachMixtures(state, batch);
      for (int pass = 0; pass < learning.passes(); pass++) {
        for (int d = 0; d < drawn; d++) {
          fill(state, replay.get(drawSlot(state, d)), own + d);
        }
        step(state, own + drawn);
      }
      averageParameters(state);
      remember(state, batch, replay);
    }
    return report;
  }

  private void score(LearnerState state, RowBatch batch) {
    double[] predictions = batch.predictions();
    for (int r = 0; r < batch.size(); r++) {
      Row row = batch.row(r);
      int at = r * batch.stride();
      for (int t = 0; t < tasks; t++) {
        double label = row.labels()[t];
        if (!Double.isNaN(label)) {
          report.scored(
              t,
              state.scores[t].add(predictions, at, label),
              state.latestTimestamp - row.timestamp());
          detectDrift(state, t, row.timestamp(), state.driftError(t, predictions, at, label));
          watchLabel(state, t, row.timestamp(), label);
        }
        at += widths[t];
      }
    }
  }

  private void detectDrift(LearnerState state, int task, long timestamp, double error) {
    DriftDetector detector = state.detectors[task];
    TaskDrift drift = state.drifts[task];
    if (!detector.add(error)) {
      drift.labelled(timestamp, detector.mean());
      return;
    }
    DriftDetector.Change change = detector.change();
    if (!drift.drifting()) {
      react(state, task, change);
    }
    drift.alarm(timestamp, change);
    state.alarms++;
    report.alarm(
        new DriftAlarm(
            DriftAlarm.Kind.ERROR,
            spec.tasks().get(task).name(),
            detectorName,
            state.updates,
            timestamp,
            drift.began(),
            change.meanBefore(),
            change.meanAfter(),
            change.valuesSince(),
            state.movedFeatures(NAMED_FEATURES)));
  }

  /** Begins the task's reaction to a drift that begins. */
  private void react(LearnerState state, int task, DriftDetector.Change change) {
    switch (spec.tasks().get(task).reaction()) {
      case NONE, BOOST_LEARNING_RATE -> {}
      case RESET_MOMENTUM -> state.resetMoments();
      case FORGET_SCALING -> {
        for (int f = 0; f < features; f++) {
          state.featureScale.forget(f, REMEMBERED);
        }
        state.targetScale.forget(task, REMEMBERED);
      }
      case REPLAY_RECENT ->
          state.replayFrom = Math.max(state.replayFrom, state.replayed - change.valuesSince());
    }
  }

  /** Whether a task steps further than usual now. */
  private boolean boosted(LearnerState state, int task) {
    return spec.tasks().get(task).reaction() == Reaction.BOOST_LEARNING_RATE
        && state.drifts[task].drifting();
  }

  private void watchLabel(LearnerState state, int task, long timestamp, double label) {
    PopulationShift shift = state.labelShift(task);
    if (shift == null) {
      return;
    }
    boolean number = kinds[task] == TaskKind.REGRESSION;
    shift.add(
        0,
        number ? PopulationShift.binOf(state.targetScale.standardise(task, label)) : (int) label);
    shift.endRow(timestamp, 1);
    PopulationShift.Shift seen = shift.takeShift();
    if (seen != null) {
      report.alarm(
          shiftAlarm(
              DriftAlarm.Kind.LABELS,
              spec.tasks().get(task).name(),
              state,
              timestamp,
              seen,
              state.movedFeatures(NAMED_FEATURES)));
    }
  }

  /** A shift that the features of earlier rows have shown is told with the next mini-batch. */
  private void reportFeatureShift(LearnerState state) {
    PopulationShift.Shift seen = state.featureShift == null ? null : state.featureShift.takeShift();
    if (seen != null) {
      List<DriftAlarm.MovedFeature> moved = new ArrayList<>();
      for (int i = 0; i < seen.columns().length; i++) {
        int feature = seen.columns()[i];
        moved.add(
            new DriftAlarm.MovedFeature(
                spec.features().get(feature),
                seen.moves()[i],
                state.featureShift.recentShare(feature, PopulationShift.NUMBER_BINS)));
      }
      report.alarm(
          shiftAlarm(DriftAlarm.Kind.FEATURES, null, state, state.latestTimestamp, seen, moved));
    }
  }

  private static DriftAlarm shiftAlarm(
      DriftAlarm.Kind kind,
      String task,
      LearnerState state,
      long timestamp,
      PopulationShift.Shift shift,
      List<DriftAlarm.MovedFeature> moved) {
    return new DriftAlarm(
        kind,
        task,
        SHIFT_DETECTOR,
        state.updates,
        timestamp,
        shift.since(),
        shift.before(),
        shift.after(),
        shift.rows(),
        moved);
  }

  private void observeTargets(LearnerState state, RowBatch batch) {
    for (int r = 0; r < batch.size(); r++) {
      double[] labels = batch.row(r).labels();
      for (int t = 0; t < tasks; t++) {
        if (!Double.isNaN(labels[t]) && kinds[t] == TaskKind.REGRESSION) {
          state.targetScale.observe(t, labels[t]);
        }
      }
    }
  }

  /**
   * Lets the network begin at the distribution of a task's classes: with the first mini-batch that
   * has labels of the task, the biases of its outputs become the logarithms of the counts. A rare
   * class is then rare from the start, and not after as many steps as its logarithm is large.
   */
  private void beginHeads(LearnerState state, RowBatch batch) {
    for (int t = 0; t < tasks; t++) {
      TaskKind kind = kinds[t];
      long labels = report.labels(t);
      if (kind != TaskKind.REGRESSION && labels > 0 && state.scores[t].labels() == labels) {
        int bias = layout.heads().get(t).output().bias();
        double other = kind == TaskKind.BINARY ? logCount(batch, t, 0) : 0;
        for (int o = 0; o < widths[t]; o++) {
          int outputClass = kind == TaskKind.BINARY ? 1 : o;
          state.parameters[bias + o] = (float) (logCount(batch, t, outputClass) - other);
          if (state.averagedParameters.length > 0) {
            state.averagedParameters[bias + o] = state.parameters[bias + o];
          }
        }
      }
    }
  }

  /**
   * Logarithm of the number of a class's labels, with half a label added (Krichevsky, Trofimov).
   */
  private static double logCount(RowBatch batch, int task, int labelClass) {
    double count = 0.5;
    for (int r = 0; r < batch.size(); r++) {
      if (batch.row(r).labels()[task] == labelClass) {
        count++;
      }
    }
    return Math.log(count);
  }

  /** Puts a row's standardised features and targets at place {@code at} of the training batch. */
  private void fill(LearnerState state, Row row, int at) {
    state.featureScale.standardise(
        row.features(), inverseDeviations, FEATURE_LIMIT, inputs, at * features);
    for (int t = 0; t < tasks; t++) {
      double label = row.labels()[t];
      targets[at * tasks + t] =
          kinds[t] == TaskKind.REGRESSION
              ? (float) ((label - state.targetMean(t)) / state.targetDeviation(t))
              : (float) label;
    }
  }

  /**
   * Judges the experts by the labels of the batch, then teaches them, row by row. The batch's
   * labelled rows stand first in the inputs.
   */
  private void teachMixtures(LearnerState state, RowBatch batch) {
    if (!spec.learning().mixture()) {
      return;
    }
    int at = 0;
    for (int r = 0; r < batch.size(); r++) {
      if (batch.row(r).labelled()) {
        int expertAt = r * batch.stride() + outputs;
        double[] labels = batch.row(r).labels();
        for (int t = 0; t < tasks; t++) {
          TaskMixture mixture = state.mixtures[t];
          if (!Double.isNaN(labels[t])) {
            double label =
                kinds[t] == TaskKind.REGRESSION
                    ? (labels[t] - state.labelMean(t)) / state.labelDeviation(t)
                    : labels[t];
            mixture.judge(batch.predictions(), expertAt, label);
            mixture.learn(inputs, at * features, label);
          }
          expertAt += mixture.width();
        }
        at++;
      }
    }
  }

  private static void averageParameters(LearnerState state) {
    float[] average = state.averagedParameters;
    float[] parameters = state.parameters;
    for (int i = 0; i < average.length; i++) {
      average[i] += AVERAGING * (parameters[i] - average[i]);
    }
  }

  /**
   * A slot drawn uniformly, as a function of the seed and of how far the model has come: no random
   * state to save.
   */
  private int drawSlot(LearnerState state, int draw) {
    long z =
        spec.learning().seed()
            + ((state.updates + state.refusedUpdates) * 65_537 + draw + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    int filled = state.replayFilled();
    int capacity = spec.learning().replayCapacity();
    long row = Long.remainderUnsigned(z ^ (z >>> 31), filled);
    return (int) (filled == capacity ? row : (state.replayed - filled + row) % capacity);
  }

  private void step(LearnerState state, int rows) {
    network.forward(state.parameters, inputs, rows);
    network.backward(targets, sharedGradients, headGradients);
    if (exploding()) {
      refuse(state);
      return;
    }
    SurgeryStep surgery = state.surgery.aggregate(sharedGradients, direction);
    if (!(surgery.directionNorm() < EXPLODING * EXPLODING)) {
      refuse(state);
      return;
    }
    double rate = spec.learning().learningRate();
    double sharedRate = rate;
    for (int t = 0; t < tasks; t++) {
      if (sharedGradients.present(t) && boosted(state, t)) {
        sharedRate = BOOST * rate;
      }
    }
    state.optimizer.step(0, state.parameters, 0, layout.sharedLength(), direction, sharedRate);
    for (int t = 0; t < tasks; t++) {
      if (sharedGradients.present(t)) {
        Head head = layout.heads().get(t);
        state.optimizer.step(
            1 + t,
            state.parameters,
            head.from(),
            head.to(),
            headGradients,
            boosted(state, t) ? BOOST * rate : rate);
      }
    }
    state.updates++;
    if (surgery.branch() == SurgeryStep.Branch.EQUALISED) {
      state.equalisedUpdates++;
    }
    report.stepped(surgery);
    keepGood(state);
  }

  private boolean exploding() {
    for (int t = 0; t < tasks; t++) {
      if (sharedGradients.present(t)) {
        if (!(sharedGradients.loss(t) < EXPLODING)) {
          return true;
        }
        Head head = layout.heads().get(t);
        if (!allBelow(headGradients, head.from(), head.to())) {
          return true;
        }
        // No element is larger than the norm, which is known already.
        if (!(sharedGradients.norm(t) < EXPLODING)
            && !allBelow(sharedGradients.row(t), 0, sharedGradients.parameters())) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean allBelow(float[] values, int from, int to) {
    float largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest < EXPLODING;
  }

  /**
   * Counts a step that is not applied; after too many in a row the last good parameters come back,
   * without moments.
   */
  private void refuse(LearnerState state) {
    report.refusedStep();
    state.refusedUpdates++;
    state.streak = Math.max(0, state.streak) + 1;
    if (state.streak >= spec.learning().guardPatience()) {
      bringBackGood(state);
    }
  }

  private void keepGood(LearnerState state) {
    state.streak = Math.min(0, state.streak) - 1;
    if (!allBelow(state.parameters, 0, layout.length())) {
      bringBackGood(state);
    } else if (-state.streak == GOOD_AFTER) {
      state.streak = 0;
      System.arraycopy(state.parameters, 0, state.lastGoodParameters, 0, layout.length());
    }
  }

  private void bringBackGood(LearnerState state) {
    System.arraycopy(state.lastGoodParameters, 0, state.parameters, 0, layout.length());
    System.arraycopy(
        state.parameters, 0, state.averagedParameters, 0, state.averagedParameters.length);
    state.resetMoments();
    state.streak = 0;
    report.restored();
  }

  private void remember(LearnerState state, RowBatch batch, ReplayRows replay) {
    int capacity = spec.learning().replayCapacity();
    for (int r = 0; r < batch.size(); r++) {
      if (batch.row(r).labelled()) {
        state.labelledRows++;
        if (capacity > 0) {
          replay.put((int) (state.replayed % capacity), batch.row(r));
          state.replayed++;
        }
      }
    }
  }

  private void ensureCapacity(int rows) {
    if (inputs.length < rows * features) {
      inputs = new float[rows * features];
      targets = new float[rows * tasks];
    }
  }
}
