package dev.samgs.snapshot;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a snapshot comes from, as text: the same pairs stand in the metadata of the ONNX model and
 * in the headers of the record that carries it.
 */
public final class Provenance {
  /** Version of the pairs below and of the graph's inputs and outputs. */
  public static final String FORMAT = "samgs.format";

  /** Model key. */
  public static final String MODEL = "samgs.model";

  /** Version of the snapshot, a decimal int64. */
  public static final String VERSION = "samgs.version";

  /** Optimiser steps applied, decimal. */
  public static final String UPDATE = "samgs.update";

  /**
   * Event-time watermark: largest timestamp learned or predicted, decimal milliseconds since 1970;
   * left out before the first row.
   */
  public static final String WATERMARK = "samgs.watermark";

  /** SHA-256 of {@link dev.samgs.spec.ModelSpec#structure()} in UTF-8, lower-case hexadecimal. */
  public static final String STRUCTURE = "samgs.structure";

  /**
   * Prequential scores, a JSON object: {@code {"<task>":{"labels":…,"loss":…,"baselineLoss":…}}},
   * with null for a figure over no labels.
   */
  public static final String SCORES = "samgs.scores";

  /** SHA-256 of the encoded model, lower-case hexadecimal; in headers only. */
  public static final String SHA256 = "samgs.sha256";

  private static final String FORMAT_VERSION = "1";

  private Provenance() {}

  /** The pairs of a snapshot except its checksum, in a fixed order. */
  public static Map<String, String> of(String model, ModelSnapshot snapshot) {
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put(FORMAT, FORMAT_VERSION);
    pairs.put(MODEL, model);
    pairs.put(VERSION, Long.toString(snapshot.version()));
    pairs.put(UPDATE, Long.toString(snapshot.update()));
    if (snapshot.latestTimestamp() != Long.MIN_VALUE) {
      pairs.put(WATERMARK, Long.toString(snapshot.latestTimestamp()));
    }
    pairs.put(STRUCTURE, structure(snapshot));
    pairs.put(SCORES, scores(snapshot));
    return Collections.unmodifiableMap(pairs);
  }

  /** SHA-256 in lower-case hexadecimal. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String structure(ModelSnapshot snapshot) {
    return sha256(snapshot.spec().structure().getBytes(StandardCharsets.UTF_8));
  }

  private static String scores(ModelSnapshot snapshot) {
    JsonText json = new JsonText();
    json.beginObject();
    for (ModelSnapshot.Score score : snapshot.scores()) {
      json.name(score.task()).beginObject();
      json.name("labels").value(score.labels());
      json.name("loss").value(score.loss());
      json.name("baselineLoss").value(score.baselineLoss());
      json.endObject();
    }
    return json.endObject().toString();
  }
}
