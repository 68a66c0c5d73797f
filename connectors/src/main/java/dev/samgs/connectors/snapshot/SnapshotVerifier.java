package dev.samgs.connectors.snapshot;

import dev.samgs.snapshot.Provenance;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Turns records of the snapshot topic into snapshots that can be trusted, or says why not. */
final class SnapshotVerifier {
  private static final String NEWEST_FORMAT = Integer.toString(Provenance.FORMAT_VERSION);

  private final Map<String, Long> newest = new HashMap<>();

  /**
   * The snapshot of a record.
   *
   * @throws RefusedSnapshotException if it is damaged, or not newer than the last one {@linkplain
   *     #taken taken}
   */
  SnapshotRecord verify(ConsumerRecord<byte[], byte[]> record) throws RefusedSnapshotException {
    if (record.value() == null) {
      throw new RefusedSnapshotException(SnapshotRefusal.EMPTY, record, "it has no value");
    }
    Map<String, String> headers = headers(record);
    String model = required(record, headers, SnapshotHeaders.MODEL);
    if (record.key() == null || !model.equals(new String(record.key(), StandardCharsets.UTF_8))) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.BAD_HEADERS, record, "its key is not the model's name, " + model);
    }
    String format = required(record, headers, SnapshotHeaders.FORMAT);
    if (!format.equals(SnapshotHeaders.FIRST_FORMAT) && !format.equals(NEWEST_FORMAT)) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.UNKNOWN_FORMAT,
          record,
          "its format is " + format + ", but this version reads 1 to " + NEWEST_FORMAT);
    }
    long version = version(record, required(record, headers, SnapshotHeaders.VERSION));
    String expected = required(record, headers, SnapshotHeaders.SHA256);
    String actual = Provenance.sha256(record.value());
    if (!actual.equals(expected)) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.WRONG_HASH,
          record,
          "its SHA-256 is " + actual + ", but should be " + expected);
    }
    Long before = newest.get(model);
    if (before != null && version <= before) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.NOT_NEWER,
          record,
          "version " + version + " of " + model + " is not above " + before);
    }
    return new SnapshotRecord(model, version, record.value(), headers);
  }

  /** Later versions of the model must be above this one. */
  void taken(SnapshotRecord snapshot) {
    newest.put(snapshot.model(), snapshot.version());
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : record.headers()) {
      if (header.value() != null) {
        headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
      }
    }
    return headers;
  }

  private static String required(
      ConsumerRecord<byte[], byte[]> record, Map<String, String> headers, String name)
      throws RefusedSnapshotException {
    String value = headers.get(name);
    if (value == null) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.BAD_HEADERS, record, "it has no header " + name);
    }
    return value;
  }

  private static long version(ConsumerRecord<byte[], byte[]> record, String text)
      throws RefusedSnapshotException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.BAD_HEADERS, record, "its version '" + text + "' is not a number");
    }
  }

  /** A record that must not become the model that predicts. */
  static final class RefusedSnapshotException extends Exception {
    private static final long serialVersionUID = 1L;

    private final SnapshotRefusal reason;

    RefusedSnapshotException(
        SnapshotRefusal reason, ConsumerRecord<byte[], byte[]> record, String problem) {
      super(
          "the snapshot record at offset "
              + record.offset()
              + " of "
              + record.topic()
              + "-"
              + record.partition()
              + " was refused: "
              + problem);
      this.reason = reason;
    }

    SnapshotRefusal reason() {
      return reason;
    }
  }
}
