package dev.samgs.job.operator;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.job.PlainRun;
import dev.samgs.job.TestModels;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxEncoder;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class EncodeFunctionTest {
  private static final ModelSnapshot SNAPSHOT =
      new PlainRun(SPEC, 10).take(TestModels.rows(1, 60)).finish().snapshots().get(0);

  private static List<SnapshotRecord> encode(ModelSnapshot snapshot, long largest)
      throws Exception {
    try (OneInputStreamOperatorTestHarness<TakenSnapshot, SnapshotRecord> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(new EncodeFunction(TrainHarness.METRICS, largest)))) {
      harness.open();
      harness.processElement(new StreamRecord<>(new TakenSnapshot("line-1", snapshot)));
      return harness.extractOutputValues();
    }
  }

  private static double withheld(SharedMetrics.Lease metrics, String reason) {
    return metrics
        .registry()
        .get("samgs.snapshots.withheld")
        .tag("reason", reason)
        .counter()
        .count();
  }

  @Test
  void aSnapshotBecomesAnOnnxRecord() throws Exception {
    assertThat(encode(SNAPSHOT, 1 << 20))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.model()).isEqualTo("line-1");
              assertThat(record.version()).isEqualTo(SNAPSHOT.version());
              assertThat(record.onnx()).isEqualTo(OnnxEncoder.encode("line-1", SNAPSHOT));
              assertThat(record.headers())
                  .containsEntry(SnapshotHeaders.VERSION, Long.toString(SNAPSHOT.version()));
            });
  }

  @Test
  void aSnapshotThatIsNotFiniteIsWithheldAndCounted() throws Exception {
    float[] broken = SNAPSHOT.parameters().clone();
    broken[3] = Float.NaN;
    ModelSnapshot snapshot =
        new ModelSnapshot(
            SPEC,
            7,
            SNAPSHOT.update(),
            SNAPSHOT.rows(),
            SNAPSHOT.latestTimestamp(),
            broken,
            SNAPSHOT.averagedParameters(),
            SNAPSHOT.featureMeans(),
            SNAPSHOT.featureDeviations(),
            SNAPSHOT.targetMeans(),
            SNAPSHOT.targetDeviations(),
            SNAPSHOT.mixtures(),
            SNAPSHOT.scores(),
            SNAPSHOT.lineage());
    try (SharedMetrics.Lease metrics = SharedMetrics.lease(TrainHarness.METRICS)) {
      assertThat(encode(snapshot, 1 << 20)).isEmpty();
      assertThat(withheld(metrics, "non-finite")).isEqualTo(1);
      assertThat(withheld(metrics, "too-large")).isZero();
    }
  }

  @Test
  void aSnapshotAboveTheLimitIsWithheldAndCounted() throws Exception {
    try (SharedMetrics.Lease metrics = SharedMetrics.lease(TrainHarness.METRICS)) {
      assertThat(encode(SNAPSHOT, 1000)).isEmpty();
      assertThat(withheld(metrics, "too-large")).isEqualTo(1);
    }
  }

  @Test
  void aSnapshotArrivesAtTheEncoderAsItWasTaken() throws Exception {
    TakenSnapshotSerializer serializer = new TakenSnapshotSerializer(SPEC);
    DataOutputSerializer out = new DataOutputSerializer(256);
    serializer.serialize(new TakenSnapshot("line-1", SNAPSHOT), out);

    TakenSnapshot arrived =
        serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));

    assertThat(arrived.model()).isEqualTo("line-1");
    assertThat(arrived.snapshot()).usingRecursiveComparison().isEqualTo(SNAPSHOT);
    assertThat(OnnxEncoder.encode("line-1", arrived.snapshot()))
        .isEqualTo(OnnxEncoder.encode("line-1", SNAPSHOT));
  }
}
