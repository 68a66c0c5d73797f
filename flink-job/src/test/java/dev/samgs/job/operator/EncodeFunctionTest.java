package dev.samgs.job.operator;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.flink.SnapshotStore;
import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.job.PlainRun;
import dev.samgs.job.TestModels;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.snapshot.Lineage;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.snapshot.Provenance;
import dev.samgs.snapshot.SnapshotSignature;
import dev.samgs.snapshot.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodeFunctionTest {
  private static final ModelSnapshot SNAPSHOT =
      new PlainRun(SPEC, 10).take(TestModels.rows(1, 60)).finish().snapshots().get(0);

  private static List<SnapshotRecord> encode(ModelSnapshot snapshot, long largest)
      throws Exception {
    try (OneInputStreamOperatorTestHarness<TakenSnapshot, SnapshotRecord> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(new EncodeFunction(TrainHarness.METRICS, largest, null, null)))) {
      harness.open();
      harness.processElement(new StreamRecord<>(new TakenSnapshot("line-1", snapshot, "")));
      return harness.extractOutputValues();
    }
  }

  private static EncodeFunction encoder(SnapshotStore store, String key) {
    return new EncodeFunction(TrainHarness.METRICS, 1000, store, key);
  }

  private static List<SnapshotRecord> run(EncodeFunction function, TakenSnapshot taken)
      throws Exception {
    try (OneInputStreamOperatorTestHarness<TakenSnapshot, SnapshotRecord> harness =
        new OneInputStreamOperatorTestHarness<>(new ProcessOperator<>(function))) {
      harness.open();
      harness.processElement(new StreamRecord<>(taken));
      return harness.extractOutputValues();
    }
  }

  @Test
  void aSnapshotAboveTheLimitGoesToTheStoreSignedWithItsClaimCheck(@TempDir Path directory)
      throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Path pem = directory.resolve("samgs.key");
    Files.writeString(
        pem,
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
    SnapshotStore store = new SnapshotStore(directory.resolve("store").toUri().toString(), 3);

    List<SnapshotRecord> records =
        run(encoder(store, pem.toString()), new TakenSnapshot("line-1", SNAPSHOT, ""));

    SnapshotRecord record = records.get(0);
    assertThat(record.isClaimCheck()).isTrue();
    assertThat(SnapshotSignature.verifies(pair.getPublic(), record.headers())).isTrue();
    byte[] onnx = SnapshotStore.read(record.claimCheck().uri());
    record.claimCheck().check(onnx);
    assertThat(onnx).isEqualTo(OnnxEncoder.encode("line-1", SNAPSHOT));
  }

  @Test
  void aStoreThatTakesNothingCostsTheSnapshotAndIsCounted(@TempDir Path directory)
      throws Exception {
    Path file = Files.writeString(directory.resolve("store"), "a file where a directory belongs");
    SnapshotStore store = new SnapshotStore(file.toUri().toString(), 3);
    try (SharedMetrics.Lease metrics = SharedMetrics.lease(TrainHarness.METRICS)) {
      assertThat(run(encoder(store, null), new TakenSnapshot("line-1", SNAPSHOT, ""))).isEmpty();
      assertThat(withheld(metrics, "not-stored")).isEqualTo(1);
    }
  }

  @Test
  void aCandidateThatIsWithheldIsKeptWithItsReason(@TempDir Path directory) throws Exception {
    SnapshotStore store = new SnapshotStore(directory.toUri().toString(), 3);
    ModelSnapshot worse =
        SNAPSHOT.published(
            SNAPSHOT.version(),
            new Lineage(1, "events", new TreeMap<>(), Verdict.WORSE, List.of()));
    try (SharedMetrics.Lease metrics = SharedMetrics.lease(TrainHarness.METRICS)) {
      assertThat(run(encoder(store, null), new TakenSnapshot("line-1", worse, "too bad")))
          .isEmpty();
      assertThat(withheld(metrics, "worse")).isEqualTo(1);
    }
    String name =
        worse.update() + "-" + Provenance.sha256(OnnxEncoder.encode("line-1", worse)) + ".json";
    assertThat(Files.readString(directory.resolve("withheld/line-1").resolve(name)))
        .contains("\"reason\" : \"too bad\"")
        .contains("\"samgs.model\" : \"line-1\"");
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
    serializer.serialize(new TakenSnapshot("line-1", SNAPSHOT, "why"), out);

    TakenSnapshot arrived =
        serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));

    assertThat(arrived.model()).isEqualTo("line-1");
    assertThat(arrived.reason()).isEqualTo("why");
    assertThat(arrived.snapshot()).usingRecursiveComparison().isEqualTo(SNAPSHOT);
    assertThat(OnnxEncoder.encode("line-1", arrived.snapshot()))
        .isEqualTo(OnnxEncoder.encode("line-1", SNAPSHOT));
  }
}
