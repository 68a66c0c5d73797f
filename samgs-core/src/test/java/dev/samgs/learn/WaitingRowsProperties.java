package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.spec.ModelSpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Rows wait for labels that come late, and too late: whether or not everything was saved and
 * restored in between, the learner ends with the same bits, and the rows that still wait and all
 * counts are the same.
 */
class WaitingRowsProperties {
  private static final int ROWS = 200;

  @Property(tries = 60, seed = "1")
  void rowsThatWaitedThroughARestartAreLearnedBitForBit(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 40) int delay,
      @ForAll @IntRange(min = 1, max = 40) int capacity,
      @ForAll @Size(min = 1, max = 5) Set<@IntRange(max = ROWS - 1) Integer> restarts) {
    Run undisturbed = new Run(capacity, delay);
    Run restarted = new Run(capacity, delay);
    List<Row> rows = Rows.make(undisturbed.spec, ROWS, seed);
    for (int r = 0; r < ROWS; r++) {
      undisturbed.arrive(r, rows.get(r));
      if (restarts.contains(r)) {
        restarted.restart();
      }
      restarted.arrive(r, rows.get(r));
    }

    assertThat(StoredLearner.bytes(restarted.state))
        .isEqualTo(StoredLearner.bytes(undisturbed.state));
    assertThat(bytes(restarted.waiting)).isEqualTo(bytes(undisturbed.waiting));
    assertThat(undisturbed.waiting.size()).isLessThanOrEqualTo(capacity);
    long labelled = undisturbed.state.labelledRows() + undisturbed.waiting.unmatched();
    if (delay < capacity) {
      assertThat(labelled).as("labelled rows so far").isPositive();
      assertThat(undisturbed.waiting.unmatched()).isZero();
    } else {
      // Every row has given way before its labels came.
      assertThat(undisturbed.state.labelledRows()).isZero();
    }
  }

  /** One row at a time: predicted, left to wait, and learned {@code delay} rows later. */
  private static final class Run {
    private record Label(String eventId, double[] values) {}

    private final ModelSpec spec = Rows.spec();
    private final int capacity;
    private final int delay;
    private final Deque<Label> labels = new ArrayDeque<>();
    private LearnerState state = new LearnerState(spec, 0);
    private WaitingRows waiting;
    private Trainer trainer = new Trainer(spec);
    private final Row[] replaySlots = new Row[spec.learning().replayCapacity()];
    private final ReplayRows replay =
        new ReplayRows() {
          @Override
          public Row get(int slot) {
            return replaySlots[slot];
          }

          @Override
          public void put(int slot, Row row) {
            replaySlots[slot] = row;
          }
        };

    Run(int capacity, int delay) {
      this.capacity = capacity;
      this.delay = delay;
      this.waiting = new WaitingRows(spec, capacity);
    }

    void restart() {
      state = StoredLearner.state(spec, StoredLearner.bytes(state));
      trainer = new Trainer(spec);
      byte[] written = bytes(waiting);
      waiting = new WaitingRows(spec, capacity);
      try {
        waiting.read(new StateReader(new DataInputStream(new ByteArrayInputStream(written))));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void arrive(int position, Row row) {
      RowBatch arrived = new RowBatch(spec);
      double[] unknown = new double[spec.tasks().size()];
      Arrays.fill(unknown, Double.NaN);
      arrived.add(new Row(row.timestamp(), row.features(), unknown));
      trainer.predict(state, arrived);
      waiting.add("row-" + position, arrived, 0);
      labels.add(new Label("row-" + position, row.labels()));
      if (labels.size() > delay) {
        Label label = labels.remove();
        RowBatch released = new RowBatch(spec);
        if (waiting.release(label.eventId, label.values, released)) {
          trainer.learn(state, released, replay);
        }
      }
    }
  }

  private static byte[] bytes(WaitingRows waiting) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      waiting.write(new StateWriter(new DataOutputStream(bytes)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
