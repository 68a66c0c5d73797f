package dev.samgs.connectors.snapshot;

import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.SnapshotVerifier.RefusedSnapshotException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What the snapshot topic holds: every committed record that compaction has left, once. */
public final class SnapshotHistory {
  /**
   * A record of the topic.
   *
   * @param model the record's key; empty if it has none
   * @param snapshot null if the record cannot be read, or removes the model
   * @param problem why a follower would refuse it, a sentence; null if it would not
   * @param published when it was written, milliseconds since 1970
   */
  public record Entry(
      String model,
      SnapshotRecord snapshot,
      String problem,
      int partition,
      long offset,
      long published) {

    /** Whether the record removes the model. */
    public boolean removal() {
      return snapshot == null && problem == null;
    }
  }

  private SnapshotHistory() {}

  /**
   * Reads the headers, in the order of each partition; a model that lies in the store stays there,
   * and nothing is verified but that the record can be read.
   *
   * @throws KafkaAccessException if Kafka cannot be reached or stops answering
   */
  public static void read(KafkaConnection connection, String topic, Consumer<Entry> reader) {
    CompactedTopic.read(
        connection, topic, record -> reader.accept(entry(record, SnapshotVerifier::read)));
  }

  /**
   * Verifies every record as a follower does that begins now: models in the store are fetched, and
   * stand in the entries.
   *
   * @param trusted keys of which one must have signed; empty if none need have
   * @throws KafkaAccessException if Kafka cannot be reached or stops answering
   */
  public static void verify(
      KafkaConnection connection,
      String topic,
      List<PublicKey> trusted,
      ClaimChecks claimChecks,
      Consumer<Entry> reader) {
    SnapshotVerifier verifier = new SnapshotVerifier(trusted, claimChecks);
    CompactedTopic.read(
        connection,
        topic,
        record -> {
          Entry entry = entry(record, verifier::verify);
          if (entry.snapshot() != null) {
            verifier.taken(entry.snapshot());
          } else if (entry.removal()) {
            verifier.removed(entry.model());
          }
          reader.accept(entry);
        });
  }

  /** How a record that has a value is read. */
  private interface Reading {
    SnapshotRecord read(ConsumerRecord<byte[], byte[]> record) throws RefusedSnapshotException;
  }

  private static Entry entry(ConsumerRecord<byte[], byte[]> record, Reading reading) {
    SnapshotRecord snapshot = null;
    String problem = null;
    if (record.value() != null) {
      try {
        snapshot = reading.read(record);
      } catch (RefusedSnapshotException e) {
        problem = e.getMessage();
      }
    }
    return new Entry(
        record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8),
        snapshot,
        problem,
        record.partition(),
        record.offset(),
        record.timestamp());
  }
}
