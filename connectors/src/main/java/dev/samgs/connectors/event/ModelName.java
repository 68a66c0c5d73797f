package dev.samgs.connectors.event;

/** What a model may be called: it becomes a record key, a metric tag and part of file names. */
public final class ModelName {
  /** Longest permitted name. */
  public static final int MAX_LENGTH = 200;

  /** The rule in words, to follow "must be". */
  public static final String RULE =
      "1 to " + MAX_LENGTH + " letters, digits, dots, underscores or hyphens";

  private ModelName() {}

  /** Whether the name is 1 to {@value #MAX_LENGTH} of the characters A–Z a–z 0–9 . _ and -. */
  public static boolean valid(CharSequence name) {
    int length = name.length();
    if (length == 0 || length > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      boolean permitted =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == '-';
      if (!permitted) {
        return false;
      }
    }
    return true;
  }
}
