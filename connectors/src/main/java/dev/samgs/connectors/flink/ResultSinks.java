package dev.samgs.connectors.flink;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.kafka.DeadLetterRecords;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The Kafka sinks of the job. Every sink has transactional ids of its own, {@code <job>-<sink>}, of
 * the pooling kind: after a restart open transactions are found by listing, not by guessing names.
 *
 * <p>Records carry the producer's clock as their Kafka timestamp, not the event time: retention
 * would otherwise delete what is learned from a recorded stream.
 *
 * @param connection the cluster
 * @param job name of the job, unique on the cluster
 * @param guarantee exactly-once in production
 * @param transactionTimeout below the broker's {@code transaction.max.timeout.ms}, and far above
 *     checkpoint interval plus restart time
 * @param watch is told of transactions that the broker aborted before they were committed
 */
public record ResultSinks(
    KafkaConnection connection,
    String job,
    DeliveryGuarantee guarantee,
    Duration transactionTimeout,
    DropWatch watch) {

  /**
   * How long a record may wait for others to share a request with. What is written becomes visible
   * with the next checkpoint, and a checkpoint waits for nobody: it sends what there is.
   */
  private static final int LINGER_MILLIS = 100;

  private static final int BATCH_BYTES = 128 * 1024;

  /**
   * Snapshots: key = model.
   *
   * @param maxRecordBytes the topic's {@code max.message.bytes}
   */
  public Sink<SnapshotRecord> snapshots(String topic, int maxRecordBytes) {
    return sink("snapshots", topic, maxRecordBytes, snapshot -> snapshot.toProducerRecord(topic));
  }

  /** Task metrics as JSON: key = model. */
  public Sink<TaskMetrics> taskMetrics(String topic) {
    return sink(
        "task-metrics",
        topic,
        TopicPlan.DEFAULT_RECORD_BYTES,
        metrics -> new ProducerRecord<>(topic, utf8(metrics.model()), metrics.toJson()));
  }

  /** Drift alarms as JSON: key = model. */
  public Sink<DriftAlarmRecord> driftAlarms(String topic) {
    return sink(
        "drift-alarms",
        topic,
        TopicPlan.DEFAULT_RECORD_BYTES,
        alarm -> new ProducerRecord<>(topic, utf8(alarm.model()), alarm.toJson()));
  }

  /**
   * Dead letters, see {@link DeadLetterRecords}.
   *
   * @param maxRecordBytes the topic's {@code max.message.bytes}
   */
  public Sink<DeadLetter> deadLetters(String topic, int maxRecordBytes) {
    return sink(
        "dead-letters",
        topic,
        maxRecordBytes,
        letter -> DeadLetterRecords.toProducerRecord(topic, letter, maxRecordBytes));
  }

  private <T> Sink<T> sink(String name, String topic, int maxRecordBytes, RecordForm<T> form) {
    KafkaSink<T> sink =
        KafkaSink.<T>builder()
            .setKafkaProducerConfig(
                connection.with(
                    Map.of(
                        "transaction.timeout.ms",
                        transactionTimeout.toMillis(),
                        "max.request.size",
                        maxRecordBytes,
                        "linger.ms",
                        LINGER_MILLIS,
                        "batch.size",
                        BATCH_BYTES)))
            .setBootstrapServers(connection.bootstrapServers())
            .setDeliveryGuarantee(guarantee)
            .setTransactionalIdPrefix(job + "-" + name)
            .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
            .setRecordSerializer(new TopicRecords<>(topic, form))
            .build();
    return new WatchedSink<>(sink, name, connection, watch);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private interface RecordForm<T> extends Serializable {
    ProducerRecord<byte[], byte[]> toProducerRecord(T value);
  }

  /** Pooling has to know the topic to find the transactions that are open on it. */
  private static final class TopicRecords<T>
      implements KafkaRecordSerializationSchema<T>, KafkaDatasetFacetProvider {
    private static final long serialVersionUID = 1L;

    private final String topic;
    private final RecordForm<T> form;

    TopicRecords(String topic, RecordForm<T> form) {
      this.topic = topic;
      this.form = form;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        T value, KafkaSinkContext context, Long timestamp) {
      return form.toProducerRecord(value);
    }

    @Override
    public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
      return Optional.of(
          new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic))));
    }
  }
}
