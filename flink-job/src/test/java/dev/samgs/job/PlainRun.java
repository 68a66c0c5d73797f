package dev.samgs.job;

import dev.samgs.learn.LearnerState;
import dev.samgs.learn.MiniBatchRule;
import dev.samgs.learn.ReplayRows;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.Trainer;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.Publication;
import dev.samgs.snapshot.PublishedModel;
import dev.samgs.snapshot.Publisher;
import dev.samgs.spec.GateSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.PublishingSpec;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the job has to come to: the same rows learned by the core alone, undisturbed, in memory. */
public final class PlainRun {
  private final MiniBatchRule rule;
  private final Trainer trainer;
  private final RowBatch pending;
  private final LearnerState state;
  private final Publisher publisher;
  private final Publication publication;
  private PublishedModel published;
  private final List<ModelSnapshot> snapshots = new ArrayList<>();
  private final Row[] slots;
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
  private int alarms;

  /**
   * @param snapshotEvery updates between two snapshots
   */
  public PlainRun(ModelSpec spec, long snapshotEvery) {
    this(spec, snapshotEvery, new LearnerState(spec, 0), Map.of(), List.of());
  }

  /**
   * Goes on from what was saved.
   *
   * @param replayRows rows by slot
   * @param pendingRows rows of the open mini-batch
   */
  public PlainRun(
      ModelSpec spec,
      long snapshotEvery,
      LearnerState state,
      Map<Integer, Row> replayRows,
      List<Row> pendingRows) {
    this.rule = new MiniBatchRule(spec.learning());
    this.trainer = new Trainer(spec);
    this.pending = new RowBatch(spec);
    this.state = state;
    this.slots = new Row[spec.learning().replayCapacity()];
    this.publisher =
        new Publisher(
            spec, new PublishingSpec(snapshotEvery, 0, 0, GateSpec.defaults()), trainer, "");
    this.publication = Publication.of(state);
    replayRows.forEach(replay::put);
    pendingRows.forEach(pending::add);
  }

  /** Takes rows in order. */
  public PlainRun take(List<Row> rows) {
    for (Row row : rows) {
      if (rule.closesBefore(pending.size(), pending.latestTimestamp(), row.timestamp())) {
        learn(false);
      }
      pending.add(row);
      if (rule.full(pending.size(), pending.labelled())) {
        learn(false);
      }
    }
    return this;
  }

  /** Ends the input: what is left is learned, and the model published a last time. */
  public PlainRun finish() {
    learn(true);
    return this;
  }

  private void learn(boolean last) {
    long before = state.updates();
    long timeBefore = state.latestTimestamp();
    if (pending.size() > 0) {
      trainer.predict(state, pending);
      publisher.judge(publication, published, pending);
    }
    StepReport report = trainer.learn(state, pending, replay);
    alarms += report.alarms().size();
    pending.clear();
    for (Publisher.Outcome outcome :
        publisher.decide(state, publication, published, report, before, timeBefore, last)) {
      if (outcome.verdict().published()) {
        snapshots.add(outcome.snapshot());
        published = new PublishedModel(outcome.snapshot().version(), outcome.frozen());
      }
    }
  }

  public LearnerState state() {
    return state;
  }

  /** Everything learned, in binary form. */
  public byte[] bytes() {
    return bytes(state);
  }

  /** Everything that a learner has learned, in binary form. */
  public static byte[] bytes(LearnerState state) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      state.write(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public List<ModelSnapshot> snapshots() {
    return snapshots;
  }

  public int alarms() {
    return alarms;
  }
}
