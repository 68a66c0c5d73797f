package dev.samgs.deploy.doctor;

/**
 * Something that was looked at.
 *
 * @param sentence what was found, and, if it is not good, what to do
 */
public record Finding(Level level, String area, String sentence) {
  /** How it stands. */
  public enum Level {
    GOOD,
    /** It works, but not as it should. */
    WARNING,
    /** Something will fail. */
    BAD
  }

  static Finding good(String area, String sentence) {
    return new Finding(Level.GOOD, area, sentence);
  }

  static Finding warning(String area, String sentence) {
    return new Finding(Level.WARNING, area, sentence);
  }

  static Finding bad(String area, String sentence) {
    return new Finding(Level.BAD, area, sentence);
  }
}
