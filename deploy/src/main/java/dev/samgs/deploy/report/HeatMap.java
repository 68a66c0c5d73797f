package dev.samgs.deploy.report;

import dev.samgs.deploy.terminal.Figures;
import java.util.List;
import java.util.Locale;

/** A matrix of values between −1 and 1 for every pair of names, as inline SVG. */
final class HeatMap {
  private static final int WIDTH = 420;
  private static final int LABEL_CHARACTERS = 18;
  private static final double CHARACTER = 8;

  /** Up to here the cells have room for their numbers. */
  private static final int NUMBERED = 9;

  /** A cell of full strength still lets the number in it be read. */
  private static final double STRONGEST = 0.8;

  /** The value of a pair; NaN where there is none. */
  interface Pairs {
    double value(int a, int b);
  }

  private HeatMap() {}

  /** Writes a figure. The diagonal is left empty. */
  static void write(Markup to, String title, String description, List<String> names, Pairs pairs) {
    int n = names.size();
    double label =
        CHARACTER
                * Math.min(
                    LABEL_CHARACTERS, names.stream().mapToInt(String::length).max().orElse(1))
            + 10;
    double cell = Math.min(46, (WIDTH - label) / n);
    double height = n * cell + 24;
    to.open("figure", "class", "chart");
    to.element("figcaption", title);
    to.open(
        "svg",
        "viewBox",
        "0 0 " + WIDTH + " " + number(height),
        "role",
        "img",
        "tabindex",
        "0",
        "class",
        "heat");
    to.element("title", title);
    to.element("desc", description + " " + inWords(names, pairs));
    for (int a = 0; a < n; a++) {
      double middle = (a + 0.5) * cell;
      to.element(
          "text",
          shortened(names.get(a)),
          "x",
          number(label - 6),
          "y",
          number(middle),
          "dy",
          "0.35em",
          "class",
          "end");
      // As much of the name as a column has room for.
      to.open("text", "x", number(label + middle), "y", number(n * cell + 16), "class", "middle");
      to.element("title", names.get(a));
      to.text(fitting(names.get(a), cell)).close();
      for (int b = 0; b < n; b++) {
        if (a != b) {
          cell(to, names, a, b, pairs.value(a, b), label, cell);
        }
      }
    }
    to.close();
    to.element("output", "", "class", "values");
    to.close();
  }

  private static void cell(
      Markup to, List<String> names, int a, int b, double value, double label, double cell) {
    String text = Double.isNaN(value) ? "never together" : Figures.figure(value);
    to.open("g", "data-value", names.get(a) + " and " + names.get(b) + ": " + text);
    to.open(
        "rect",
        "x",
        number(label + b * cell + 1),
        "y",
        number(a * cell + 1),
        "width",
        number(cell - 2),
        "height",
        number(cell - 2),
        "rx",
        "3",
        "class",
        Double.isNaN(value) ? "none" : value < 0 ? "against" : "along",
        "fill-opacity",
        Double.isNaN(value) ? null : number(STRONGEST * Math.min(1, Math.abs(value))));
    to.element("title", names.get(a) + " and " + names.get(b) + ": " + text).close();
    if (names.size() <= NUMBERED && !Double.isNaN(value)) {
      to.element(
          "text",
          String.format(Locale.ROOT, "%.2f", value),
          "x",
          number(label + (b + 0.5) * cell),
          "y",
          number((a + 0.5) * cell),
          "dy",
          "0.35em",
          "class",
          "middle");
    }
    to.close();
  }

  private static String inWords(List<String> names, Pairs pairs) {
    StringBuilder words = new StringBuilder();
    for (int a = 0; a < Math.min(names.size(), NUMBERED); a++) {
      for (int b = 0; b < a; b++) {
        double value = pairs.value(a, b);
        if (!Double.isNaN(value)) {
          words
              .append(words.isEmpty() ? "" : "; ")
              .append(names.get(b))
              .append(" and ")
              .append(names.get(a))
              .append(' ')
              .append(Figures.figure(value));
        }
      }
    }
    return words.append('.').toString();
  }

  private static String shortened(String name) {
    return name.length() <= LABEL_CHARACTERS ? name : name.substring(0, LABEL_CHARACTERS - 1) + "…";
  }

  private static String fitting(String name, double cell) {
    int room = Math.max(1, (int) (cell / CHARACTER));
    return name.length() <= room ? name : name.substring(0, Math.max(1, room - 1)) + "…";
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
