package dev.samgs.spec;

import java.io.Serializable;
import java.util.List;

/** One task: a named label and how it is learned. */
public record TaskSpec(
    @Setting("name of the label in the events") String name,
    @Setting("regression, binary or multiclass") TaskKind kind,
    @Setting(value = "number of classes of a multiclass task", min = 0, max = 1000) int classes,
    @Setting("training loss: auto, squared, huber or cross-entropy") LossKind loss,
    @Setting(
            value =
                "where the huber loss turns linear, in standard deviations of the label when"
                    + " standardised",
            min = 1e-6)
        double huberDelta,
    @Setting(value = "factor on the task's loss", min = 0) double weight,
    @Setting("whether a regression label is standardised online before it is learned")
        boolean standardise,
    @Setting("factors on the loss of each class, in class order; empty for none")
        List<Double> classWeights,
    @Setting(
            "what to do when the task begins to drift: none, boost-learning-rate, reset-momentum,"
                + " forget-scaling or replay-recent")
        Reaction reaction)
    implements Serializable {

  /** A task with the default reaction to drift. */
  public TaskSpec(
      String name,
      TaskKind kind,
      int classes,
      LossKind loss,
      double huberDelta,
      double weight,
      boolean standardise,
      List<Double> classWeights) {
    this(name, kind, classes, loss, huberDelta, weight, standardise, classWeights, Reaction.NONE);
  }

  /** The same task, with another reaction to drift. */
  public TaskSpec withReaction(Reaction other) {
    return new TaskSpec(
        name, kind, classes, loss, huberDelta, weight, standardise, classWeights, other);
  }

  /** Settings that are used where the user gives none; name and kind have to be given. */
  public static TaskSpec defaults() {
    return new TaskSpec(null, null, 0, LossKind.AUTO, 1.0, 1.0, true, List.of());
  }

  /** A regression task with default settings. */
  public static TaskSpec regression(String name) {
    return new TaskSpec(name, TaskKind.REGRESSION, 0, LossKind.AUTO, 1.0, 1.0, true, List.of());
  }

  /** A binary task with default settings. */
  public static TaskSpec binary(String name) {
    return new TaskSpec(name, TaskKind.BINARY, 0, LossKind.AUTO, 1.0, 1.0, true, List.of());
  }

  /** A multiclass task with default settings. */
  public static TaskSpec multiclass(String name, int classes) {
    return new TaskSpec(
        name, TaskKind.MULTICLASS, classes, LossKind.AUTO, 1.0, 1.0, true, List.of());
  }

  public TaskSpec {
    classWeights = List.copyOf(classWeights);
    if (kind != null) {
      if (kind == TaskKind.MULTICLASS && classes < 2) {
        throw new InvalidSettingException(
            "classes",
            "a multiclass task needs the number of its classes, at least 2, but it is " + classes);
      }
      if (kind != TaskKind.MULTICLASS && classes != 0) {
        throw new InvalidSettingException(
            "classes",
            "only a multiclass task takes a number of classes; remove it or set kind to"
                + " multiclass");
      }
      if (kind == TaskKind.REGRESSION
          ? loss == LossKind.CROSS_ENTROPY
          : loss == LossKind.SQUARED || loss == LossKind.HUBER) {
        throw new InvalidSettingException(
            "loss", "this loss does not fit a " + lower(kind) + " task; leave it at auto");
      }
      int expected = kind == TaskKind.REGRESSION ? 0 : kind == TaskKind.BINARY ? 2 : classes;
      if (!classWeights.isEmpty() && classWeights.size() != expected) {
        throw new InvalidSettingException(
            "classWeights",
            "expected "
                + expected
                + " class weights, one for each class, but found "
                + classWeights.size());
      }
    }
  }

  /** Width of the task's raw network output: 1, or the number of classes. */
  public int outputs() {
    return kind == TaskKind.MULTICLASS ? classes : 1;
  }

  /**
   * Name of the task's output in a snapshot: the task's own for a value in the label's unit, with
   * {@code _probability} or {@code _probabilities} behind it for classes.
   */
  public String outputName() {
    return switch (kind) {
      case REGRESSION -> name;
      case BINARY -> name + "_probability";
      case MULTICLASS -> name + "_probabilities";
    };
  }

  /** Number of classes that a label can take: 2 for binary, 0 for regression. */
  public int labelClasses() {
    return kind == TaskKind.REGRESSION ? 0 : kind == TaskKind.BINARY ? 2 : classes;
  }

  /** Why a number cannot be a label of this task, in a few words; null if it can. */
  public String refusal(double label) {
    if (!Double.isFinite(label)) {
      return "a label must be a finite number";
    }
    if (kind != TaskKind.REGRESSION
        && (label < 0 || label >= labelClasses() || label != Math.rint(label))) {
      return "a label of this task must be a class number from 0 to " + (labelClasses() - 1);
    }
    return null;
  }

  private static String lower(TaskKind kind) {
    return kind.name().toLowerCase(java.util.Locale.ROOT);
  }
}
