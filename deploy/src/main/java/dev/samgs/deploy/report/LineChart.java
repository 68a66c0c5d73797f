package dev.samgs.deploy.report;

import dev.samgs.deploy.terminal.Figures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Lines over the rows of a stream, as inline SVG. All lines share the places on the horizontal
 * axis: stretches of {@code stretch} rows from row 0 on. Where a line has no value (NaN) it is
 * interrupted.
 */
final class LineChart {
  private static final int WIDTH = 420;
  private static final int HEIGHT = 215;
  private static final int LEFT = 52;
  private static final int RIGHT = 12;
  private static final int TOP = 14;
  private static final int BOTTOM = 30;

  /** Share of the values that the vertical axis has to show; the highest may be cut off. */
  private static final double SHOWN = 0.97;

  private static final double HEADROOM = 1.25;

  /**
   * A line.
   *
   * @param style class in the style sheet
   */
  record Line(String name, String style, double[] values) {}

  /**
   * Something that happened at a row.
   *
   * @param style alarm, or shift for what concerns the features
   */
  record Mark(long row, String style, String text) {}

  private final String title;
  private final String description;
  private final long rows;
  private final long stretch;
  private final List<Line> lines = new ArrayList<>();
  private final List<Mark> marks = new ArrayList<>();
  private double low = Double.NaN;
  private double high = Double.NaN;
  private boolean logarithmic;

  /**
   * @param title what is drawn, in a few words
   * @param description what a reader who cannot see it should know
   * @param rows length of the stream
   * @param stretch rows between two places of the lines
   */
  LineChart(String title, String description, long rows, long stretch) {
    this.title = title;
    this.description = description;
    this.rows = Math.max(1, rows);
    this.stretch = stretch;
  }

  LineChart line(String name, String style, double[] values) {
    lines.add(new Line(name, style, values));
    return this;
  }

  LineChart marks(List<Mark> more) {
    marks.addAll(more);
    return this;
  }

  /** Fixes the range of the vertical axis, which is fitted to the values otherwise. */
  LineChart range(double from, double to) {
    low = from;
    high = to;
    return this;
  }

  /** Makes the vertical axis logarithmic; only values above 0 are drawn. */
  LineChart logarithmic() {
    logarithmic = true;
    return this;
  }

  /** Writes a figure: the legend, the drawing, and room for the values under the pointer. */
  void write(Markup to) {
    double[] all =
        lines.stream()
            .flatMapToDouble(line -> Arrays.stream(line.values()))
            .filter(v -> Double.isFinite(v) && (!logarithmic || v > 0))
            .sorted()
            .toArray();
    to.open("figure", "class", "chart");
    to.element("figcaption", title);
    if (all.length == 0) {
      to.element("p", "Nothing was measured.", "class", "nothing").close();
      return;
    }
    boolean cut = fit(all);
    legend(to, cut);
    draw(to);
    to.element("output", "", "class", "values");
    to.close();
  }

  /** Fits the vertical axis; whether that cuts something off. */
  private boolean fit(double[] sorted) {
    double largest = sorted[sorted.length - 1];
    if (!Double.isNaN(low)) {
      return false;
    }
    if (logarithmic) {
      low = sorted[0];
      high = largest;
      return false;
    }
    double shown = HEADROOM * sorted[(int) Math.floor(SHOWN * (sorted.length - 1))];
    low = Math.min(0, sorted[0]);
    high = Math.min(largest, shown) > low ? Math.min(largest, shown) : largest;
    return high < largest;
  }

  private void legend(Markup to, boolean cut) {
    to.open("p", "class", "legend");
    for (Line line : lines) {
      to.open("span", "class", "key " + line.style());
      to.raw("<svg viewBox=\"0 0 24 8\" aria-hidden=\"true\"><path d=\"M1 4H23\"/></svg>");
      to.text(line.name()).close().text(" ");
    }
    legend(to, "alarm", "drift alarm");
    legend(to, "shift", "features shifted");
    if (cut) {
      to.element("span", "The highest values are cut off.", "class", "note");
    }
    to.close();
  }

  private void legend(Markup to, String style, String text) {
    if (marks.stream().anyMatch(mark -> mark.style().equals(style))) {
      to.open("span", "class", "key " + style);
      to.raw("<svg viewBox=\"0 0 24 8\" aria-hidden=\"true\"><path d=\"M12 0L17 8H7Z\"/></svg>");
      to.text(text).close().text(" ");
    }
  }

  private void draw(Markup to) {
    Scale x = Scale.linear(0, rows, LEFT, WIDTH - RIGHT);
    Scale y =
        logarithmic
            ? Scale.powersOfTen(low, high, HEIGHT - BOTTOM, TOP)
            : Scale.linear(low, high, HEIGHT - BOTTOM, TOP);
    to.open(
        "svg",
        "viewBox",
        "0 0 " + WIDTH + " " + HEIGHT,
        "role",
        "img",
        "tabindex",
        "0",
        "class",
        "plot",
        "data-rows",
        rows,
        "data-stretch",
        stretch,
        "data-left",
        LEFT,
        "data-right",
        WIDTH - RIGHT);
    to.element("title", title);
    to.element("desc", description);
    axes(to, x, y);
    // A nested drawing cuts off what is too high, without an id that two charts might share.
    to.open(
        "svg",
        "x",
        LEFT,
        "y",
        TOP,
        "width",
        WIDTH - RIGHT - LEFT,
        "height",
        HEIGHT - BOTTOM - TOP,
        "viewBox",
        LEFT + " " + TOP + " " + (WIDTH - RIGHT - LEFT) + " " + (HEIGHT - BOTTOM - TOP));
    // The first line is the one that matters: it is drawn last, above the others.
    for (int i = lines.size() - 1; i >= 0; i--) {
      Line line = lines.get(i);
      to.empty(
              "path",
              "class",
              "line " + line.style(),
              "d",
              path(line.values(), x, y),
              "data-name",
              line.name(),
              "data-values",
              values(line.values()))
          .raw("</path>");
    }
    to.close();
    for (Mark mark : marks) {
      String at = place(x.place(Math.min(rows, mark.row())));
      to.open(
          "path",
          "class",
          mark.style(),
          "d",
          "M" + at + " " + (HEIGHT - BOTTOM - 8) + "l5 8h-10zm0 0V" + TOP);
      to.element("title", mark.text()).close();
    }
    to.empty("path", "class", "cursor", "d", "M0 " + TOP + "V" + (HEIGHT - BOTTOM)).raw("</path>");
    to.close();
  }

  private void axes(Markup to, Scale x, Scale y) {
    for (double tick : y.ticks(4)) {
      String at = place(y.place(tick));
      to.empty("path", "class", "grid", "d", "M" + LEFT + " " + at + "H" + (WIDTH - RIGHT))
          .raw("</path>");
      to.element("text", label(tick), "x", LEFT - 6, "y", at, "dy", "0.35em", "class", "end");
    }
    for (double tick : x.ticks(4)) {
      String at = place(x.place(tick));
      to.empty("path", "class", "grid", "d", "M" + at + " " + (HEIGHT - BOTTOM) + "v4")
          .raw("</path>");
      to.element(
          "text",
          Figures.count(Math.round(tick)),
          "x",
          at,
          "y",
          HEIGHT - BOTTOM + 18,
          "class",
          x.place(tick) > WIDTH - RIGHT - 24 ? "end" : "middle");
    }
  }

  private String label(double tick) {
    if (logarithmic) {
      double exponent = Math.log10(tick);
      return Math.abs(exponent) < 3.5
          ? Figures.number(Double.parseDouble(String.format(Locale.ROOT, "%.6g", tick)))
          : "1e" + Math.round(exponent);
    }
    return tick != 0 && Math.abs(tick) < 1e-3
        ? String.format(Locale.ROOT, "%.0e", tick)
        : Math.abs(tick) >= 10_000
            ? String.format(Locale.ROOT, "%.3gk", tick / 1000).replace(".00k", "k")
            : Figures.number(Double.parseDouble(String.format(Locale.ROOT, "%.4g", tick)));
  }

  private String path(double[] values, Scale x, Scale y) {
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (int i = 0; i < values.length; i++) {
      boolean drawable = Double.isFinite(values[i]) && (!logarithmic || values[i] > 0);
      if (drawable) {
        path.append(drawing ? 'L' : 'M')
            .append(place(x.place(Math.min(rows, (i + 1) * stretch))))
            .append(' ')
            .append(place(Math.max(-1e5, y.place(values[i]))));
        if (!drawing && (i + 1 == values.length || !Double.isFinite(values[i + 1]))) {
          path.append("h0.1");
        }
      }
      drawing = drawable;
    }
    return path.toString();
  }

  private static String place(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String values(double[] values) {
    StringBuilder text = new StringBuilder();
    for (double value : values) {
      text.append(text.isEmpty() ? "" : " ")
          .append(Double.isFinite(value) ? Figures.figure(value) : "-");
    }
    return text.toString();
  }
}
