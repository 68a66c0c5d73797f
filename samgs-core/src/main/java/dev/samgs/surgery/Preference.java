package dev.samgs.surgery;

import dev.samgs.spec.InvalidSettingException;
import java.util.List;

/** How much each task is to count, where the user says so. */
final class Preference {
  private final List<Double> given;

  /**
   * @param given one positive number per task, or empty
   */
  Preference(List<Double> given, int tasks) {
    if (!given.isEmpty() && given.size() != tasks) {
      throw new InvalidSettingException(
          "preference",
          "expected " + tasks + " preferences, one for each task, but found " + given.size());
    }
    for (double preference : given) {
      if (!(preference > 0 && preference < Double.POSITIVE_INFINITY)) {
        throw new InvalidSettingException(
            "preference", "a preference must be a positive number, but one is " + preference);
      }
    }
    this.given = List.copyOf(given);
  }

  /** The preference of a task, or {@code otherwise} where none were given. */
  double of(int task, double otherwise) {
    return given.isEmpty() ? otherwise : given.get(task);
  }
}
