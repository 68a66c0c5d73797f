package dev.samgs.job.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.job.config.ModelsSettings;
import dev.samgs.learn.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class AdmitFunctionTest {
  private static final List<String> EVENTS =
      List.of("a 0", "b 10", "c 20", "a 55", "c 70", "b 130", "c 131", "a 240", "d 241");

  private static ModelsSettings limits(int max, long idleMillis) {
    return new ModelsSettings(List.of(), max, Duration.ofMillis(idleMillis));
  }

  private static Candidate candidate(String model, long time, long offset) {
    return new Candidate(
        new TrainingRow(model, 0, offset, new Row(time, new double[] {1}, new double[] {1})),
        null,
        new SourceRecord("events", 0, offset, time, null, new byte[] {7}));
  }

  private static OneInputStreamOperatorTestHarness<Candidate, Candidate> open(
      ModelsSettings limits, OperatorSubtaskState restored) throws Exception {
    OneInputStreamOperatorTestHarness<Candidate, Candidate> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(new AdmitFunction(limits, TrainHarness.METRICS)));
    harness.setup();
    if (restored != null) {
      harness.initializeState(restored);
    }
    harness.open();
    return harness;
  }

  /** What goes on and what is refused, in words. */
  private static List<String> outcome(OneInputStreamOperatorTestHarness<Candidate, Candidate> of) {
    List<String> words = new ArrayList<>();
    for (Candidate candidate : of.extractOutputValues()) {
      words.add(
          candidate.row().retires()
              ? candidate.model() + " retired"
              : candidate.model() + " " + candidate.row().row().timestamp());
    }
    Iterable<StreamRecord<DeadLetter>> letters = of.getSideOutput(DecodeFunction.DEAD_LETTERS);
    if (letters != null) {
      letters.forEach(
          letter ->
              words.add(
                  letter.getValue().record().timestamp()
                      + " "
                      + letter.getValue().refusals().get(0).reason().code()));
    }
    return words;
  }

  @Test
  void modelsBeyondTheLimitAreRefusedUntilOneIsRetired() throws Exception {
    try (var harness = open(limits(2, 0), null)) {
      harness.processElement(candidate("a", 1, 0), 0);
      harness.processElement(candidate("b", 2, 1), 0);
      harness.processElement(candidate("c", 3, 2), 0);
      harness.processElement(candidate("a", 4, 3), 0);
      harness.processElement(Candidate.retirement("b"), 0);
      harness.processElement(candidate("c", 5, 4), 0);
      harness.processElement(candidate("b", 6, 5), 0);
      assertThat(outcome(harness))
          .containsExactly(
              "a 1", "b 2", "a 4", "b retired", "c 5", "3 too-many-models", "6 too-many-models");
    }
  }

  @Test
  void aModelIsRetiredBehindItsLastRowAndBeforeItsNextOne() throws Exception {
    try (var harness = open(limits(0, 100), null)) {
      feed(harness, 0, EVENTS.size());
      assertThat(outcome(harness))
          .containsExactly(
              "a 0",
              "b 10",
              "c 20",
              "a 55",
              "c 70",
              "b retired",
              "b 130",
              "c 131",
              "a retired",
              "b retired",
              "c retired",
              "a 240",
              "d 241");
    }
  }

  private static void feed(
      OneInputStreamOperatorTestHarness<Candidate, Candidate> harness, int from, int to)
      throws Exception {
    for (int i = from; i < to; i++) {
      String[] words = EVENTS.get(i).split(" ");
      harness.processElement(candidate(words[0], Long.parseLong(words[1]), i), 0);
    }
  }

  @Test
  void whoIsLetInAndWhoIsRetiredIsTheSameAfterARestartAtAnyEvent() throws Exception {
    List<String> undisturbed;
    try (var harness = open(limits(2, 100), null)) {
      feed(harness, 0, EVENTS.size());
      undisturbed = outcome(harness).stream().sorted().toList();
    }
    assertThat(undisturbed).contains("20 too-many-models", "b retired");
    for (int at = 0; at <= EVENTS.size(); at++) {
      List<String> both = new ArrayList<>();
      OperatorSubtaskState saved;
      try (var harness = open(limits(2, 100), null)) {
        feed(harness, 0, at);
        both.addAll(outcome(harness));
        saved = harness.snapshot(1, 1);
      }
      try (var harness = open(limits(2, 100), saved)) {
        feed(harness, at, EVENTS.size());
        both.addAll(outcome(harness));
      }
      assertThat(both).as("restarted at " + at).hasSameElementsAs(undisturbed);
      assertThat(both).hasSameSizeAs(undisturbed);
    }
  }
}
