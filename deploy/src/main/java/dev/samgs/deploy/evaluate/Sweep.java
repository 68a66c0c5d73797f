package dev.samgs.deploy.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings of which several values are tried, each value of one with each of the others.
 *
 * @param settings values in the order they were given, by the name of the setting
 */
public record Sweep(Map<String, List<String>> settings) {
  /**
   * Reads settings of the form {@code name=value,value}. A comma inside brackets separates nothing:
   * {@code trunk=[64,32],[128]} are two values.
   *
   * @throws IllegalArgumentException with a sentence if a word is not of that form
   */
  public static Sweep parse(List<String> words) {
    Map<String, List<String>> settings = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 1 || equals == word.length() - 1) {
        throw new IllegalArgumentException(
            "'" + word + "' is not of the form SETTING=VALUE,VALUE...");
      }
      String name = word.substring(0, equals);
      if (settings.put(name, values(word.substring(equals + 1))) != null) {
        throw new IllegalArgumentException("'" + name + "' is given twice");
      }
    }
    return new Sweep(settings);
  }

  private static List<String> values(String text) {
    List<String> values = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (c == ',' && depth == 0) {
        values.add(text.substring(from, i).strip());
        from = i + 1;
      }
    }
    values.add(text.substring(from).strip());
    return values;
  }

  /** How many combinations there are. */
  public long size() {
    return settings.values().stream().mapToLong(List::size).reduce(1, Math::multiplyExact);
  }

  /** Every combination, a value for each setting; the last setting changes fastest. */
  public List<Map<String, String>> combinations() {
    List<Map<String, String>> combinations = new ArrayList<>(List.of(Map.of()));
    settings.forEach(
        (name, values) -> {
          List<Map<String, String>> longer = new ArrayList<>();
          for (Map<String, String> combination : combinations) {
            for (String value : values) {
              Map<String, String> one = new LinkedHashMap<>(combination);
              one.put(name, value);
              longer.add(one);
            }
          }
          combinations.clear();
          combinations.addAll(longer);
        });
    return combinations;
  }

  /** A combination in words: {@code gamma=0.1 learning-rate=0.003}. */
  public static String name(Map<String, String> combination) {
    StringBuilder name = new StringBuilder();
    combination.forEach(
        (setting, value) ->
            name.append(name.isEmpty() ? "" : " ").append(setting).append('=').append(value));
    return name.toString();
  }
}
