package dev.samgs.connectors.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.Refusal;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.flink.EventSource.Start;
import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.TopicReader;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.report.TaskMetricsTest;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Source, types and sinks in a mini cluster with Kryo off, on a real broker. */
@SuppressWarnings("FutureReturnValueIgnored") // commitTransaction tells of failures.
class KafkaPipelineIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();

  private static final int EVENTS = 500;

  @Test
  void committedRecordsComeInAndEveryResultGoesOutExactlyOnce() throws Exception {
    KafkaConnection connection = BROKER.connection();
    Topics.prepare(
        connection,
        List.of(
            TopicPlan.events("events", 2, 1),
            TopicPlan.snapshots("snapshots", 1, 1, 1 << 20),
            TopicPlan.reports("metrics", 1, 1, Duration.ofDays(1)),
            TopicPlan.reports("alarms", 1, 1, Duration.ofDays(1)),
            TopicPlan.deadLetters("dead", 1, 1, Duration.ofDays(1), 1 << 20)));
    produceEvents(connection);

    runJob(connection);

    List<ConsumerRecord<byte[], byte[]>> dead = TopicReader.committed(connection, "dead");
    assertThat(dead)
        .extracting(r -> new String(r.value(), StandardCharsets.UTF_8))
        .containsExactlyInAnyOrderElementsOf(committedEvents());
    assertThat(dead.get(0).headers().lastHeader("samgs.topic").value())
        .isEqualTo("events".getBytes(StandardCharsets.UTF_8));
    assertThat(TopicReader.committed(connection, "snapshots"))
        .hasSize(EVENTS)
        .allMatch(r -> r.value().length == 1000)
        .extracting(r -> new String(r.key(), StandardCharsets.UTF_8))
        .containsOnly("model-0", "model-1");
    List<ConsumerRecord<byte[], byte[]>> metrics = TopicReader.committed(connection, "metrics");
    assertThat(metrics).hasSize(EVENTS);
    assertThat(TaskMetrics.fromJson(metrics.get(0).value())).isEqualTo(TaskMetricsTest.METRICS);
    List<ConsumerRecord<byte[], byte[]>> alarms = TopicReader.committed(connection, "alarms");
    assertThat(alarms).hasSize(EVENTS);
    assertThat(DriftAlarmRecord.fromJson(alarms.get(0).value()).task()).isEqualTo("width");
    assertThat(transactionalIds(connection))
        .allMatch(id -> id.startsWith("test-job-") || id.equals("events"))
        .anyMatch(id -> id.startsWith("test-job-snapshots"))
        .anyMatch(id -> id.startsWith("test-job-task-metrics"))
        .anyMatch(id -> id.startsWith("test-job-drift-alarms"))
        .anyMatch(id -> id.startsWith("test-job-dead-letters"));
  }

  private static List<String> committedEvents() {
    List<String> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      events.add("event " + i);
    }
    return events;
  }

  private static void produceEvents(KafkaConnection connection) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            connection.with(Map.of("transactional.id", "events")),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      for (String event : committedEvents()) {
        producer.send(
            new ProducerRecord<>(
                "events",
                event.hashCode() & 1,
                null,
                null,
                event.getBytes(StandardCharsets.UTF_8)));
      }
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("events", "aborted".getBytes(StandardCharsets.UTF_8)));
      producer.flush();
      producer.abortTransaction();
    }
  }

  private static void runJob(KafkaConnection connection) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("pipeline.generic-types", "false");
    configuration.setString("execution.checkpointing.interval", "1 s");
    configuration.setString("restart-strategy.type", "disable");
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    environment.setParallelism(2);
    // Types are serialized between operators only where the operators are not chained.
    environment.disableOperatorChaining();
    DataStream<SourceRecord> records =
        environment.fromSource(
            EventSource.bounded(connection, "events", "test", Start.EARLIEST),
            WatermarkStrategy.noWatermarks(),
            "events");
    ResultSinks sinks =
        new ResultSinks(
            connection,
            "test-job",
            DeliveryGuarantee.EXACTLY_ONCE,
            Duration.ofMinutes(5),
            new NothingDrops());
    records
        .map(
            r -> new DeadLetter(r, List.of(new Refusal(RefusalReason.MALFORMED, "", "bad")), false))
        .returns(ConnectorTypes.DEAD_LETTER)
        .sinkTo(sinks.deadLetters("dead", 1 << 20));
    records
        .map(
            r ->
                new SnapshotRecord(
                    "model-" + r.partition(), r.offset(), new byte[1000], Map.of("h", "v")))
        .returns(ConnectorTypes.SNAPSHOT_RECORD)
        .sinkTo(sinks.snapshots("snapshots", 1 << 20));
    records
        .map(r -> TaskMetricsTest.METRICS)
        .returns(ConnectorTypes.TASK_METRICS)
        .sinkTo(sinks.taskMetrics("metrics"));
    records
        .map(r -> TaskMetricsTest.ALARM)
        .returns(ConnectorTypes.DRIFT_ALARM_RECORD)
        .sinkTo(sinks.driftAlarms("alarms"));
    environment.execute("test-job");
  }

  private static List<String> transactionalIds(KafkaConnection connection) throws Exception {
    try (Admin admin = Admin.create(connection.with(Map.of()))) {
      return admin.listTransactions().all().get().stream()
          .map(TransactionListing::transactionalId)
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }

  /** The broker of this test stays within reach. */
  private static final class NothingDrops implements DropWatch, DropWatch.Listener {
    private static final long serialVersionUID = 1L;

    @Override
    public Listener open(String sink) {
      return this;
    }

    @Override
    public void dropped(String transaction, String why) {
      throw new AssertionError(transaction + " was dropped: " + why);
    }

    @Override
    public void close() {}
  }
}
