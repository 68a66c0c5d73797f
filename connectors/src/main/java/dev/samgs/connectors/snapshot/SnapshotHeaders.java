package dev.samgs.connectors.snapshot;

/** Names of the headers of a snapshot record; values are UTF-8 text. */
public final class SnapshotHeaders {
  /** What the value is: {@value #ONNX}. */
  public static final String FORMAT = "samgs.format";

  /** The model's name, which is also the record's key. */
  public static final String MODEL = "samgs.model";

  /** Version, a decimal number that only grows. */
  public static final String VERSION = "samgs.version";

  /** Optimiser steps behind the snapshot. */
  public static final String UPDATE = "samgs.update";

  /** Event-time watermark: largest event time learned, milliseconds since 1970. */
  public static final String WATERMARK = "samgs.watermark";

  /** SHA-256 of the specification's structure, hexadecimal: changes when inputs or outputs do. */
  public static final String STRUCTURE = "samgs.structure";

  /**
   * Prequential scores, JSON: {@code {"task":{"labels":…,"loss":…|null,"baselineLoss":…|null}}}.
   */
  public static final String SCORES = "samgs.scores";

  /** SHA-256 of the value, hexadecimal. */
  public static final String SHA256 = "samgs.sha256";

  /** The only format so far. */
  public static final String ONNX = "onnx";

  private SnapshotHeaders() {}
}
