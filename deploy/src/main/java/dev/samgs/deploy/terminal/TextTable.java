package dev.samgs.deploy.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Rows of cells, set in columns. */
public final class TextTable {
  private static final Pattern STYLE = Pattern.compile("\u001b\\[[0-9;]*m");
  private static final String GAP = "  ";

  private final String alignment;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * A table without rows.
   *
   * @param alignment a letter for each column: l for left, r for right
   */
  public TextTable(String alignment) {
    this.alignment = alignment;
  }

  /** Appends a row with a cell for each column. */
  public void add(String... cells) {
    if (cells.length != alignment.length()) {
      throw new IllegalArgumentException(
          "a row of " + cells.length + " cells does not fit " + alignment.length() + " columns");
    }
    rows.add(List.of(cells));
  }

  /** The rows as lines, without trailing blanks. */
  public List<String> lines() {
    int[] widths = new int[alignment.length()];
    for (List<String> row : rows) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], width(row.get(c)));
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String cell = row.get(c);
      String padding = " ".repeat(widths[c] - width(cell));
      line.append(c == 0 ? "" : GAP)
          .append(alignment.charAt(c) == 'l' ? cell + padding : padding + cell);
    }
    return line.toString().stripTrailing();
  }

  private static int width(String cell) {
    return STYLE.matcher(cell).replaceAll("").length();
  }
}
