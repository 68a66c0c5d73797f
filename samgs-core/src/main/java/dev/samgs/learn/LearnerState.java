package dev.samgs.learn;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.drift.DriftDetector;
import dev.samgs.drift.PopulationShift;
import dev.samgs.learn.DriftAlarm.MovedFeature;
import dev.samgs.network.NetworkLayout;
import dev.samgs.optim.Optimizer;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import dev.samgs.surgery.GradientAggregator;
import dev.samgs.surgery.SurgeryMethod;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Everything that one model has learned: parameters, optimiser moments, SAM-GS momentum, running
 * scales, drift detectors, scores and counters. A {@link Trainer} changes it. Written and read back
 * it continues bit for bit; replay rows are kept beside it by whoever holds the model.
 */
public final class LearnerState {
  private static final int MAGIC = 0x53414d47;
  private static final int FORMAT = 2;

  /** The oldest that is read. */
  private static final int OLDEST_FORMAT = 1;

  private static final int COUNTERS = 11;

  /**
   * Errors of a regression task reach 1, the worst for its drift detector, at this many standard
   * deviations of the label.
   */
  private static final double WORST_DEVIATIONS = 3;

  private final ModelSpec spec;
  private final NetworkLayout layout;

  float[] parameters;
  float[] lastGoodParameters;

  /** Running average of the parameters, for prediction; empty without mixtures. */
  float[] averagedParameters;

  Optimizer optimizer;
  GradientAggregator surgery;
  RunningScale featureScale;
  RunningScale targetScale;
  final DriftDetector[] detectors;
  final TaskScore[] scores;
  final TaskDrift[] drifts;

  /** Shift of the features; null where none is watched for. */
  final PopulationShift featureShift;

  /** Shift of each task's labels; empty where none is watched for. */
  final PopulationShift[] labelShifts;

  /** One for each task, or empty where the network predicts alone. */
  TaskMixture[] mixtures;

  long rows;
  long labelledRows;
  long updates;
  long equalisedUpdates;
  long refusedUpdates;

  /** Steps refused in a row; or, negative, steps applied in a row. */
  int streak;

  long alarms;
  long replayed;

  /** Number of the first replayed row that is drawn; earlier ones are of another time. */
  long replayFrom;

  long latestTimestamp = Long.MIN_VALUE;
  private long incarnation;
  private long snapshots;

  /**
   * A fresh model.
   *
   * @param incarnation upper half of all its versions: higher than that of any earlier life of this
   *     model
   */
  public LearnerState(ModelSpec spec, int incarnation) {
    this(spec, new NetworkLayout(spec));
    this.incarnation = incarnation;
    this.parameters = layout.initialParameters(spec.learning().seed());
    this.lastGoodParameters = parameters.clone();
    this.averagedParameters = spec.learning().mixture() ? parameters.clone() : new float[0];
  }

  /** A model still without parameters. */
  private LearnerState(ModelSpec spec, NetworkLayout layout) {
    this.spec = spec;
    this.layout = layout;
    this.featureScale = new RunningScale(spec.features().size(), spec.learning().scaleWindow());
    this.targetScale = new RunningScale(spec.tasks().size(), spec.learning().scaleWindow());
    this.detectors = new DriftDetector[spec.tasks().size()];
    Arrays.setAll(detectors, t -> DetectorMethod.create(spec.drift()));
    this.scores = new TaskScore[spec.tasks().size()];
    Arrays.setAll(scores, t -> new TaskScore(spec.tasks().get(t)));
    this.drifts = new TaskDrift[spec.tasks().size()];
    Arrays.setAll(drifts, t -> new TaskDrift());
    boolean watched = spec.shift().window() > 0;
    this.featureShift =
        watched
            ? new PopulationShift(
                spec.features().size(), PopulationShift.NUMBER_BINS + 1, spec.shift())
            : null;
    this.labelShifts = new PopulationShift[watched ? spec.tasks().size() : 0];
    Arrays.setAll(
        labelShifts,
        t ->
            new PopulationShift(
                1,
                spec.tasks().get(t).kind() == TaskKind.REGRESSION
                    ? PopulationShift.NUMBER_BINS
                    : spec.tasks().get(t).labelClasses(),
                spec.shift()));
    this.mixtures = new TaskMixture[spec.learning().mixture() ? spec.tasks().size() : 0];
    Arrays.setAll(mixtures, t -> new TaskMixture(spec.tasks().get(t), spec.features().size()));
    resetMoments();
  }

  /** Forgets the optimiser's and the surgery's moments. */
  void resetMoments() {
    optimizer = new Optimizer(spec.learning(), layout.length(), 1 + spec.tasks().size());
    surgery =
        SurgeryMethod.create(
            spec.surgery(), spec.tasks().size(), layout.sharedLength(), spec.learning().seed());
  }

  public ModelSpec spec() {
    return spec;
  }

  public NetworkLayout layout() {
    return layout;
  }

  /** The network's parameters in the order of {@link #layout()}; the live array. */
  public float[] parameters() {
    return parameters;
  }

  /** Rows seen, labelled or not. */
  public long rows() {
    return rows;
  }

  /** Rows with at least one label that were learned. */
  public long labelledRows() {
    return labelledRows;
  }

  /** Optimiser steps applied. */
  public long updates() {
    return updates;
  }

  /** Optimiser steps whose gradients were equalised. */
  public long equalisedUpdates() {
    return equalisedUpdates;
  }

  /** Steps that were not applied because they were non-finite or exploding. */
  public long refusedUpdates() {
    return refusedUpdates;
  }

  /** Drift alarms raised. */
  public long alarms() {
    return alarms;
  }

  /** Largest event time of the rows seen; {@link Long#MIN_VALUE} before the first. */
  public long latestTimestamp() {
    return latestTimestamp;
  }

  /** Scores of a task since the model began. */
  public TaskScore score(int task) {
    return scores[task];
  }

  /**
   * Running average of {@link #parameters()}; empty where the network predicts alone. The live
   * array.
   */
  public float[] averagedParameters() {
    return averagedParameters;
  }

  /** The mixture that predicts a task; null where the network predicts alone. */
  public TaskMixture mixture(int task) {
    return mixtures.length == 0 ? null : mixtures[task];
  }

  /** The drift detector of a task. */
  public DriftDetector detector(int task) {
    return detectors[task];
  }

  /**
   * The error of a prediction as the task's drift detector is given it, in [0, 1]: wrong class, or
   * absolute error against the label's own spread.
   *
   * @param predictions the prediction, from {@code at}, as in {@link RowBatch#predictions()}
   * @param label the true value or class
   */
  public double driftError(int task, double[] predictions, int at, double label) {
    if (spec.tasks().get(task).kind() != TaskKind.REGRESSION) {
      return scores[task].predictedClass(predictions, at) == (int) label ? 0 : 1;
    }
    double deviation = targetScale.deviation(task);
    double error = Math.abs(predictions[at] - label);
    return deviation > 0 ? Math.min(1, error / (WORST_DEVIATIONS * deviation)) : 0;
  }

  /** Whether a task is drifting, and since when. */
  public TaskDrift drift(int task) {
    return drifts[task];
  }

  /** Shift of the features; null where none is watched for. */
  public PopulationShift featureShift() {
    return featureShift;
  }

  /** Shift of a task's labels; null where none is watched for. */
  public PopulationShift labelShift(int task) {
    return labelShifts.length == 0 ? null : labelShifts[task];
  }

  /** The features that moved most lately, furthest first; empty while it cannot be told. */
  public List<MovedFeature> movedFeatures(int most) {
    if (featureShift == null) {
      return List.of();
    }
    List<MovedFeature> moved = new ArrayList<>();
    for (int feature : featureShift.furthest(most)) {
      moved.add(
          new MovedFeature(
              spec.features().get(feature),
              featureShift.index(feature),
              featureShift.recentShare(feature, PopulationShift.NUMBER_BINS)));
    }
    return moved;
  }

  /**
   * Share of the features' values that are missing in the recent rows; NaN where that is not
   * watched, or before the first row.
   */
  public double missingFeatureRatio() {
    if (featureShift == null) {
      return Double.NaN;
    }
    double sum = 0;
    for (int f = 0; f < spec.features().size(); f++) {
      sum += featureShift.recentShare(f, PopulationShift.NUMBER_BINS);
    }
    return sum / spec.features().size();
  }

  /** Mean of a feature's recent values; what stands in for a missing one. */
  public double featureMean(int feature) {
    return featureScale.mean(feature);
  }

  /** Standard deviation of a feature's recent values; 0 while it has been constant. */
  public double featureDeviation(int feature) {
    return featureScale.deviation(feature);
  }

  /** What a regression task's raw output is multiplied by to be in the label's unit. */
  public double targetDeviation(int task) {
    TaskSpec t = spec.tasks().get(task);
    double deviation = targetScale.deviation(task);
    return t.kind() == TaskKind.REGRESSION && t.standardise() && deviation > 0 ? deviation : 1;
  }

  /** What is then added. */
  public double targetMean(int task) {
    TaskSpec t = spec.tasks().get(task);
    return t.kind() == TaskKind.REGRESSION && t.standardise() ? targetScale.mean(task) : 0;
  }

  /**
   * Standard deviation of a regression task's recent labels, 1 while they have been constant; 1 for
   * classes.
   */
  public double labelDeviation(int task) {
    double deviation = targetScale.deviation(task);
    return deviation > 0 ? deviation : 1;
  }

  /** Mean of a regression task's recent labels; 0 for classes. */
  public double labelMean(int task) {
    return targetScale.mean(task);
  }

  /** Upper half of this model's versions. */
  public long incarnation() {
    return incarnation;
  }

  /** Version of the latest snapshot: incarnation · 2³² + number of snapshots taken. */
  public long version() {
    return incarnation << 32 | snapshots;
  }

  /** Counts a snapshot and returns its version, one above the last. */
  public long nextVersion() {
    snapshots++;
    return version();
  }

  /**
   * Begins a new life of the model: later versions are above all those of the incarnations before.
   */
  public void reincarnate(long newIncarnation) {
    if (newIncarnation <= incarnation) {
      throw new IllegalArgumentException(
          "incarnation " + newIncarnation + " is not above the present one, " + incarnation);
    }
    incarnation = newIncarnation;
    snapshots = 0;
  }

  /**
   * Brings an earlier model back: parameters, scales and mixtures become those, and the optimiser's
   * and the surgery's moments, which belong to others, begin afresh. Counters, scores, detectors
   * and the version stay.
   */
  public void bringBack(FrozenModel model) {
    parameters = model.parameters.clone();
    lastGoodParameters = model.parameters.clone();
    averagedParameters = model.averagedParameters.clone();
    featureScale = model.featureScale.copy();
    targetScale = model.targetScale.copy();
    mixtures = FrozenModel.copies(model.mixtures);
    resetMoments();
    streak = 0;
  }

  /** Lets this state, which must not learn, predict what a frozen model predicts. */
  void show(FrozenModel model) {
    parameters = model.parameters;
    averagedParameters = model.averagedParameters;
    featureScale = model.featureScale;
    targetScale = model.targetScale;
    mixtures = model.mixtures;
  }

  /** How many of the latest replay rows are drawn from. */
  public int replayFilled() {
    return (int) Math.min(replayed - replayFrom, spec.learning().replayCapacity());
  }

  /** Writes the state in its versioned binary form. */
  public void write(DataOutput output) throws IOException {
    write(new StateWriter(output));
  }

  private void write(StateWriter out) throws IOException {
    out.writeInt(MAGIC);
    out.writeInt(FORMAT);
    out.writeString(spec.structure());
    out.writeString(SurgeryMethod.of(spec.surgery()).name());
    out.writeString(DetectorMethod.of(spec.drift()).name());
    out.writeFloats(parameters);
    out.writeFloats(lastGoodParameters);
    out.writeFloats(averagedParameters);
    optimizer.write(out);
    out.writePart(surgery::write);
    featureScale.write(out);
    targetScale.write(out);
    for (int t = 0; t < scores.length; t++) {
      out.writePart(detectors[t]::write);
      scores[t].write(out);
    }
    for (TaskMixture mixture : mixtures) {
      mixture.write(out);
    }
    out.writeLongs(
        new long[] {
          rows,
          labelledRows,
          updates,
          equalisedUpdates,
          refusedUpdates,
          streak,
          alarms,
          replayed,
          latestTimestamp,
          incarnation,
          snapshots
        });
    for (int t = 0; t < scores.length; t++) {
      scores[t].writeWindow(out);
      drifts[t].write(out);
    }
    out.writeLong(replayFrom);
    out.writeInt(spec.shift().window());
    out.writePart(this::writeShifts);
  }

  private void writeShifts(StateWriter out) throws IOException {
    if (featureShift != null) {
      featureShift.write(out);
      for (PopulationShift shift : labelShifts) {
        shift.write(out);
      }
    }
  }

  private void readShifts(StateReader in) throws IOException {
    if (featureShift != null) {
      featureShift.read(in);
      for (PopulationShift shift : labelShifts) {
        shift.read(in);
      }
    }
  }

  /**
   * Reads a state written by this or an earlier version.
   *
   * @param spec what the model is now; features, tasks and network must be those of the saved
   *     model. A changed surgery method, drift detector or shift window starts afresh.
   * @throws StateFormatException if the state is damaged, newer than this version, or of another
   *     model
   */
  public static LearnerState read(ModelSpec spec, DataInput input) throws IOException {
    return read(spec, new StateReader(input));
  }

  private static LearnerState read(ModelSpec spec, StateReader in) throws IOException {
    if (in.readInt() != MAGIC) {
      throw new StateFormatException("this is not the state of a learner, or it is damaged");
    }
    int format = in.readInt();
    if (format < OLDEST_FORMAT || format > FORMAT) {
      throw new StateFormatException(
          "the saved learner has format "
              + format
              + ", and this version reads formats "
              + OLDEST_FORMAT
              + " to "
              + FORMAT
              + "; run the version that wrote it, or a newer one");
    }
    String structure = in.readString();
    if (!structure.equals(spec.structure())) {
      throw new StateFormatException(
          "the saved learner is of another model: it has "
              + structure
              + ", the configuration "
              + spec.structure()
              + "; restore the configuration, or start without the saved state");
    }
    String savedSurgery = in.readString();
    String savedDetector = in.readString();
    LearnerState state = new LearnerState(spec, new NetworkLayout(spec));
    int length = state.layout.length();
    state.parameters = requireLength(in.readFloats(), length);
    state.lastGoodParameters = requireLength(in.readFloats(), length);
    state.averagedParameters =
        requireLength(in.readFloats(), spec.learning().mixture() ? length : 0);
    state.optimizer.read(in);
    in.readPart(savedSurgery.equals(SurgeryMethod.of(spec.surgery()).name()), state.surgery::read);
    state.featureScale.read(in);
    state.targetScale.read(in);
    boolean sameDetector = savedDetector.equals(DetectorMethod.of(spec.drift()).name());
    for (int t = 0; t < state.scores.length; t++) {
      in.readPart(sameDetector, state.detectors[t]::read);
      state.scores[t].read(in);
    }
    for (TaskMixture mixture : state.mixtures) {
      mixture.read(in);
    }
    long[] counters = in.readLongs();
    if (counters.length != COUNTERS) {
      throw new StateFormatException(
          "the state is damaged: it has " + counters.length + " counters instead of " + COUNTERS);
    }
    state.rows = counters[0];
    state.labelledRows = counters[1];
    state.updates = counters[2];
    state.equalisedUpdates = counters[3];
    state.refusedUpdates = counters[4];
    state.streak = (int) counters[5];
    state.alarms = counters[6];
    state.replayed = counters[7];
    state.latestTimestamp = counters[8];
    state.incarnation = counters[9];
    state.snapshots = counters[10];
    if (format >= 2) {
      state.readSinceFormat2(in);
    }
    return state;
  }

  /** What states of format 1 lack begins anew when one of them is read. */
  private void readSinceFormat2(StateReader in) throws IOException {
    for (int t = 0; t < scores.length; t++) {
      scores[t].readWindow(in);
      drifts[t].read(in);
    }
    replayFrom = in.readLong();
    in.readPart(in.readInt() == spec.shift().window(), this::readShifts);
  }

  private static float[] requireLength(float[] parameters, int length) throws IOException {
    if (parameters.length != length) {
      throw new StateFormatException(
          "the state is damaged: it has "
              + parameters.length
              + " parameters where its network has "
              + length);
    }
    return parameters;
  }

  /** An independent copy, equal bit for bit. */
  public LearnerState copy() {
    try {
      StateWriter memory = StateWriter.inMemory();
      write(memory);
      return read(spec, memory.reader());
    } catch (IOException e) {
      throw new UncheckedIOException("a state could not be copied in memory", e);
    }
  }
}
