package dev.samgs.job.operator;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.job.config.CheckSettings;
import dev.samgs.job.config.CheckSettings.Duplicates;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.InputSettings.Ordering;
import dev.samgs.job.config.ModelsSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class EventChecksTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final long NOW = 1_700_000_000_000L;

  private static InputSettings input(Ordering ordering, CheckSettings checks) {
    InputSettings plain = InputSettings.defaults();
    return new InputSettings(
        plain.topic(),
        plain.format(),
        plain.group(),
        plain.defaultModel(),
        plain.startingOffsets(),
        plain.bounded(),
        ordering,
        Duration.ofSeconds(5),
        plain.partitionIdle(),
        checks);
  }

  private static CheckSettings checks(Duration ahead, Duration behind, double refused, int window) {
    return new CheckSettings(ahead, behind, Duplicates.LEARN, 10, refused, window);
  }

  private static ModelsSettings only(String... names) {
    return new ModelsSettings(List.of(names), 0, Duration.ZERO);
  }

  private static OneInputStreamOperatorTestHarness<SourceRecord, TrainingRow> open(
      InputSettings input, ModelsSettings models, OperatorSubtaskState restored) throws Exception {
    OneInputStreamOperatorTestHarness<SourceRecord, TrainingRow> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(
                new DecodeFunction(SPEC, input, models, TrainHarness.METRICS, false)));
    harness.setup();
    if (restored != null) {
      harness.initializeState(restored);
    }
    harness.open();
    return harness;
  }

  private static SourceRecord record(int partition, long offset, String model, long ts) {
    return new SourceRecord(
        "events",
        partition,
        offset,
        NOW,
        null,
        ("{\"model\":\"" + model + "\",\"ts\":" + ts + ",\"features\":[1,2,3]}")
            .getBytes(StandardCharsets.UTF_8));
  }

  private static SourceRecord poison(int partition, long offset) {
    return new SourceRecord("events", partition, offset, NOW, null, new byte[] {1});
  }

  private static List<String> reasons(OneInputStreamOperatorTestHarness<?, ?> harness) {
    List<String> reasons = new ArrayList<>();
    Iterable<StreamRecord<DeadLetter>> letters = harness.getSideOutput(DecodeFunction.DEAD_LETTERS);
    if (letters != null) {
      letters.forEach(
          letter ->
              reasons.add(
                  letter.getValue().record().offset()
                      + " "
                      + letter.getValue().refusals().get(0).reason().code()));
    }
    return reasons;
  }

  @Test
  void nothingIsCheckedUnlessItIsConfigured() {
    assertThat(EventChecks.of(InputSettings.defaults(), ModelsSettings.defaults())).isNull();
  }

  @Test
  void aModelThatIsNotAllowedIsRefused() throws Exception {
    try (var harness = open(InputSettings.defaults(), only("line-*", "press.1"), null)) {
      for (String model : List.of("line-1", "line-", "press.1", "press-1", "xline-1", "lin")) {
        harness.processElement(record(0, 0, model, NOW), 0);
      }
      assertThat(harness.extractOutputValues())
          .extracting(TrainingRow::model)
          .containsExactly("line-1", "line-", "press.1");
      assertThat(reasons(harness)).containsExactly("0 bad-model", "0 bad-model", "0 bad-model");
    }
  }

  @Test
  void aTimeFarFromTheRecordsOwnIsRefused() throws Exception {
    InputSettings input = input(Ordering.ARRIVAL, checks(HOUR, HOUR.multipliedBy(2), 1, 10));
    try (var harness = open(input, ModelsSettings.defaults(), null)) {
      long[] distances = {3_600_000, 3_600_001, -7_200_000, -7_200_001};
      for (int i = 0; i < distances.length; i++) {
        harness.processElement(record(0, i, "m", NOW + distances[i]), 0);
      }
      assertThat(harness.extractOutputValues()).hasSize(2);
      assertThat(reasons(harness)).containsExactly("1 clock-skew", "3 clock-skew");
    }
  }

  @Test
  void whatIsLateIsJudgedByItsOwnPartitionAndTheSameAfterARestart() throws Exception {
    InputSettings input = input(Ordering.EVENT_TIME, checks(HOUR, Duration.ZERO, 1, 10));
    OperatorSubtaskState saved;
    try (var harness = open(input, ModelsSettings.defaults(), null)) {
      harness.processElement(record(0, 0, "m", NOW), 0);
      harness.processElement(record(1, 1, "m", NOW - 60_000), 0);
      saved = harness.snapshot(1, 1);
    }
    try (var harness = open(input, ModelsSettings.defaults(), saved)) {
      harness.processElement(record(0, 2, "m", NOW - 5_000), 0);
      harness.processElement(record(0, 3, "m", NOW - 5_001), 0);
      harness.processElement(record(1, 4, "m", NOW - 65_000), 0);
      harness.processElement(record(1, 5, "m", NOW - 65_001), 0);
      assertThat(harness.extractOutputValues())
          .extracting(TrainingRow::offset)
          .containsExactly(2L, 4L);
      assertThat(reasons(harness)).containsExactly("3 late", "5 late");
    }
  }

  @Test
  void tooManyRefusalsStopTheJobAtTheSameRecordWhetherItWasRestartedOrNot() throws Exception {
    InputSettings input = input(Ordering.ARRIVAL, checks(Duration.ZERO, Duration.ZERO, 0.3, 10));
    OperatorSubtaskState saved;
    try (var harness = open(input, ModelsSettings.defaults(), null)) {
      // Three of a block are permitted, and another block or partition counts by itself.
      for (long offset : new long[] {7, 8, 9, 10, 11}) {
        harness.processElement(poison(0, offset), 0);
        harness.processElement(poison(1, offset), 0);
      }
      harness.processElement(record(0, 12, "m", NOW), 0);
      saved = harness.snapshot(1, 1);
    }
    try (var harness = open(input, ModelsSettings.defaults(), saved)) {
      harness.processElement(poison(0, 13), 0);
      assertThatThrownBy(() -> harness.processElement(poison(0, 14), 0))
          .isInstanceOf(SuppressRestartsException.class)
          .rootCause()
          .hasMessageStartingWith(
              "too much is refused: 4 records of events-0 between offsets 10 and 14, more than the"
                  + " share of 0.3 of 10 that input.checks.max-refused permits; the last one"
                  + " because the record is not valid")
          .hasMessageEndingWith("start again from the newest checkpoint");
    }
  }
}
