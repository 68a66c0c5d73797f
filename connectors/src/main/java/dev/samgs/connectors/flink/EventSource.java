package dev.samgs.connectors.flink;

import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.kafka.KafkaConnection;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/** The Kafka source of the job: records as they are, committed ones only. */
public final class EventSource {
  /** Where a job without saved state begins to read. */
  public enum Start {
    /** At the oldest record that the topic still holds. */
    EARLIEST,
    /** Where the consumer group stopped; at the oldest record if it never read. */
    COMMITTED,
    /** At what arrives from now on. */
    LATEST
  }

  private EventSource() {}

  /** A source that never ends. */
  public static KafkaSource<SourceRecord> unbounded(
      KafkaConnection connection, String topic, String group, Start start) {
    return builder(connection, topic, group, start).build();
  }

  /** A source that ends at the last record that the topic holds when the job starts. */
  public static KafkaSource<SourceRecord> bounded(
      KafkaConnection connection, String topic, String group, Start start) {
    return builder(connection, topic, group, start).setBounded(OffsetsInitializer.latest()).build();
  }

  @SuppressWarnings("deprecation") // The connector still asks for the strategy in this form.
  private static KafkaSourceBuilder<SourceRecord> builder(
      KafkaConnection connection, String topic, String group, Start start) {
    return KafkaSource.<SourceRecord>builder()
        .setProperties(connection.with(Map.of("isolation.level", "read_committed")))
        .setTopics(topic)
        .setGroupId(group)
        .setStartingOffsets(
            switch (start) {
              case EARLIEST -> OffsetsInitializer.earliest();
              case COMMITTED -> OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
              case LATEST -> OffsetsInitializer.latest();
            })
        .setDeserializer(new Records());
  }

  private static final class Records implements KafkaRecordDeserializationSchema<SourceRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<SourceRecord> out) {
      out.collect(
          new SourceRecord(
              record.topic(),
              record.partition(),
              record.offset(),
              record.timestamp(),
              record.key(),
              record.value()));
    }

    @Override
    public TypeInformation<SourceRecord> getProducedType() {
      return ConnectorTypes.SOURCE_RECORD;
    }
  }
}
