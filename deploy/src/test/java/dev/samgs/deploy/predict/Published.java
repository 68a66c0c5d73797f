package dev.samgs.deploy.predict;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A learner that publishes its snapshots to a topic, as the job does. */
@SuppressWarnings("FutureReturnValueIgnored") // commitTransaction tells of failures.
public final class Published implements AutoCloseable {
  /** The model that is learned. */
  public static final ModelSpec SPEC =
      new ModelSpec(
          List.of("temperature", "vibration", "speed"),
          List.of(
              TaskSpec.regression("hours"),
              TaskSpec.binary("fault"),
              TaskSpec.multiclass("grade", 3)),
          NetworkSpec.defaults(),
          LearningSpec.defaults(),
          SurgeryMethod.all().get(0).defaults(),
          DetectorMethod.all().get(0).defaults());

  private static final int ROWS = 32;

  private final String topic;
  private final OnlineLearner learner = new OnlineLearner(SPEC, report -> {});
  private final SplittableRandom random = new SplittableRandom(1);
  private final KafkaProducer<byte[], byte[]> producer;

  /** Creates the topic and begins. */
  public Published(KafkaConnection connection, String topic) {
    this.topic = topic;
    Topics.prepare(connection, List.of(TopicPlan.snapshots(topic, 1, 1, 8 << 20)));
    producer =
        new KafkaProducer<>(
            connection.with(Map.of("transactional.id", "published-" + topic)),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
  }

  /** An ONNX model of {@link #SPEC} as it begins. */
  public static byte[] untrained(String model) {
    return OnnxEncoder.encode(model, ModelSnapshot.take(new LearnerState(SPEC, 0)));
  }

  /** Learns a mini-batch and takes a snapshot. */
  public SnapshotRecord next(String model) {
    RowBatch batch = new RowBatch(SPEC);
    for (int r = 0; r < ROWS; r++) {
      double x = random.nextDouble();
      batch.add(
          new Row(
              System.currentTimeMillis(),
              new double[] {20 + x, r % 5 == 0 ? Double.NaN : x * x, 1000 * x},
              new double[] {100 * x, x > 0.7 ? 1 : 0, Math.floor(3 * x)}));
    }
    learner.arrive(batch);
    learner.release(batch);
    ModelSnapshot snapshot = ModelSnapshot.take(learner.state());
    return SnapshotRecord.of(model, snapshot, OnnxEncoder.encode(model, snapshot));
  }

  /** Commits records in one transaction. */
  @SafeVarargs
  public final void commit(ProducerRecord<byte[], byte[]>... records) {
    producer.beginTransaction();
    for (ProducerRecord<byte[], byte[]> record : records) {
      producer.send(record);
    }
    producer.commitTransaction();
  }

  /** Learns, and publishes the next version. */
  public SnapshotRecord publish(String model) {
    SnapshotRecord snapshot = next(model);
    commit(snapshot.toProducerRecord(topic));
    return snapshot;
  }

  @Override
  public void close() {
    producer.close();
  }
}
