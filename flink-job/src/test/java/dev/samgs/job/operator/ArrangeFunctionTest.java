package dev.samgs.job.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.job.config.CheckSettings;
import dev.samgs.job.config.CheckSettings.Duplicates;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.InputSettings.Ordering;
import dev.samgs.learn.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class ArrangeFunctionTest {
  private static final int LATENESS = 50;

  private static InputSettings input(Ordering ordering, Duplicates duplicates, int remembered) {
    InputSettings plain = InputSettings.defaults();
    return new InputSettings(
        plain.topic(),
        plain.format(),
        plain.group(),
        plain.defaultModel(),
        plain.startingOffsets(),
        plain.bounded(),
        ordering,
        Duration.ofMillis(LATENESS),
        plain.partitionIdle(),
        new CheckSettings(Duration.ofDays(1), Duration.ZERO, duplicates, remembered, 1, 10));
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, Candidate, TrainingRow> open(
      InputSettings input, OperatorSubtaskState restored) throws Exception {
    KeyedOneInputStreamOperatorTestHarness<String, Candidate, TrainingRow> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new ArrangeFunction(input, TrainHarness.METRICS)),
            Candidate::model,
            Types.STRING);
    harness.setup();
    if (restored != null) {
      harness.initializeState(restored);
    }
    harness.open();
    return harness;
  }

  private static Candidate candidate(
      String model, int partition, long offset, long time, String id) {
    return new Candidate(
        new TrainingRow(model, partition, offset, new Row(time, new double[] {1}, new double[1])),
        id,
        new SourceRecord("events", partition, offset, time, null, new byte[] {7}));
  }

  private static List<String> places(List<TrainingRow> rows) {
    return rows.stream()
        .map(
            row ->
                row.retires()
                    ? "retired"
                    : row.row().timestamp() + "/" + row.partition() + "/" + row.offset())
        .toList();
  }

  private static List<String> refused(KeyedOneInputStreamOperatorTestHarness<?, ?, ?> harness) {
    List<String> refused = new ArrayList<>();
    Iterable<StreamRecord<DeadLetter>> letters = harness.getSideOutput(DecodeFunction.DEAD_LETTERS);
    if (letters != null) {
      letters.forEach(
          letter ->
              refused.add(
                  letter.getValue().record().offset()
                      + " "
                      + letter.getValue().refusals().get(0).reason().code()));
    }
    return refused;
  }

  /**
   * Two partitions come in any mixture, with watermarks as their sources would give them and a
   * restart somewhere: what goes on is sorted by time, partition and offset.
   */
  @Test
  void theOrderIsThatOfTheEventsWhateverTheMixtureOfPartitions() throws Exception {
    List<String> expected = null;
    for (long seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      InputSettings input = input(Ordering.EVENT_TIME, Duplicates.LEARN, 10);
      var harness = open(input, null);
      List<TrainingRow> rows = new ArrayList<>();
      long[] latest = {Long.MIN_VALUE, Long.MIN_VALUE};
      int[] next = {0, 0};
      int restart = random.nextInt(200);
      while (next[0] + next[1] < 200) {
        int partition = next[0] == 100 ? 1 : next[1] == 100 ? 0 : random.nextInt(2);
        long offset = next[partition]++;
        // Times of a partition go back by less than the lateness, the same in every mixture.
        long time = offset * 10 + (offset * 7 + partition * 3) % 5 * 10;
        harness.processElement(candidate("m", partition, offset, time, null), 0);
        latest[partition] = Math.max(latest[partition], time);
        long behind = Math.min(latest[0], latest[1]);
        if (behind != Long.MIN_VALUE && random.nextBoolean()) {
          harness.processWatermark(new Watermark(behind - LATENESS - 1));
        }
        if (next[0] + next[1] == restart) {
          rows.addAll(harness.extractOutputValues());
          OperatorSubtaskState saved = harness.snapshot(1, 1);
          harness.close();
          harness = open(input, saved);
        }
      }
      harness.processWatermark(Watermark.MAX_WATERMARK);
      rows.addAll(harness.extractOutputValues());
      assertThat(refused(harness)).isEmpty();
      harness.close();
      expected = expected == null ? places(rows) : expected;
      assertThat(places(rows)).as("mixture " + seed).isEqualTo(expected).hasSize(200);
    }
    assertThat(expected).startsWith("0/0/0", "10/1/1", "30/0/1", "30/1/0", "40/0/3");
  }

  @Test
  void aRowOfATimeThatIsOverIsLate() throws Exception {
    try (var harness = open(input(Ordering.EVENT_TIME, Duplicates.LEARN, 10), null)) {
      harness.processElement(candidate("m", 0, 0, 100, null), 0);
      harness.processWatermark(new Watermark(100));
      harness.processElement(candidate("m", 1, 1, 100, null), 0);
      harness.processElement(candidate("m", 1, 2, 101, null), 0);
      harness.processElement(candidate("other", 1, 3, 50, null), 0);
      harness.processWatermark(new Watermark(200));
      assertThat(places(harness.extractOutputValues()))
          .containsExactlyInAnyOrder("100/0/0", "101/1/2", "50/1/3");
      assertThat(refused(harness)).containsExactly("1 late");
    }
  }

  @Test
  void anEventIdIsRefusedAmongTheLatestOfItsModelOnly() throws Exception {
    InputSettings input = input(Ordering.ARRIVAL, Duplicates.REFUSE, 2);
    OperatorSubtaskState saved;
    try (var harness = open(input, null)) {
      harness.processElement(candidate("m", 0, 0, 1, "x"), 0);
      harness.processElement(candidate("m", 0, 1, 1, null), 0);
      harness.processElement(candidate("m", 0, 2, 1, null), 0);
      harness.processElement(candidate("n", 0, 3, 1, "x"), 0);
      harness.processElement(candidate("m", 0, 4, 1, "y"), 0);
      harness.processElement(candidate("m", 0, 5, 1, "x"), 0);
      assertThat(harness.extractOutputValues()).hasSize(5);
      assertThat(refused(harness)).containsExactly("5 duplicate-event");
      saved = harness.snapshot(1, 1);
    }
    try (var harness = open(input, saved)) {
      harness.processElement(candidate("m", 0, 6, 1, "y"), 0);
      harness.processElement(candidate("m", 0, 7, 1, "z"), 0);
      harness.processElement(candidate("m", 0, 8, 1, "x"), 0);
      assertThat(refused(harness)).containsExactly("6 duplicate-event");
      assertThat(harness.numKeyedStateEntries()).isPositive();
    }
  }

  @Test
  void retiringLetsGoOnWhatWaitsAndForgetsTheRest() throws Exception {
    InputSettings input = input(Ordering.EVENT_TIME, Duplicates.REFUSE, 10);
    try (var harness = open(input, null)) {
      harness.processElement(candidate("m", 0, 0, 20, "x"), 0);
      harness.processElement(candidate("m", 0, 1, 10, "y"), 0);
      harness.processElement(Candidate.retirement("m"), 0);
      assertThat(places(harness.extractOutputValues()))
          .containsExactly("10/0/1", "20/0/0", "retired");
      assertThat(harness.numKeyedStateEntries()).isZero();
      assertThat(harness.numEventTimeTimers()).isZero();
    }
  }
}
