package dev.samgs.learn;

import dev.samgs.spec.ModelSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A learner whose parts are kept as a stream processor keeps them: the state as bytes, the pending
 * rows with their predictions in a list, the replay rows in a map. {@link #restart} keeps nothing
 * else.
 */
final class StoredLearner {
  private record Pending(Row row, double[] prediction) {}

  private final ModelSpec spec;
  private final MiniBatchRule rule;
  private List<Pending> pending = new ArrayList<>();
  private Map<Integer, Row> replay = new HashMap<>();
  private Trainer trainer;
  private LearnerState loaded;

  StoredLearner(ModelSpec spec) {
    this(spec, new LearnerState(spec, 0));
  }

  StoredLearner(ModelSpec spec, LearnerState state) {
    this.spec = spec;
    this.rule = new MiniBatchRule(spec.learning());
    this.loaded = state;
    this.trainer = new Trainer(spec);
  }

  /** Saves everything and goes on with what was saved, in new objects. */
  void restart() {
    loaded = state(spec, bytes(loaded));
    trainer = new Trainer(spec);
    pending = new ArrayList<>(pending.stream().map(StoredLearner::copy).toList());
    Map<Integer, Row> copies = new HashMap<>();
    replay.forEach((slot, row) -> copies.put(slot, copy(row)));
    replay = copies;
  }

  LearnerState state() {
    return loaded;
  }

  int pendingRows() {
    return pending.size();
  }

  void learn(Row row) {
    RowBatch batch = new RowBatch(spec);
    batch.add(row);
    trainer.predict(loaded, batch);
    if (rule.closesBefore(pending.size(), latestPending(), row.timestamp())) {
      learnPending();
    }
    pending.add(new Pending(row, Arrays.copyOf(batch.predictions(), batch.stride())));
    int labelled = (int) pending.stream().filter(p -> p.row().labelled()).count();
    if (rule.full(pending.size(), labelled)) {
      learnPending();
    }
  }

  private long latestPending() {
    return pending.stream().mapToLong(p -> p.row().timestamp()).max().orElse(Long.MIN_VALUE);
  }

  void learnPending() {
    RowBatch batch = new RowBatch(spec);
    for (Pending p : pending) {
      int at = batch.size() * batch.stride();
      batch.add(p.row());
      System.arraycopy(p.prediction(), 0, batch.predictions(), at, batch.stride());
    }
    pending.clear();
    trainer.learn(
        loaded,
        batch,
        new ReplayRows() {
          @Override
          public Row get(int slot) {
            return replay.get(slot);
          }

          @Override
          public void put(int slot, Row row) {
            replay.put(slot, row);
          }
        });
  }

  private static Pending copy(Pending p) {
    return new Pending(copy(p.row()), p.prediction().clone());
  }

  private static Row copy(Row row) {
    return new Row(row.timestamp(), row.features().clone(), row.labels().clone());
  }

  static byte[] bytes(LearnerState state) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      state.write(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static LearnerState state(ModelSpec spec, byte[] bytes) {
    try {
      return LearnerState.read(spec, new DataInputStream(new ByteArrayInputStream(bytes)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
