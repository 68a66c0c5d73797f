package dev.samgs.connectors.kafka;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.Refusal;
import dev.samgs.connectors.event.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Dead letters as Kafka records: the original key and value, byte for byte, and headers that say
 * where they come from and what was wrong. What is too large for the dead-letter topic is cut to
 * its first part; full length and SHA-256 are then in headers.
 */
public final class DeadLetterRecords {
  /** Topic that the record came from. */
  public static final String TOPIC = "samgs.topic";

  /** Partition that the record came from, decimal. */
  public static final String PARTITION = "samgs.partition";

  /** Offset of the record, decimal. */
  public static final String OFFSET = "samgs.offset";

  /** The record's own timestamp, milliseconds since 1970, decimal. */
  public static final String TIMESTAMP = "samgs.timestamp";

  /** Code of the first refusal, see {@link dev.samgs.connectors.event.RefusalReason}. */
  public static final String REASON = "samgs.reason";

  /** What was wrong, in sentences: one for each refusal. */
  public static final String DETAIL = "samgs.detail";

  /** {@code true} if the rest of the event was used, else {@code false}. */
  public static final String PARTLY = "samgs.partly";

  /** Length of the original value in bytes; only there if the value was cut. */
  public static final String VALUE_LENGTH = "samgs.value.length";

  /** SHA-256 of the original value, hexadecimal; only there if the value was cut. */
  public static final String VALUE_SHA256 = "samgs.value.sha256";

  /** Length of the original key in bytes; only there if the key was cut. */
  public static final String KEY_LENGTH = "samgs.key.length";

  /** Longest detail, in characters. */
  private static final int MAX_DETAIL = 2000;

  /**
   * Upper bound of what a record batch adds to keys, values and headers (version 2: 61 + 5 · 6).
   */
  private static final int BATCH_OVERHEAD_BYTES = 128;

  /** Upper bound of the two lengths that go with each header. */
  private static final int HEADER_OVERHEAD_BYTES = 10;

  private DeadLetterRecords() {}

  /**
   * The record of a dead letter.
   *
   * @param maxRecordBytes the dead-letter topic's {@code max.message.bytes}
   */
  public static ProducerRecord<byte[], byte[]> toProducerRecord(
      String topic, DeadLetter letter, int maxRecordBytes) {
    SourceRecord source = letter.record();
    byte[] key = source.key();
    byte[] value = source.value();
    ProducerRecord<byte[], byte[]> whole = new ProducerRecord<>(topic, key, value);
    addOrigin(whole.headers(), letter);
    int room = maxRecordBytes - BATCH_OVERHEAD_BYTES - size(whole.headers());
    if (length(key) + (long) length(value) <= room) {
      return whole;
    }
    // Room for the headers that say what was cut.
    room -= 256;
    byte[] keptKey = first(key, Math.max(0, room));
    byte[] keptValue = first(value, Math.max(0, room - length(keptKey)));
    ProducerRecord<byte[], byte[]> cut = new ProducerRecord<>(topic, keptKey, keptValue);
    addOrigin(cut.headers(), letter);
    if (length(keptKey) < length(key)) {
      add(cut.headers(), KEY_LENGTH, Integer.toString(key.length));
    }
    if (length(keptValue) < length(value)) {
      add(cut.headers(), VALUE_LENGTH, Integer.toString(value.length));
      add(cut.headers(), VALUE_SHA256, sha256(value));
    }
    return cut;
  }

  private static void addOrigin(Headers headers, DeadLetter letter) {
    SourceRecord source = letter.record();
    add(headers, TOPIC, source.topic());
    add(headers, PARTITION, Integer.toString(source.partition()));
    add(headers, OFFSET, Long.toString(source.offset()));
    add(headers, TIMESTAMP, Long.toString(source.timestamp()));
    add(headers, REASON, letter.refusals().get(0).reason().code());
    add(headers, DETAIL, detail(letter));
    add(headers, PARTLY, Boolean.toString(letter.partly()));
  }

  private static String detail(DeadLetter letter) {
    String detail =
        letter.refusals().stream().map(Refusal::sentence).collect(Collectors.joining("; "));
    return detail.length() <= MAX_DETAIL ? detail : detail.substring(0, MAX_DETAIL - 1) + "…";
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static int size(Headers headers) {
    int size = 0;
    for (Header header : headers) {
      size += header.key().length() + header.value().length + HEADER_OVERHEAD_BYTES;
    }
    return size;
  }

  private static int length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private static byte[] first(byte[] bytes, int count) {
    return bytes == null || bytes.length <= count ? bytes : Arrays.copyOf(bytes, count);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
