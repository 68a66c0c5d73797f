package dev.samgs.deploy.report;

import dev.samgs.deploy.evaluate.Comparison;
import dev.samgs.deploy.evaluate.Sweep;
import dev.samgs.deploy.terminal.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a report shows of a sweep: how much each setting matters to each task, and all scores. */
final class SweepSection {
  private static final int WIDTH = 420;
  private static final int HEIGHT = 215;
  private static final int LEFT = 52;
  private static final int RIGHT = 12;
  private static final int TOP = 14;
  private static final int BOTTOM = 30;

  /** Lowest relative score that a drawing shows at least. */
  private static final double SHOWN = 0.9;

  private final Sweep sweep;
  private final List<Map<String, String>> combinations;
  private final Comparison comparison;

  /**
   * @param comparison of the sweep's combinations, in their order
   */
  SweepSection(Sweep sweep, Comparison comparison) {
    this.sweep = sweep;
    this.combinations = sweep.combinations();
    this.comparison = comparison;
  }

  void write(Markup to) {
    to.element("h3", "Sensitivity");
    to.element(
        "p",
        "Relative score: 1 for the best combination of a task, falling with the distance from it"
            + " (best error over own error, own accuracy over best accuracy); means over the other"
            + " settings.");
    to.open("div", "class", "charts");
    sweep.settings().forEach((setting, values) -> draw(to, setting, values));
    to.close();
    table(to);
    to.element(
        "p",
        "What follows is "
            + comparison.best().method()
            + ", the combination with the best mean rank, which is known in hindsight only.",
        "class",
        "chosen");
  }

  private void draw(Markup to, String setting, List<String> values) {
    List<String> names = new ArrayList<>(List.of("all tasks"));
    names.addAll(comparison.tasks());
    double[][] scores = new double[names.size()][values.size()];
    double low = SHOWN;
    for (int v = 0; v < values.size(); v++) {
      for (int n = 0; n < names.size(); n++) {
        scores[n][v] =
            score(setting, values.get(v), n == 0 ? comparison.tasks() : List.of(names.get(n)));
        low = Math.min(low, scores[n][v]);
      }
    }
    to.open("figure", "class", "chart");
    to.element("figcaption", setting);
    legend(to, names);
    Scale y = Scale.linear(low, 1, HEIGHT - BOTTOM, TOP);
    to.open(
        "svg",
        "viewBox",
        "0 0 " + WIDTH + " " + HEIGHT,
        "role",
        "img",
        "tabindex",
        "0",
        "class",
        "sensitivity");
    to.element("title", "Relative scores over " + setting);
    to.element("desc", inWords(values, scores[0]));
    for (double tick : y.ticks(4)) {
      String at = number(y.place(tick));
      to.empty("path", "class", "grid", "d", "M" + LEFT + " " + at + "H" + (WIDTH - RIGHT))
          .raw("</path>");
      to.element("text", number(tick), "x", LEFT - 6, "y", at, "dy", "0.35em", "class", "end");
    }
    for (int v = 0; v < values.size(); v++) {
      to.element(
          "text",
          values.get(v),
          "x",
          number(x(v, values)),
          "y",
          HEIGHT - BOTTOM + 18,
          "class",
          "middle");
    }
    // The mean is drawn last, above the tasks.
    for (int n = names.size() - 1; n >= 0; n--) {
      line(to, names.get(n), style(n), scores[n], values, y);
    }
    to.close().close();
  }

  private void line(
      Markup to, String name, String style, double[] scores, List<String> values, Scale y) {
    StringBuilder path = new StringBuilder();
    for (int v = 0; v < scores.length; v++) {
      path.append(v == 0 ? 'M' : 'L')
          .append(number(x(v, values)))
          .append(' ')
          .append(number(y.place(scores[v])));
    }
    to.empty("path", "class", "line " + style, "d", path).raw("</path>");
    for (int v = 0; v < scores.length; v++) {
      to.open(
          "circle",
          "class",
          "point " + style,
          "cx",
          number(x(v, values)),
          "cy",
          number(y.place(scores[v])),
          "r",
          4);
      to.element("title", name + ", " + values.get(v) + ": " + Figures.figure(scores[v])).close();
    }
  }

  private static double x(int value, List<String> values) {
    return LEFT + (WIDTH - RIGHT - LEFT) * (value + 0.5) / values.size();
  }

  private static void legend(Markup to, List<String> names) {
    to.open("p", "class", "legend");
    for (int n = 0; n < names.size(); n++) {
      to.open("span", "class", "key " + style(n));
      to.raw("<svg viewBox=\"0 0 24 8\" aria-hidden=\"true\"><path d=\"M1 4H23\"/></svg>");
      to.text(names.get(n)).close().text(" ");
    }
    to.close();
  }

  private static String style(int name) {
    return name == 0 ? "mean" : "task-" + (name - 1) % RunSection.STYLES;
  }

  private static String inWords(List<String> values, double[] means) {
    StringBuilder words = new StringBuilder("Mean over all tasks: ");
    for (int v = 0; v < means.length; v++) {
      words
          .append(v == 0 ? "" : ", ")
          .append(values.get(v))
          .append(" reaches ")
          .append(Figures.figure(means[v]));
    }
    return words.append('.').toString();
  }

  /** Mean relative score of some tasks over the combinations with that value. */
  private double score(String setting, String value, List<String> tasks) {
    double sum = 0;
    int count = 0;
    for (int c = 0; c < combinations.size(); c++) {
      if (combinations.get(c).get(setting).equals(value)) {
        for (String task : tasks) {
          sum += comparison.relative(comparison.entries().get(c), task);
          count++;
        }
      }
    }
    return sum / count;
  }

  private void table(Markup to) {
    to.open(
        "div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", "Combinations");
    to.open("table").open("thead").open("tr");
    sweep.settings().keySet().forEach(setting -> to.element("th", setting, "scope", "col"));
    for (String task : comparison.tasks()) {
      String score = comparison.entries().get(0).mean(task).primaryScore().label();
      to.element("th", task + " " + score, "scope", "col", "class", "number");
    }
    to.element("th", "mean rank", "scope", "col", "class", "number");
    to.close().close().open("tbody");
    for (int c = 0; c < combinations.size(); c++) {
      Comparison.Entry entry = comparison.entries().get(c);
      to.open("tr");
      combinations.get(c).values().forEach(value -> to.element("td", value));
      for (String task : comparison.tasks()) {
        boolean best = comparison.relative(entry, task) == 1;
        to.element(
            "td",
            Figures.figure(entry.mean(task).primary()),
            "class",
            best ? "number best" : "number");
      }
      to.element("td", Figures.figure(comparison.meanRank(entry)), "class", "number");
      to.close();
    }
    to.close().close().close();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
