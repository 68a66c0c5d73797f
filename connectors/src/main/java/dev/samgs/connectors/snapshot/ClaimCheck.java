package dev.samgs.connectors.snapshot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.samgs.snapshot.Provenance;
import dev.samgs.snapshot.SnapshotFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Stands in a record for a model that is above the broker's limit: {@code
 * {"uri":"s3://…","sha256":"…","bytes":…}}, UTF-8 JSON.
 *
 * @param uri where the ONNX model lies
 * @param sha256 of the model, lower-case hexadecimal; the same as in the record's headers
 * @param bytes length of the model
 */
public record ClaimCheck(String uri, String sha256, long bytes) {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** The claim check of a model that lies at {@code uri}. */
  public static ClaimCheck of(String uri, byte[] onnx) {
    return new ClaimCheck(uri, Provenance.sha256(onnx), onnx.length);
  }

  /** As UTF-8 JSON. */
  public byte[] toJson() {
    try {
      return MAPPER.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("a claim check could not be written as JSON", e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote, in this or a later version.
   *
   * @throws SnapshotFormatException if it is something else
   */
  public static ClaimCheck fromJson(byte[] json) throws SnapshotFormatException {
    try {
      ClaimCheck read = MAPPER.readValue(json, ClaimCheck.class);
      if (read == null || read.uri == null || read.sha256 == null || read.bytes < 0) {
        throw new SnapshotFormatException("the claim check lacks uri, sha256 or bytes");
      }
      return read;
    } catch (SnapshotFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new SnapshotFormatException("the value is no claim check", e);
    }
  }

  /**
   * Compares what was fetched with what was promised.
   *
   * @throws SnapshotFormatException if it is something else
   */
  public void check(byte[] onnx) throws SnapshotFormatException {
    if (onnx.length != bytes) {
      throw new SnapshotFormatException(
          uri + " holds " + onnx.length + " bytes, but should hold " + bytes);
    }
    String actual = Provenance.sha256(onnx);
    if (!actual.equals(sha256)) {
      throw new SnapshotFormatException(
          uri + " has the SHA-256 " + actual + ", but should have " + sha256);
    }
  }
}
