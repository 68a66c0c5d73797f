package dev.samgs.connectors.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.Refusal;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Records at and around the limit of a topic, as the broker takes them. */
class DeadLetterRecordsIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();

  private static final int LIMIT = 100_000;

  private static ConsumerRecord<byte[], byte[]> sendAndRead(
      String topic, byte[] key, byte[] value, List<Refusal> refusals) throws Exception {
    Topics.prepare(
        BROKER.connection(),
        List.of(TopicPlan.deadLetters(topic, 1, 1, Duration.ofDays(1), LIMIT)));
    DeadLetter letter =
        new DeadLetter(new SourceRecord("events", 3, 17, 1234, key, value), refusals, true);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            BROKER.connection().with(Map.of("acks", "all", "max.request.size", LIMIT)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(DeadLetterRecords.toProducerRecord(topic, letter, LIMIT)).get();
    }
    return TopicReader.committed(BROKER.connection(), topic).get(0);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return record.headers().lastHeader(name) == null
        ? null
        : new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private static Refusal refusal(String sentence) {
    return new Refusal(RefusalReason.BAD_LABEL, "labels.x", sentence);
  }

  @Test
  void carriesTheOriginalBytesAndTheirOrigin() throws Exception {
    byte[] key = random(20);
    byte[] value = random(5000);
    ConsumerRecord<byte[], byte[]> record =
        sendAndRead("plain", key, value, List.of(refusal("first"), refusal("zweite, süß")));
    assertThat(record.key()).isEqualTo(key);
    assertThat(record.value()).isEqualTo(value);
    assertThat(header(record, "samgs.topic")).isEqualTo("events");
    assertThat(header(record, "samgs.partition")).isEqualTo("3");
    assertThat(header(record, "samgs.offset")).isEqualTo("17");
    assertThat(header(record, "samgs.timestamp")).isEqualTo("1234");
    assertThat(header(record, "samgs.reason")).isEqualTo("bad-label");
    assertThat(header(record, "samgs.detail")).isEqualTo("first; zweite, süß");
    assertThat(header(record, "samgs.partly")).isEqualTo("true");
    assertThat(header(record, "samgs.value.length")).isNull();
  }

  @Test
  void aRecordWithoutKeyAndValueStaysSo() throws Exception {
    ConsumerRecord<byte[], byte[]> record =
        sendAndRead("nothing", null, null, List.of(refusal("empty")));
    assertThat(record.key()).isNull();
    assertThat(record.value()).isNull();
  }

  @Test
  void aValueAboveTheLimitIsCutToItsFirstPartWithLengthAndHash() throws Exception {
    byte[] value = random(5 * LIMIT);
    ConsumerRecord<byte[], byte[]> record =
        sendAndRead("cut", random(20), value, List.of(refusal("too large")));
    assertThat(record.value().length).isGreaterThan(LIMIT - 2000);
    assertThat(record.value()).isEqualTo(Arrays.copyOf(value, record.value().length));
    assertThat(header(record, "samgs.value.length")).isEqualTo(Integer.toString(value.length));
    assertThat(header(record, "samgs.value.sha256"))
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(value)));
  }

  @Test
  void aKeyAboveTheLimitIsCutToo() throws Exception {
    ConsumerRecord<byte[], byte[]> record =
        sendAndRead("long-key", random(2 * LIMIT), random(10), List.of(refusal("too large")));
    assertThat(record.value()).isEmpty();
    assertThat(header(record, "samgs.key.length")).isEqualTo(Integer.toString(2 * LIMIT));
    assertThat(header(record, "samgs.value.length")).isEqualTo("10");
  }

  @Test
  void everyLengthAroundTheLimitIsTaken() throws Exception {
    Topics.prepare(
        BROKER.connection(),
        List.of(TopicPlan.deadLetters("edge", 1, 1, Duration.ofDays(1), LIMIT)));
    String detail = "d".repeat(5000);
    int whole = 0;
    int cut = 0;
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            // One record to a batch, as it is when a topic's limit is tight.
            BROKER.connection().with(Map.of("batch.size", 0, "max.request.size", LIMIT)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int length = LIMIT - 2600; length < LIMIT + 10; length += 7) {
        SourceRecord source = new SourceRecord("events", 0, length, 0, null, random(length));
        var record =
            DeadLetterRecords.toProducerRecord(
                "edge", new DeadLetter(source, List.of(refusal(detail)), false), LIMIT);
        sent.add(producer.send(record));
        if (record.value().length == length) {
          whole++;
        } else {
          cut++;
        }
      }
      for (Future<RecordMetadata> confirmation : sent) {
        confirmation.get();
      }
    }
    assertThat(whole).isPositive();
    assertThat(cut).isPositive();
  }
}
