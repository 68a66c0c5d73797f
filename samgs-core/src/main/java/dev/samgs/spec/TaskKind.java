package dev.samgs.spec;

/** What a label is. */
public enum TaskKind {
  /** A real number in the label's own unit. */
  REGRESSION,
  /** 0 or 1. */
  BINARY,
  /** A class number 0 … classes − 1. */
  MULTICLASS
}
