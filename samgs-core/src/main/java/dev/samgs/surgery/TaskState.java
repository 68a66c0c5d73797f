package dev.samgs.surgery;

import dev.samgs.state.StateFormatException;

/** Checks of saved state that holds a few numbers per task. */
final class TaskState {
  private TaskState() {}

  /** The array, if it is as long as it must be. */
  static double[] require(double[] saved, int length) throws StateFormatException {
    requireLength(saved.length, length);
    return saved;
  }

  static void requireLength(int saved, int length) throws StateFormatException {
    if (saved != length) {
      throw new StateFormatException(
          "the saved state of the surgery method holds "
              + saved
              + " numbers where this model needs "
              + length
              + "; it is of another model, or damaged");
    }
  }
}
