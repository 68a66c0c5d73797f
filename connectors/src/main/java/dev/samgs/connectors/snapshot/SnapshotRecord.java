package dev.samgs.connectors.snapshot;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.Provenance;
import dev.samgs.snapshot.SnapshotFormatException;
import dev.samgs.snapshot.SnapshotSignature;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One version of a model as it travels.
 *
 * @param value the ONNX model, or a claim check for it; null where the model is withdrawn; not
 *     copied, must not be changed
 * @param headers all headers of {@link SnapshotHeaders}, model and version included, in
 *     alphabetical order
 */
public record SnapshotRecord(
    String model, long version, byte[] value, Map<String, String> headers) {

  public SnapshotRecord {
    headers = Collections.unmodifiableMap(new TreeMap<>(headers));
  }

  /**
   * The record of a snapshot.
   *
   * @param onnx the snapshot as an ONNX model; not copied
   */
  public static SnapshotRecord of(String model, ModelSnapshot snapshot, byte[] onnx) {
    Map<String, String> headers = new TreeMap<>(Provenance.of(model, snapshot));
    headers.put(SnapshotHeaders.SHA256, Provenance.sha256(onnx));
    headers.put(SnapshotHeaders.CONTENT, SnapshotHeaders.ONNX);
    return new SnapshotRecord(model, snapshot.version(), onnx, headers);
  }

  /**
   * The record that withdraws a model: without a value, so that compaction removes all before it.
   *
   * @param version the model's last version
   */
  public static SnapshotRecord removal(String model, long version) {
    return new SnapshotRecord(
        model,
        version,
        null,
        Map.of(SnapshotHeaders.MODEL, model, SnapshotHeaders.VERSION, Long.toString(version)));
  }

  /** The same with the model in the store, at that place, and a claim check for it here. */
  public SnapshotRecord stored(String uri) {
    Map<String, String> claimed = new TreeMap<>(headers);
    claimed.put(SnapshotHeaders.CONTENT, SnapshotHeaders.CLAIM_CHECK);
    return new SnapshotRecord(model, version, ClaimCheck.of(uri, onnx()).toJson(), claimed);
  }

  /** The same with the model itself, fetched from where the claim check says. */
  public SnapshotRecord fetched(byte[] onnx) {
    return new SnapshotRecord(model, version, onnx, headers);
  }

  /** The same, signed; to be called last, for the signature covers all headers. */
  public SnapshotRecord signed(PrivateKey key) {
    Map<String, String> with = new TreeMap<>(headers);
    with.put(SnapshotHeaders.SIGNATURE, SnapshotSignature.sign(key, headers));
    return new SnapshotRecord(model, version, value, with);
  }

  /** Whether the value is a claim check, and the model lies in the store. */
  public boolean isClaimCheck() {
    return SnapshotHeaders.CLAIM_CHECK.equals(headers.get(SnapshotHeaders.CONTENT));
  }

  /**
   * The claim check of a record that {@linkplain #isClaimCheck has one}.
   *
   * @throws SnapshotFormatException if it is damaged, or for another model than the headers say
   */
  public ClaimCheck claimCheck() throws SnapshotFormatException {
    ClaimCheck claim = ClaimCheck.fromJson(value);
    if (!claim.sha256().equals(headers.get(SnapshotHeaders.SHA256))) {
      throw new SnapshotFormatException("the claim check is for another model than the headers");
    }
    return claim;
  }

  /** The model; of a record with a claim check only after it was {@linkplain #fetched fetched}. */
  public byte[] onnx() {
    return value;
  }

  /**
   * The headers and the model's length as a JSON object, for a manifest beside the model.
   *
   * @param bytes length of the model
   */
  public byte[] manifest(long bytes) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    headers.forEach(json::put);
    json.put("bytes", bytes);
    return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** The headers and a reason as a JSON object, for an explanation beside a withheld model. */
  public String explanation(String reason) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("reason", reason);
    headers.forEach(json::put);
    return json.toPrettyString() + "\n";
  }

  /** The same for Kafka: key = model. */
  public ProducerRecord<byte[], byte[]> toProducerRecord(String topic) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, model.getBytes(StandardCharsets.UTF_8), value);
    headers.forEach(
        (name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    return record;
  }
}
