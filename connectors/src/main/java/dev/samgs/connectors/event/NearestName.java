package dev.samgs.connectors.event;

/** Finds the valid name that somebody who misspelt one may have meant. */
public final class NearestName {
  private NearestName() {}

  /**
   * The name with the smallest edit distance, letters compared without regard to case; the first of
   * equals; null if there is none at all.
   */
  public static String to(String given, Iterable<String> valid) {
    String nearest = null;
    int smallest = Integer.MAX_VALUE;
    for (String name : valid) {
      int distance = distance(given, name, smallest);
      if (distance < smallest) {
        smallest = distance;
        nearest = name;
      }
    }
    return nearest;
  }

  /** Levenshtein distance; at least {@code limit} where the lengths alone make it so. */
  private static int distance(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) >= limit) {
      return limit;
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (same(a.charAt(i - 1), b.charAt(j - 1)) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  private static boolean same(char a, char b) {
    return Character.toLowerCase(a) == Character.toLowerCase(b);
  }
}
