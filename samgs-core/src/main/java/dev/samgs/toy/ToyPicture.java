package dev.samgs.toy;

import dev.samgs.toy.ToyProblem.Point;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Descents on a toy problem as text for people and programs: CSV, and an SVG picture. */
public final class ToyPicture {
  private static final int SIZE = 640;
  private static final int MARGIN = 40;
  private static final int GRID = 96;
  private static final int LEVELS = 18;

  /** Colours that stay apart for colour-blind readers (M. Okabe, K. Ito, 2008). */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000");

  private ToyPicture() {}

  /**
   * One line per recorded state, with a header: start (counted from 1), step, place, losses, mean
   * similarity, branch.
   */
  public static String csv(List<ToyRun> runs) {
    StringBuilder csv = new StringBuilder("start,step,x1,x2,loss1,loss2,similarity,branch\n");
    for (int i = 0; i < runs.size(); i++) {
      for (ToyRun.State state : runs.get(i).states()) {
        csv.append(i + 1)
            .append(',')
            .append(state.step())
            .append(',')
            .append(state.x().x1())
            .append(',')
            .append(state.x().x2())
            .append(',')
            .append(state.at().losses()[0])
            .append(',')
            .append(state.at().losses()[1])
            .append(',')
            .append(state.similarity())
            .append(',')
            .append(state.branch().name().toLowerCase(Locale.ROOT))
            .append('\n');
      }
    }
    return csv.toString();
  }

  /**
   * A picture of the plane: contours of the summed losses, the Pareto front (thick line), the
   * optima (stars), and every descent from its start (ring) to its end (dot).
   *
   * @param runs at least one, all on the same problem
   */
  public static String svg(String title, List<ToyRun> runs) {
    ToyProblem problem = runs.get(0).problem();
    Frame frame = new Frame(problem.extent());
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                + "font-family=\"sans-serif\" font-size=\"13\">%n",
            SIZE + 2 * MARGIN,
            SIZE + 2 * MARGIN));
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n"
                + "<text x=\"%d\" y=\"%d\" font-size=\"16\">%s</text>%n",
            MARGIN,
            MARGIN - 14,
            escaped(title)));
    contours(problem, frame, svg);
    axes(frame, svg);
    svg.append(
        String.format(
            Locale.ROOT,
            "<path d=\"%s\" stroke=\"#444444\" stroke-width=\"5\" stroke-opacity=\"0.5\" "
                + "stroke-linecap=\"round\"><title>Pareto front</title></path>%n",
            frame.line(
                new Point(-problem.frontHalf(), problem.frontHeight()),
                new Point(problem.frontHalf(), problem.frontHeight()))));
    for (int i = 0; i < runs.size(); i++) {
      descent(runs.get(i), COLOURS.get(i % COLOURS.size()), frame, svg);
    }
    for (Point optimum : problem.optima()) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%.1f\" font-size=\"22\" text-anchor=\"middle\">★</text>%n",
              frame.x(optimum.x1()),
              frame.y(optimum.x2()) + 8));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private static void axes(Frame frame, StringBuilder svg) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888888\"/>%n",
            MARGIN,
            MARGIN,
            SIZE,
            SIZE));
    for (int tick = -10; tick <= 10; tick += 5) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>%n"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d</text>%n",
              frame.x(tick),
              SIZE + MARGIN + 18,
              tick,
              MARGIN - 6,
              frame.y(tick) + 4,
              tick));
    }
  }

  private static void descent(ToyRun run, String colour, Frame frame, StringBuilder svg) {
    StringBuilder path = new StringBuilder();
    for (ToyRun.State state : run.states()) {
      path.append(path.length() == 0 ? 'M' : 'L').append(frame.place(state.x()));
    }
    path.append('L').append(frame.place(run.end()));
    svg.append(
        String.format(
            Locale.ROOT,
            "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-linejoin=\"round\"/>%n"
                + "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"#ffffff\" stroke=\"%s\" "
                + "stroke-width=\"2\"/>%n<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" fill=\"%s\"/>%n",
            path,
            colour,
            frame.x(run.start().x1()),
            frame.y(run.start().x2()),
            colour,
            frame.x(run.end().x1()),
            frame.y(run.end().x2()),
            colour));
  }

  /** Marching squares over a grid; the levels are quantiles of the losses on it. */
  private static void contours(ToyProblem problem, Frame frame, StringBuilder svg) {
    double[][] sums = new double[GRID + 1][GRID + 1];
    double[] all = new double[(GRID + 1) * (GRID + 1)];
    int count = 0;
    for (int r = 0; r <= GRID; r++) {
      for (int c = 0; c <= GRID; c++) {
        double[] losses = problem.evaluate(frame.gridPoint(r, c)).losses();
        sums[r][c] = losses[0] + losses[1];
        all[count++] = sums[r][c];
      }
    }
    Arrays.sort(all);
    for (int level = 1; level <= LEVELS; level++) {
      double height = all[(int) ((long) level * all.length / (LEVELS + 1))];
      StringBuilder path = new StringBuilder();
      for (int r = 0; r < GRID; r++) {
        for (int c = 0; c < GRID; c++) {
          cell(sums, r, c, height, frame, path);
        }
      }
      svg.append(
          String.format(
              Locale.ROOT,
              "<path d=\"%s\" fill=\"none\" stroke=\"hsl(215,35%%,%d%%)\" stroke-width=\"0.8\"/>%n",
              path,
              45 + 45 * level / LEVELS));
    }
  }

  /** The crossings of a level with the sides of one cell, joined in pairs. */
  private static void cell(
      double[][] sums, int r, int c, double height, Frame frame, StringBuilder path) {
    Point[] crossings = new Point[4];
    int found = 0;
    int[][] corners = {{r, c}, {r, c + 1}, {r + 1, c + 1}, {r + 1, c}};
    for (int side = 0; side < 4; side++) {
      int[] a = corners[side];
      int[] b = corners[(side + 1) % 4];
      double from = sums[a[0]][a[1]] - height;
      double to = sums[b[0]][b[1]] - height;
      if (from > 0 != to > 0) {
        double share = from / (from - to);
        Point start = frame.gridPoint(a[0], a[1]);
        Point end = frame.gridPoint(b[0], b[1]);
        crossings[found++] =
            new Point(
                start.x1() + share * (end.x1() - start.x1()),
                start.x2() + share * (end.x2() - start.x2()));
      }
    }
    for (int i = 0; i + 1 < found; i += 2) {
      path.append(frame.line(crossings[i], crossings[i + 1]));
    }
  }

  /** From the plane to the picture. */
  private record Frame(double extent) {
    double x(double x1) {
      return MARGIN + SIZE * (x1 + extent) / (2 * extent);
    }

    double y(double x2) {
      return MARGIN + SIZE * (extent - x2) / (2 * extent);
    }

    String place(Point point) {
      return String.format(Locale.ROOT, "%.1f %.1f", x(point.x1()), y(point.x2()));
    }

    String line(Point from, Point to) {
      return "M" + place(from) + "L" + place(to);
    }

    Point gridPoint(int row, int column) {
      return new Point(extent * (2.0 * column / GRID - 1), extent * (2.0 * row / GRID - 1));
    }
  }
}
