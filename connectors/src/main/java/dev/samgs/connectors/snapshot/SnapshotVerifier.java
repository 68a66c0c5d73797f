package dev.samgs.connectors.snapshot;

import dev.samgs.snapshot.Provenance;
import dev.samgs.snapshot.SnapshotFormatException;
import dev.samgs.snapshot.SnapshotSignature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Turns records of the snapshot topic into snapshots that can be trusted, or says why not. */
final class SnapshotVerifier {
  private final List<PublicKey> trusted;
  private final ClaimChecks claimChecks;
  private final Map<String, Long> newest = new HashMap<>();

  /**
   * @param trusted keys of which one must have signed; empty if none need have
   */
  SnapshotVerifier(List<PublicKey> trusted, ClaimChecks claimChecks) {
    this.trusted = trusted;
    this.claimChecks = claimChecks;
  }

  /**
   * The snapshot of a record that has a value, with the model in it.
   *
   * @throws RefusedSnapshotException if it is damaged, not signed as it should be, or not newer
   *     than the last one {@linkplain #taken taken}
   */
  SnapshotRecord verify(ConsumerRecord<byte[], byte[]> record) throws RefusedSnapshotException {
    SnapshotRecord snapshot = read(record);
    Long before = newest.get(snapshot.model());
    if (before != null && snapshot.version() <= before) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.NOT_NEWER,
          record,
          "version " + snapshot.version() + " of " + snapshot.model() + " is not above " + before);
    }
    if (!trusted.isEmpty()
        && trusted.stream().noneMatch(key -> SnapshotSignature.verifies(key, snapshot.headers()))) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.BAD_SIGNATURE,
          record,
          snapshot.headers().containsKey(SnapshotHeaders.SIGNATURE)
              ? "no trusted key has signed what it says"
              : "it is not signed");
    }
    SnapshotRecord whole = snapshot.isClaimCheck() ? fetch(record, snapshot) : snapshot;
    String expected = required(record, whole.headers(), SnapshotHeaders.SHA256);
    String actual = Provenance.sha256(whole.onnx());
    if (!actual.equals(expected)) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.WRONG_HASH,
          record,
          "its SHA-256 is " + actual + ", but should be " + expected);
    }
    return whole;
  }

  /** Later versions of the model must be above this one. */
  void taken(SnapshotRecord snapshot) {
    newest.put(snapshot.model(), snapshot.version());
  }

  /** Any version of the model may come next. */
  void removed(String model) {
    newest.remove(model);
  }

  private SnapshotRecord fetch(ConsumerRecord<byte[], byte[]> record, SnapshotRecord snapshot)
      throws RefusedSnapshotException {
    ClaimCheck claim;
    try {
      claim = snapshot.claimCheck();
    } catch (SnapshotFormatException e) {
      throw new RefusedSnapshotException(SnapshotRefusal.BAD_HEADERS, record, e.getMessage());
    }
    try {
      return snapshot.fetched(claimChecks.fetch(claim));
    } catch (IOException e) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.NOT_FETCHED,
          record,
          "the model could not be fetched from " + claim.uri() + ": " + e.getMessage());
    }
  }

  /**
   * The snapshot as the record has it, the claim check not yet redeemed.
   *
   * @throws RefusedSnapshotException if a header is missing or makes no sense
   */
  static SnapshotRecord read(ConsumerRecord<byte[], byte[]> record)
      throws RefusedSnapshotException {
    Map<String, String> headers = headers(record);
    String model = required(record, headers, SnapshotHeaders.MODEL);
    if (record.key() == null || !model.equals(new String(record.key(), StandardCharsets.UTF_8))) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.BAD_HEADERS, record, "its key is not the model's name, " + model);
    }
    String format = required(record, headers, SnapshotHeaders.FORMAT);
    if (!format.equals(SnapshotHeaders.FIRST_FORMAT) && !known(format)) {
      throw new RefusedSnapshotException(
          SnapshotRefusal.UNKNOWN_FORMAT,
          record,
          "its format is " + format + ", but this version reads 1 to " + Provenance.FORMAT_VERSION);
    }
    long version = version(record, required(record, headers, SnapshotHeaders.VERSION));
    return new SnapshotRecord(model, version, record.value(), headers);
  }

  private static boolean known(String format) {
    try {
      int number = Integer.parseInt(format);
      return number >= 1 && number <= Provenance.FORMAT_VERSION;
    } catch (NumberFormatException e) {
      return false;
    }
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
