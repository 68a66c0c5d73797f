package dev.samgs.predict;

import java.util.List;

/**
 * Predicts rows with one published model. Safe for use by several threads until it is closed.
 *
 * <p>{@link GraphScorer} does it in plain Java; another may hand the model to an ONNX runtime.
 */
public interface Scorer extends AutoCloseable {
  /**
   * An output of the model.
   *
   * @param name as in the ONNX graph
   * @param columns 1, or the number of classes
   */
  record Output(String name, int columns) {}

  /** How a model becomes a scorer. */
  @FunctionalInterface
  interface Loader {
    /**
     * Loads a model.
     *
     * @param onnx the bytes of an ONNX file; not kept, not changed
     * @throws IllegalArgumentException if it cannot be used; the message says why
     */
    Scorer load(byte[] onnx);
  }

  /** Number of the model's features. */
  int features();

  /** The outputs, in the order of the tasks. */
  List<Output> outputs();

  /** Columns of all outputs together. */
  int columns();

  /**
   * Predicts rows.
   *
   * @param features {@code rows × features}, row-major, raw as they stand in the events; NaN where
   *     one is missing
   * @param predictions takes {@code rows × columns}, row-major, the outputs one behind the other
   * @throws IllegalArgumentException if an array is too short
   */
  void score(double[] features, int rows, double[] predictions);

  @Override
  void close();

  /**
   * Refuses arrays that do not hold so many rows.
   *
   * @throws IllegalArgumentException if one is too short
   */
  static void checkLengths(Scorer scorer, double[] features, int rows, double[] predictions) {
    if (rows < 0
        || features.length / scorer.features() < rows
        || predictions.length / scorer.columns() < rows) {
      throw new IllegalArgumentException(
          rows
              + " rows of "
              + scorer.features()
              + " features and "
              + scorer.columns()
              + " predictions do not fit arrays of "
              + features.length
              + " and "
              + predictions.length);
    }
  }
}
