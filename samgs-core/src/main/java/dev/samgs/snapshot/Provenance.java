package dev.samgs.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

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

  /** Version of the library that wrote the snapshot. */
  public static final String LIBRARY = "samgs.library";

  /** Version that this one follows, see {@link Lineage#parent}; left out for a first version. */
  public static final String PARENT = "samgs.parent";

  /**
   * Source offsets, a JSON object: {@code {"<topic>":{"<partition>":…}}}: below the offset,
   * everything of this model was learned. Empty where nothing is known.
   */
  public static final String OFFSETS = "samgs.offsets";

  /**
   * What the gate said, a JSON object: {@code
   * {"verdict":"passed","tasks":{"<task>":{"labels":…,"candidate":…,"published":…}}}}, the figures
   * being mean losses on the same recent rows; see {@link Verdict} for the verdicts.
   */
  public static final String GATE = "samgs.gate";

  /** SHA-256 of the encoded model, lower-case hexadecimal; in headers only. */
  public static final String SHA256 = "samgs.sha256";

  /** Signature of the headers, Base64; in headers only, see {@link SnapshotSignature}. */
  public static final String SIGNATURE = "samgs.signature";

  /** The format that this version writes; it reads all from 1. */
  public static final int FORMAT_VERSION = 2;

  private static final String LIBRARY_VERSION = libraryVersion();

  private Provenance() {}

  /** The pairs of a snapshot except its checksum, in a fixed order. */
  public static Map<String, String> of(String model, ModelSnapshot snapshot) {
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put(FORMAT, Integer.toString(FORMAT_VERSION));
    pairs.put(MODEL, model);
    pairs.put(VERSION, Long.toString(snapshot.version()));
    pairs.put(UPDATE, Long.toString(snapshot.update()));
    if (snapshot.latestTimestamp() != Long.MIN_VALUE) {
      pairs.put(WATERMARK, Long.toString(snapshot.latestTimestamp()));
    }
    pairs.put(STRUCTURE, structure(snapshot));
    pairs.put(SCORES, scores(snapshot));
    Lineage lineage = snapshot.lineage();
    if (lineage.hasParent()) {
      pairs.put(PARENT, Long.toString(lineage.parent()));
    }
    pairs.put(OFFSETS, lineage.offsetsJson());
    pairs.put(GATE, lineage.gateJson());
    pairs.put(LIBRARY, LIBRARY_VERSION);
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

  /** Version of this library, as the build named it. */
  static String libraryVersion() {
    try (InputStream in = Provenance.class.getResourceAsStream("producer.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("the library's own version could not be read", e);
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
