package dev.samgs.connectors.snapshot;

import dev.samgs.snapshot.Provenance;

/**
 * Names of the headers of a snapshot record; values are UTF-8 text. They are the pairs of {@link
 * Provenance}, which stand in the model's own metadata too, and what only the record says.
 */
public final class SnapshotHeaders {
  /**
   * Version of the record's and the model's form, a decimal number; {@value #FIRST_FORMAT} in
   * records of format 1.
   */
  public static final String FORMAT = Provenance.FORMAT;

  /** The model's name, which is also the record's key. */
  public static final String MODEL = Provenance.MODEL;

  /** Version, a decimal number that only grows. */
  public static final String VERSION = Provenance.VERSION;

  /** Optimiser steps behind the snapshot. */
  public static final String UPDATE = Provenance.UPDATE;

  /** Event-time watermark: largest event time learned, milliseconds since 1970. */
  public static final String WATERMARK = Provenance.WATERMARK;

  /** SHA-256 of the specification's structure, hexadecimal: changes when inputs or outputs do. */
  public static final String STRUCTURE = Provenance.STRUCTURE;

  /** Prequential scores, JSON, see {@link Provenance#SCORES}. */
  public static final String SCORES = Provenance.SCORES;

  /** Version that this one follows, decimal; absent for a first version. */
  public static final String PARENT = Provenance.PARENT;

  /** Source offsets, JSON, see {@link Provenance#OFFSETS}. */
  public static final String OFFSETS = Provenance.OFFSETS;

  /** What the gate said, JSON, see {@link Provenance#GATE}. */
  public static final String GATE = Provenance.GATE;

  /** Version of the library that wrote the snapshot. */
  public static final String LIBRARY = Provenance.LIBRARY;

  /** SHA-256 of the ONNX model, hexadecimal, also where the value is a claim check for it. */
  public static final String SHA256 = Provenance.SHA256;

  /** Ed25519 signature of the other headers, Base64; absent where no key is configured. */
  public static final String SIGNATURE = Provenance.SIGNATURE;

  /** What the value is: {@value #ONNX} or {@value #CLAIM_CHECK}; absent in format 1: ONNX. */
  public static final String CONTENT = "samgs.content";

  /** The value is the model. */
  public static final String ONNX = "onnx";

  /** The value is a {@link ClaimCheck}, JSON. */
  public static final String CLAIM_CHECK = "claim-check";

  /** What stood in {@link #FORMAT} in records of format 1. */
  public static final String FIRST_FORMAT = "onnx";

  private SnapshotHeaders() {}
}
