package dev.samgs.job.pipeline;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A scrape in Prometheus' text format, taken apart. */
final class Samples {
  private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z0-9_:]+)(?:\\{(.*)\\})? ([^ ]+)");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\",?");

  /** Type of each name. */
  final Map<String, String> types = new HashMap<>();

  /** Names of all labels. */
  final Set<String> labelNames = new TreeSet<>();

  private final Map<String, Double> values = new HashMap<>();

  Samples(String scrape) {
    scrape.lines().forEach(this::read);
  }

  private void read(String line) {
    if (line.startsWith("# TYPE ")) {
      String[] words = line.split(" ");
      types.put(words[2], words[3]);
    }
    Matcher sample = SAMPLE.matcher(line);
    if (line.startsWith("#") || !sample.matches()) {
      return;
    }
    Map<String, String> labels = new HashMap<>();
    Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
    while (label.find()) {
      labels.put(label.group(1), label.group(2));
      labelNames.add(label.group(1));
    }
    values.merge(
        key(sample.group(1), labels.get("model"), labels.get("task")),
        Double.parseDouble(sample.group(3)),
        Double::sum);
  }

  private static String key(String name, String model, String task) {
    return name + " " + model + " " + task;
  }

  /** A sample, or the sum of those that differ in other labels only; null: without that label. */
  double value(String name, String model, String task) {
    Double value = values.get(key(name, model, task));
    if (value == null) {
      throw new IllegalArgumentException("there is no " + name + " of " + model + ", " + task);
    }
    return value;
  }
}
