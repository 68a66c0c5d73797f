package dev.samgs.job.operator;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.samgs.connectors.flink.SnapshotStore;
import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.learn.LearnerState;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The snapshot topic on a real broker. */
class SnapshotTopicIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int LARGEST = 1 << 20;

  private static List<SnapshotRecord> encode(SnapshotStore store, TakenSnapshot taken)
      throws Exception {
    try (OneInputStreamOperatorTestHarness<TakenSnapshot, SnapshotRecord> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(
                new EncodeFunction(TrainHarness.METRICS, LARGEST, store, null)))) {
      harness.open();
      harness.processElement(new StreamRecord<>(taken));
      return harness.extractOutputValues();
    }
  }

  private static KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        BROKER.connection().with(Map.of("acks", "all")),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  @Test
  void aModelOf20MegabytesPassesATopicOf1(@TempDir Path directory) throws Exception {
    ModelSpec wide =
        new ModelSpec(
            SPEC.features(),
            SPEC.tasks(),
            new NetworkSpec(
                List.of(1600, 1600), SPEC.network().activation(), List.of(), SPEC.network().skip()),
            SPEC.learning(),
            SPEC.surgery(),
            SPEC.drift());
    ModelSnapshot snapshot = ModelSnapshot.take(new LearnerState(wide, 0));
    byte[] onnx = OnnxEncoder.encode("line-1", snapshot);
    assertThat(onnx.length).isGreaterThan(20_000_000);
    String topic = "large";
    Topics.prepare(BROKER.connection(), List.of(TopicPlan.snapshots(topic, 1, 1, LARGEST)));
    SnapshotStore store = new SnapshotStore(directory.toUri().toString(), 3);

    List<SnapshotRecord> sent = encode(store, new TakenSnapshot("line-1", snapshot, ""));
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.send(sent.get(0).toProducerRecord(topic)).get();
    }

    List<SnapshotRecord> received = new CopyOnWriteArrayList<>();
    try (SnapshotFollower follower =
        SnapshotFollower.start(BROKER.connection(), topic, received::add)) {
      assertThat(follower.awaitCaughtUp(DEADLINE)).isTrue();
      assertThat(received).hasSize(1);
      assertThat(received.get(0).onnx()).isEqualTo(onnx);
      assertThat(OnnxDecoder.decode(received.get(0).onnx()).parameters())
          .isEqualTo(snapshot.parameters());
    }
  }

  @Test
  void compactionLeavesTheNewestVersionOfEveryModel() throws Exception {
    String topic = "compacted";
    Topics.prepare(BROKER.connection(), List.of(TopicPlan.snapshots(topic, 1, 1, LARGEST)));
    hasten(topic);
    LearnerState state = new LearnerState(SPEC, 0);
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (int version = 1; version <= 5; version++) {
        ModelSnapshot snapshot = ModelSnapshot.take(state);
        for (String model : List.of("press", "mill")) {
          SnapshotRecord record =
              SnapshotRecord.of(model, snapshot, OnnxEncoder.encode(model, snapshot));
          producer.send(record.toProducerRecord(topic)).get();
        }
      }
      // Compaction never touches the open segment; records of a third model close it.
      LearnerState other = new LearnerState(SPEC, 0);
      await()
          .atMost(DEADLINE)
          .pollInterval(Duration.ofMillis(300))
          .until(
              () -> {
                ModelSnapshot snapshot = ModelSnapshot.take(other);
                SnapshotRecord record =
                    SnapshotRecord.of("lathe", snapshot, OnnxEncoder.encode("lathe", snapshot));
                producer.send(record.toProducerRecord(topic)).get();
                return versions(topic).equals(List.of("press@5", "mill@5"));
              });
    }
  }

  /** The topic's own settings with shorter times: what took minutes takes moments. */
  private static void hasten(String topic) throws Exception {
    try (Admin admin = Admin.create(BROKER.connection().with(Map.of()))) {
      List<AlterConfigOp> changes = new ArrayList<>();
      Map.of(
              "segment.ms", "200",
              "min.compaction.lag.ms", "0",
              "max.compaction.lag.ms", "200",
              "min.cleanable.dirty.ratio", "0.01")
          .forEach(
              (name, value) ->
                  changes.add(
                      new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), changes))
          .all()
          .get();
    }
  }

  /** What a reader from the beginning sees of the first two models. */
  private static List<String> versions(String topic) {
    TopicPartition partition = new TopicPartition(topic, 0);
    List<String> seen = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            BROKER.connection().with(Map.of()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          String model = new String(record.key(), StandardCharsets.UTF_8);
          if (!model.equals("lathe")) {
            byte[] version = record.headers().lastHeader("samgs.version").value();
            seen.add(model + "@" + new String(version, StandardCharsets.UTF_8));
          }
        }
      }
    }
    return seen;
  }
}
