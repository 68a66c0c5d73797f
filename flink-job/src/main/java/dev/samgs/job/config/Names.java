package dev.samgs.job.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** How names of the code are written in configuration, and which one a misspelt name meant. */
final class Names {
  private Names() {}

  /** {@code learningRate} as {@code learning-rate}. */
  static String kebab(String component) {
    StringBuilder text = new StringBuilder();
    for (char c : component.toCharArray()) {
      if (Character.isUpperCase(c)) {
        text.append('-').append(Character.toLowerCase(c));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  /** {@code ANY_PAIR} as {@code any-pair}. */
  static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The valid name that is so like the given one that it was probably meant. */
  static Optional<String> nearest(String name, Collection<String> valid) {
    String written = name.toLowerCase(Locale.ROOT).replace('_', '-');
    int tolerated = Math.max(2, written.length() / 3);
    return valid.stream()
        .filter(v -> distance(written, v) <= Math.min(tolerated, v.length() - 1))
        .min(Comparator.comparingInt(v -> distance(written, v)));
  }

  /** "; did you mean …?", or nothing. */
  static String suggestion(String name, Collection<String> valid) {
    return nearest(name, valid).map(n -> "; did you mean '" + n + "'?").orElse("");
  }

  /** Edits (insert, remove, replace, swap neighbours) that turn one text into the other. */
  private static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int replaced = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        edits[i][j] = Math.min(replaced, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
      }
    }
    return edits[a.length()][b.length()];
  }
}
