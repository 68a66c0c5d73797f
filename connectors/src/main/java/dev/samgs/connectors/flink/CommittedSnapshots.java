package dev.samgs.connectors.flink;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The snapshot topic as a source: committed records only, from the oldest that it holds. */
public final class CommittedSnapshots {
  private CommittedSnapshots() {}

  /**
   * The source.
   *
   * @param bounded whether it ends at the last record that the topic holds when the job starts
   */
  public static KafkaSource<SnapshotRecord> source(
      KafkaConnection connection, String topic, String group, boolean bounded) {
    KafkaSourceBuilder<SnapshotRecord> builder =
        KafkaSource.<SnapshotRecord>builder()
            .setProperties(connection.with(Map.of("isolation.level", "read_committed")))
            .setTopics(topic)
            .setGroupId(group)
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setDeserializer(new Records());
    return bounded ? builder.setBounded(OffsetsInitializer.latest()).build() : builder.build();
  }

  private static final class Records implements KafkaRecordDeserializationSchema<SnapshotRecord> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(CommittedSnapshots.class);

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<SnapshotRecord> out) {
      if (record.value() == null) {
        // A model was withdrawn; what the store holds of it stays there, for whoever asks later.
        return;
      }
      Map<String, String> headers = new TreeMap<>();
      for (Header header : record.headers()) {
        if (header.value() != null) {
          headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
      }
      String model = headers.get(SnapshotHeaders.MODEL);
      String version = headers.getOrDefault(SnapshotHeaders.VERSION, "");
      if (model == null || !version.matches("\\d{1,18}")) {
        LOG.warn(
            "The record at offset {} of {}-{} is no snapshot and is passed over.",
            record.offset(),
            record.topic(),
            record.partition());
        return;
      }
      out.collect(new SnapshotRecord(model, Long.parseLong(version), record.value(), headers));
    }

    @Override
    public TypeInformation<SnapshotRecord> getProducedType() {
      return ConnectorTypes.SNAPSHOT_RECORD;
    }
  }
}
