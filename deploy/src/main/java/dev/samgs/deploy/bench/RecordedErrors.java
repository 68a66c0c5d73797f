package dev.samgs.deploy.bench;

import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.spec.ModelSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The errors of a learner's own predictions, task by task, as its drift detectors see them: falling
 * while it learns, dependent on each other, and rising where the stream drifts.
 */
final class RecordedErrors {
  private final ModelSpec spec;
  private final OnlineLearner learner;
  private final RowBatch row;
  private final List<List<Double>> errors = new ArrayList<>();
  private final List<List<Integer>> rows = new ArrayList<>();
  private int seen;

  RecordedErrors(ModelSpec spec) {
    this.spec = spec;
    this.learner = new OnlineLearner(spec, report -> {});
    this.row = new RowBatch(spec);
    for (int t = 0; t < spec.tasks().size(); t++) {
      errors.add(new ArrayList<>());
      rows.add(new ArrayList<>());
    }
  }

  /** Predicts a row, notes the errors, and learns it. */
  void add(Row next) {
    row.clear();
    row.add(next);
    learner.arrive(row);
    int at = 0;
    for (int t = 0; t < errors.size(); t++) {
      double label = next.labels()[t];
      if (!Double.isNaN(label)) {
        errors.get(t).add(learner.state().driftError(t, row.predictions(), at, label));
        rows.get(t).add(seen);
      }
      at += spec.tasks().get(t).outputs();
    }
    learner.release(row);
    seen++;
  }

  /**
   * The errors of a task.
   *
   * @param drifts rows at which the stream drifts, ascending
   * @param horizon labels after a drift within which an alarm counts as its detection
   */
  ErrorStream stream(int task, int[] drifts, int horizon) {
    List<Integer> at = rows.get(task);
    int[] changes = new int[drifts.length];
    int label = 0;
    for (int d = 0; d < drifts.length; d++) {
      while (label < at.size() && at.get(label) < drifts[d]) {
        label++;
      }
      changes[d] = label;
    }
    return new ErrorStream(
        errors.get(task).stream().mapToDouble(Double::doubleValue).toArray(), changes, horizon);
  }

  int tasks() {
    return errors.size();
  }
}
