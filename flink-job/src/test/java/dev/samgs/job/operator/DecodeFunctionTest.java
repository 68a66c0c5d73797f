package dev.samgs.job.operator;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.ModelsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DecodeFunctionTest {
  private OneInputStreamOperatorTestHarness<SourceRecord, TrainingRow> harness;
  private SharedMetrics.Lease metrics;

  @BeforeEach
  void open() throws Exception {
    metrics = SharedMetrics.lease(TrainHarness.METRICS);
    harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(
                new DecodeFunction(
                    SPEC,
                    InputSettings.defaults(),
                    ModelsSettings.defaults(),
                    TrainHarness.METRICS,
                    false)));
    harness.open();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
    metrics.close();
  }

  private SourceRecord send(String value) throws Exception {
    SourceRecord record =
        new SourceRecord("events", 5, 42, 1000, null, value.getBytes(StandardCharsets.UTF_8));
    harness.processElement(new StreamRecord<>(record));
    return record;
  }

  private List<DeadLetter> deadLetters() {
    return harness.getSideOutput(DecodeFunction.DEAD_LETTERS) == null
        ? List.of()
        : harness.getSideOutput(DecodeFunction.DEAD_LETTERS).stream()
            .map(StreamRecord::getValue)
            .toList();
  }

  private double refused(RefusalReason reason) {
    return metrics
        .registry()
        .get("samgs.dead.letters")
        .tag("reason", reason.code())
        .counter()
        .count();
  }

  @Test
  void anEventReachesItsModelWithItsPartition() throws Exception {
    send("{\"model\":\"m\",\"ts\":7,\"features\":[1,2,3],\"labels\":{\"leak\":1}}");

    TrainingRow row = harness.extractOutputValues().get(0);
    assertThat(row.model()).isEqualTo("m");
    assertThat(row.partition()).isEqualTo(5);
    assertThat(row.row().timestamp()).isEqualTo(7);
    assertThat(row.row().features()).containsExactly(1, 2, 3);
    assertThat(row.row().labels()).containsExactly(Double.NaN, 1, Double.NaN);
    assertThat(deadLetters()).isEmpty();
    assertThat(metrics.registry().get("samgs.events").counter().count()).isEqualTo(1);
  }

  @Test
  void anEventWithoutModelReachesTheDefaultOne() throws Exception {
    send("{\"ts\":7,\"features\":[1,2,3]}");

    assertThat(harness.extractOutputValues())
        .singleElement()
        .returns("default", TrainingRow::model);
  }

  @Test
  void aPoisonRecordBecomesADeadLetterAndNothingElse() throws Exception {
    SourceRecord poison = send("{\"features\":");

    assertThat(harness.extractOutputValues()).isEmpty();
    assertThat(deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.record()).isSameAs(poison);
              assertThat(letter.partly()).isFalse();
            });
    assertThat(refused(RefusalReason.MALFORMED)).isEqualTo(1);
    assertThat(metrics.registry().get("samgs.events").counter().count()).isZero();
  }

  @Test
  void aBadLabelIsRefusedAndTheOthersTrain() throws Exception {
    send("{\"ts\":7,\"features\":[1,2,3],\"labels\":{\"grade\":9,\"wear\":0.5}}");

    assertThat(harness.extractOutputValues().get(0).row().labels())
        .containsExactly(0.5, Double.NaN, Double.NaN);
    assertThat(deadLetters()).singleElement().returns(true, DeadLetter::partly);
    assertThat(refused(RefusalReason.BAD_LABEL)).isEqualTo(1);
  }
}
