package dev.samgs.spec;

/**
 * What the learner does when a task begins to drift. It happens once for a drift: further alarms
 * begin nothing until the task has been stable again, that is, until half of the rise of its error
 * is gone or 2048 labels have passed.
 */
public enum Reaction {
  /** Goes on as before. */
  NONE,
  /** Steps three times as far, on the shared layers and the task's own, while the task drifts. */
  BOOST_LEARNING_RATE,
  /** Forgets the moments of optimiser and surgery. */
  RESET_MOMENTUM,
  /**
   * Lets the running scales of all features and of the task's label count their past as 64 rows, so
   * that they follow the new level.
   */
  FORGET_SCALING,
  /** Draws replay rows from those since the change only. */
  REPLAY_RECENT
}
