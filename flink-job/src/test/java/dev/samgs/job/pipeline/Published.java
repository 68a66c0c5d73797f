package dev.samgs.job.pipeline;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.snapshot.Provenance;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import onnx.Onnx.ModelProto;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/** What a read-committed consumer sees of one topic. */
final class Published implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

  Published(KafkaConnection connection, String topic) {
    consumer =
        new KafkaConsumer<>(
            connection.with(Map.of("isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Reads on until what was read so far is enough. */
  List<ConsumerRecord<byte[], byte[]>> until(
      Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!enough.test(records)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("after a minute there are only " + records.size() + " records");
      }
      consumer.poll(Duration.ofMillis(50)).forEach(records::add);
    }
    return records;
  }

  /** Reads to the present end of the topic: to be called when nobody writes any more. */
  List<ConsumerRecord<byte[], byte[]>> all() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    return until(
        ignored ->
            ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue()));
  }

  /** {@linkplain #hash Hash} of every snapshot that a job published, in order, by model. */
  static Map<String, List<String>> snapshots(KafkaConnection connection, JobConfiguration job) {
    try (Published topic = new Published(connection, job.output().snapshots())) {
      return topic.all().stream()
          .collect(
              Collectors.groupingBy(
                  Published::key,
                  TreeMap::new,
                  Collectors.mapping(r -> hash(r.value()), Collectors.toList())));
    }
  }

  /** SHA-256 of an ONNX model without the source offsets, which only the topic knows. */
  static String hash(byte[] onnx) {
    try {
      ModelProto.Builder model = ModelProto.parseFrom(onnx).toBuilder();
      for (int i = model.getMetadataPropsCount() - 1; i >= 0; i--) {
        if (model.getMetadataProps(i).getKey().equals(Provenance.OFFSETS)) {
          model.removeMetadataProps(i);
        }
      }
      return Provenance.sha256(model.build().toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("this is no ONNX model", e);
    }
  }

  static String key(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
