package dev.samgs.connectors.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.LearnerState;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("FutureReturnValueIgnored") // commitTransaction tells of failures.
class SnapshotFollowerIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final ModelSpec SPEC =
      new ModelSpec(
          List.of("a", "b"),
          List.of(TaskSpec.regression("y")),
          NetworkSpec.defaults(),
          LearningSpec.defaults(),
          SurgeryMethod.all().get(0).defaults(),
          DetectorMethod.all().get(0).defaults());

  /** Keeps what it is told, in order. */
  private static final class Recorder implements SnapshotListener {
    final List<SnapshotRecord> snapshots = new CopyOnWriteArrayList<>();
    final List<String> refusals = new CopyOnWriteArrayList<>();
    final List<String> removals = new CopyOnWriteArrayList<>();

    @Override
    public void snapshot(SnapshotRecord snapshot) {
      if (new String(snapshot.onnx(), StandardCharsets.UTF_8).equals("unusable")) {
        throw new IllegalStateException("not a model");
      }
      snapshots.add(snapshot);
    }

    @Override
    public void removed(String model) {
      removals.add(model);
    }

    @Override
    public void refused(SnapshotRefusal reason, String sentence) {
      refusals.add(sentence);
    }

    List<String> seen() {
      return snapshots.stream().map(s -> s.model() + "@" + s.version()).toList();
    }
  }

  private static String topic(String name, int partitions) {
    Topics.prepare(BROKER.connection(), List.of(TopicPlan.snapshots(name, partitions, 1, 8 << 20)));
    return name;
  }

  private static KafkaProducer<byte[], byte[]> producer(String transactionalId) {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            BROKER.connection().with(Map.of("transactional.id", transactionalId)),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  /** A snapshot as the job makes it, with these bytes in place of a model. */
  private static SnapshotRecord snapshot(String model, long version, String bytes) {
    LearnerState state = new LearnerState(SPEC, 0);
    while (state.version() < version - 1) {
      state.nextVersion();
    }
    return SnapshotRecord.of(
        model, ModelSnapshot.take(state), bytes.getBytes(StandardCharsets.UTF_8));
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, String model, long version) {
    return snapshot(model, version, "model " + version).toProducerRecord(topic);
  }

  private static ProducerRecord<byte[], byte[]> tampered(
      ProducerRecord<byte[], byte[]> record, String header, String value) {
    record.headers().remove(header);
    if (value != null) {
      record.headers().add(header, value.getBytes(StandardCharsets.UTF_8));
    }
    return record;
  }

  @Test
  void onlyCommittedVersionsAreSeenInTheirOrder() throws Exception {
    String topic = topic("ordered", 2);
    Recorder recorder = new Recorder();
    try (KafkaProducer<byte[], byte[]> producer = producer("ordered")) {
      producer.beginTransaction();
      producer.send(record(topic, "a", 1));
      producer.send(record(topic, "b", 1));
      producer.send(record(topic, "a", 2));
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(record(topic, "a", 3));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(record(topic, "a", 4));
      producer.flush();
      try (SnapshotFollower follower =
          SnapshotFollower.start(BROKER.connection(), topic, recorder)) {
        assertThat(follower.awaitCaughtUp(DEADLINE)).isTrue();
        assertThat(recorder.seen()).containsExactlyInAnyOrder("a@1", "a@2", "b@1");
        assertThat(recorder.seen()).containsSubsequence("a@1", "a@2");
        assertThat(follower.versions()).isEqualTo(Map.of("a", 2L, "b", 1L));
        assertThat(NewestVersions.read(BROKER.connection(), topic))
            .isEqualTo(Map.of("a", 2L, "b", 1L));

        producer.commitTransaction();
        await().atMost(DEADLINE).until(() -> follower.versions().get("a") == 4);
        assertThat(recorder.refusals).isEmpty();
        assertThat(follower.failure()).isEmpty();
      }
    }
    SnapshotRecord last = recorder.snapshots.get(3);
    assertThat(new String(last.onnx(), StandardCharsets.UTF_8)).isEqualTo("model 4");
    assertThat(last.headers())
        .containsEntry("samgs.format", "2")
        .containsEntry("samgs.content", "onnx")
        .containsEntry("samgs.model", "a")
        .containsEntry("samgs.version", "4")
        .containsEntry("samgs.update", "0")
        .containsEntry("samgs.scores", "{\"y\":{\"labels\":0,\"loss\":null,\"baselineLoss\":null}}")
        .containsKeys("samgs.structure", "samgs.sha256", "samgs.library", "samgs.gate")
        .doesNotContainKeys("samgs.watermark", "samgs.parent", "samgs.signature");
  }

  @Test
  void whatIsTamperedWithOldOrUnusableIsRefusedAndCounted() throws Exception {
    String topic = topic("tampered", 1);
    Recorder recorder = new Recorder();
    try (KafkaProducer<byte[], byte[]> producer = producer("tampered")) {
      producer.beginTransaction();
      producer.send(record(topic, "a", 5));
      producer.send(tampered(record(topic, "a", 6), "samgs.sha256", "00"));
      producer.send(record(topic, "a", 5));
      producer.send(record(topic, "a", 4));
      producer.send(tampered(record(topic, "a", 6), "samgs.version", "six"));
      producer.send(tampered(record(topic, "a", 6), "samgs.model", "b"));
      producer.send(tampered(record(topic, "a", 6), "samgs.version", null));
      producer.send(tampered(record(topic, "a", 6), "samgs.format", "pickle"));
      producer.send(snapshot("a", 6, "unusable").toProducerRecord(topic));
      producer.send(record(topic, "a", 6));
      producer.commitTransaction();
    }
    MeterRegistry registry = new SimpleMeterRegistry();
    try (SnapshotFollower follower =
        SnapshotFollower.start(
            BROKER.connection(),
            topic,
            SnapshotFollower.Options.defaults().with(registry),
            recorder)) {
      assertThat(follower.awaitCaughtUp(DEADLINE)).isTrue();
      assertThat(recorder.seen()).containsExactly("a@5", "a@6");
      assertThat(refusals(registry))
          .isEqualTo(
              Map.of(
                  "bad-headers", 3.0,
                  "unknown-format", 1.0,
                  "wrong-hash", 1.0,
                  "bad-signature", 0.0,
                  "not-fetched", 0.0,
                  "not-newer", 2.0,
                  "unusable", 1.0));
      assertThat(registry.get("samgs.snapshots.taken").tag("model", "a").counter().count())
          .isEqualTo(2);
      assertThat(registry.get("samgs.snapshot.version").tag("model", "a").gauge().value())
          .isEqualTo(6);
      assertThat(registry.get("samgs.snapshot.lag.records").gauge().value()).isZero();
      assertThat(recorder.refusals)
          .hasSize(8)
          .contains(
              "the snapshot record at offset 2 of tampered-0 was refused: version 5 of a is not"
                  + " above 5",
              "the snapshot record at offset 8 of tampered-0 was refused: the listener could not"
                  + " use it: not a model");
    }
    assertThat(NewestVersions.read(BROKER.connection(), topic)).isEqualTo(Map.of("a", 6L));
  }

  private static Map<String, Double> refusals(MeterRegistry registry) {
    return registry.get("samgs.snapshots.refused").counters().stream()
        .collect(Collectors.toMap(c -> c.getId().getTag("reason"), Counter::count));
  }

  private static SnapshotFollower.Options options(List<PublicKey> trusted) {
    return new SnapshotFollower.Options(
        Set.of(), trusted, ClaimChecks.FILES, new SimpleMeterRegistry());
  }

  @Test
  void aModelWithoutAValueIsRemovedAndMayComeBackUnderAnyVersion() throws Exception {
    String topic = topic("removed", 1);
    Recorder recorder = new Recorder();
    try (KafkaProducer<byte[], byte[]> producer = producer("removed")) {
      producer.beginTransaction();
      producer.send(record(topic, "a", 5));
      producer.send(record(topic, "b", 1));
      producer.send(new ProducerRecord<>(topic, "a".getBytes(StandardCharsets.UTF_8), null));
      producer.commitTransaction();
      try (SnapshotFollower follower =
          SnapshotFollower.start(BROKER.connection(), topic, recorder)) {
        assertThat(follower.awaitCaughtUp(DEADLINE)).isTrue();
        assertThat(follower.versions()).isEqualTo(Map.of("b", 1L));
        assertThat(recorder.removals).containsExactly("a");

        producer.beginTransaction();
        producer.send(record(topic, "a", 2));
        producer.commitTransaction();
        await().atMost(DEADLINE).until(() -> follower.versions().containsKey("a"));
        assertThat(recorder.seen()).containsExactly("a@5", "b@1", "a@2");
      }
    }
  }

  @Test
  void onlyWhatATrustedKeyHasSignedIsTakenWhenKeysAreGiven() throws Exception {
    String topic = topic("signed", 1);
    KeyPairGenerator keys = KeyPairGenerator.getInstance("Ed25519");
    KeyPair old = keys.generateKeyPair();
    KeyPair present = keys.generateKeyPair();
    KeyPair stranger = keys.generateKeyPair();
    Recorder recorder = new Recorder();
    try (KafkaProducer<byte[], byte[]> producer = producer("signed")) {
      producer.beginTransaction();
      producer.send(snapshot("a", 1, "1").signed(old.getPrivate()).toProducerRecord(topic));
      producer.send(snapshot("a", 2, "2").signed(present.getPrivate()).toProducerRecord(topic));
      producer.send(snapshot("a", 3, "3").signed(stranger.getPrivate()).toProducerRecord(topic));
      producer.send(record(topic, "a", 4));
      producer.send(
          tampered(
              snapshot("a", 5, "5").signed(present.getPrivate()).toProducerRecord(topic),
              "samgs.watermark",
              "1"));
      producer.commitTransaction();
    }
    SnapshotFollower.Options options = options(List.of(old.getPublic(), present.getPublic()));
    try (SnapshotFollower follower =
        SnapshotFollower.start(BROKER.connection(), topic, options, recorder)) {
      assertThat(follower.awaitCaughtUp(DEADLINE)).isTrue();
      assertThat(recorder.seen()).containsExactly("a@1", "a@2");
      assertThat(refusals(options.registry())).containsEntry("bad-signature", 3.0);
      assertThat(recorder.refusals.get(1)).endsWith("was refused: it is not signed");
      assertThat(recorder.refusals.get(2)).endsWith("no trusted key has signed what it says");
    }
  }

  @Test
  void aModelInTheStoreIsFetchedAsSoonAsItCanBe(@TempDir Path store) throws Exception {
    String topic = topic("stored", 1);
    Recorder recorder = new Recorder();
    SnapshotRecord large = snapshot("a", 1, "a large model");
    Path file = store.resolve("model 1.onnx");
    SnapshotRecord other = snapshot("b", 1, "another");
    Path damaged = Files.writeString(store.resolve("b.onnx"), "anotheR");
    SnapshotFollower.Options options = options(List.of());
    try (KafkaProducer<byte[], byte[]> producer = producer("stored");
        SnapshotFollower follower =
            SnapshotFollower.start(BROKER.connection(), topic, options, recorder)) {
      producer.beginTransaction();
      producer.send(large.stored(file.toUri().toString()).toProducerRecord(topic));
      producer.send(other.stored(damaged.toUri().toString()).toProducerRecord(topic));
      producer.commitTransaction();
      await().atMost(DEADLINE).until(() -> recorder.refusals.size() == 2);
      assertThat(refusals(options.registry()))
          .containsEntry("not-fetched", 1.0)
          .containsEntry("wrong-hash", 1.0);

      Files.write(file, large.onnx());
      await().atMost(DEADLINE).until(() -> recorder.seen().equals(List.of("a@1")));
      assertThat(recorder.snapshots.get(0).onnx()).isEqualTo(large.onnx());
      assertThat(refusals(options.registry())).containsEntry("not-fetched", 1.0);
    }
  }

  @Test
  void aTopicThatComesLaterIsWaitedFor() throws Exception {
    Recorder recorder = new Recorder();
    assertThat(NewestVersions.read(BROKER.connection(), "later")).isEmpty();
    try (SnapshotFollower follower =
            SnapshotFollower.start(BROKER.connection(), "later", recorder);
        KafkaProducer<byte[], byte[]> producer = producer("later")) {
      assertThat(follower.awaitCaughtUp(Duration.ofMillis(500))).isFalse();
      topic("later", 1);
      producer.beginTransaction();
      producer.send(record("later", "a", 1));
      producer.commitTransaction();
      await().atMost(DEADLINE).until(() -> follower.versions().containsKey("a"));
      assertThat(follower.caughtUp()).isTrue();
    }
  }

  @Test
  void closingEndsTheThread() {
    String topic = topic("closing", 1);
    SnapshotFollower follower = SnapshotFollower.start(BROKER.connection(), topic, new Recorder());
    follower.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("samgs-snapshot-follower-closing");
    follower.close();
  }

  @Test
  void aBrokerThatCannotBeReachedIsNamed() {
    KafkaConnection nobody =
        new KafkaConnection("127.0.0.1:1", Map.of("default.api.timeout.ms", "1000"));
    assertThatThrownBy(() -> NewestVersions.read(nobody, "t"))
        .isInstanceOf(KafkaAccessException.class)
        .hasMessageContaining("topic t on 127.0.0.1:1 cannot be read to its end: ");
  }
}
