package dev.samgs.learn;

import dev.samgs.spec.ModelSpec;
import java.util.function.Consumer;

/**
 * One model with everything it needs in memory: predicts rows as they arrive, learns them in
 * mini-batches as their labels do. The same rows in the same order give the same bits, whether or
 * not {@link #state()} and the replay rows were saved and restored in between.
 *
 * <pre>{@code
 * OnlineLearner learner = new OnlineLearner(spec, report -> {});
 * learner.arrive(rows);          // rows.predictions() now holds the predictions
 * learner.release(rows);         // their labels may be used from here on
 * }</pre>
 */
public final class OnlineLearner {
  private final MiniBatchRule rule;
  private final LearnerState state;
  private final Trainer trainer;
  private final RowBatch pending;
  private final Row[] slots;
  private final Consumer<StepReport> listener;
  private final ReplayRows replay =
      new ReplayRows() {
        @Override
        public Row get(int slot) {
          return slots[slot];
        }

        @Override
        public void put(int slot, Row row) {
          slots[slot] = row;
        }
      };

  /**
   * A fresh model.
   *
   * @param listener is told of every mini-batch; the report is valid during the call
   */
  public OnlineLearner(ModelSpec spec, Consumer<StepReport> listener) {
    this.rule = new MiniBatchRule(spec.learning());
    this.state = new LearnerState(spec, 0);
    this.trainer = new Trainer(spec);
    this.pending = new RowBatch(spec);
    this.slots = new Row[spec.learning().replayCapacity()];
    this.listener = listener;
  }

  /** What the model has learned so far. */
  public LearnerState state() {
    return state;
  }

  /** Predicts rows whose features have arrived; no label is looked at. */
  public void arrive(RowBatch rows) {
    trainer.predict(state, rows);
  }

  /**
   * Learns rows that were predicted by {@link #arrive}, now that their labels are known, in
   * mini-batches. Rows without labels belong to them as they do in a job, where they wait for their
   * features to be taken in: both close the same mini-batches.
   */
  public void release(RowBatch rows) {
    for (int r = 0; r < rows.size(); r++) {
      if (rule.closesBefore(pending.size(), pending.latestTimestamp(), rows.row(r).timestamp())) {
        learnPending();
      }
      pending.add(rows, r);
      if (rule.full(pending.size(), pending.labelled())) {
        learnPending();
      }
    }
  }

  /** Learns the last, partial mini-batch. */
  public void finish() {
    if (pending.size() > 0) {
      learnPending();
    }
  }

  private void learnPending() {
    StepReport report = trainer.learn(state, pending, replay);
    pending.clear();
    listener.accept(report);
  }
}
