package dev.samgs.spec;

/** Training loss of a task. */
public enum LossKind {
  /** Follows the kind of the task: squared error, or cross-entropy. */
  AUTO,
  /** (prediction − label)², regression only; both standardised when the task standardises. */
  SQUARED,
  /** Quadratic up to {@code huberDelta}, linear beyond, regression only. */
  HUBER,
  /** Binary or softmax cross-entropy, classification only. */
  CROSS_ENTROPY
}
