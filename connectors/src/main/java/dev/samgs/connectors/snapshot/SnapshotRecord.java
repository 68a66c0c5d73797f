package dev.samgs.connectors.snapshot;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.snapshot.ModelSnapshot;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One version of a model as it travels.
 *
 * @param onnx the model; not copied, must not be changed
 * @param headers all headers of {@link SnapshotHeaders}, model and version included, in
 *     alphabetical order
 */
public record SnapshotRecord(String model, long version, byte[] onnx, Map<String, String> headers) {

  public SnapshotRecord {
    headers = Collections.unmodifiableMap(new TreeMap<>(headers));
  }

  /**
   * The record of a snapshot.
   *
   * @param onnx the snapshot as an ONNX model; not copied
   */
  public static SnapshotRecord of(String model, ModelSnapshot snapshot, byte[] onnx) {
    return new SnapshotRecord(
        model,
        snapshot.version(),
        onnx,
        Map.of(
            SnapshotHeaders.FORMAT,
            SnapshotHeaders.ONNX,
            SnapshotHeaders.MODEL,
            model,
            SnapshotHeaders.VERSION,
            Long.toString(snapshot.version()),
            SnapshotHeaders.UPDATE,
            Long.toString(snapshot.update()),
            SnapshotHeaders.WATERMARK,
            Long.toString(snapshot.latestTimestamp()),
            SnapshotHeaders.STRUCTURE,
            sha256(snapshot.spec().structure().getBytes(StandardCharsets.UTF_8)),
            SnapshotHeaders.SCORES,
            scores(snapshot),
            SnapshotHeaders.SHA256,
            sha256(onnx)));
  }

  /** The same for Kafka: key = model, value = the ONNX model. */
  public ProducerRecord<byte[], byte[]> toProducerRecord(String topic) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, model.getBytes(StandardCharsets.UTF_8), onnx);
    headers.forEach(
        (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    return record;
  }

  private static String scores(ModelSnapshot snapshot) {
    ObjectNode tasks = JsonNodeFactory.instance.objectNode();
    for (ModelSnapshot.Score score : snapshot.scores()) {
      ObjectNode task = tasks.putObject(score.task());
      task.put("labels", score.labels());
      task.put("loss", finiteOrNull(score.loss()));
      task.put("baselineLoss", finiteOrNull(score.baselineLoss()));
    }
    return tasks.toString();
  }

  private static Double finiteOrNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
