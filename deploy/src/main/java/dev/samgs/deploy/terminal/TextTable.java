package dev.samgs.deploy.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Rows of cells, set in columns: the first ones to the left, the others to the right. */
public final class TextTable {
  private static final Pattern STYLE = Pattern.compile("\u001b\\[[0-9;]*m");

  private final int leftColumns;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param leftColumns how many columns are aligned to the left
   */
  public TextTable(int leftColumns, String... header) {
    this.leftColumns = leftColumns;
    add(header);
  }

  public void add(String... cells) {
    rows.add(List.of(cells));
  }

  /** The rows as lines, without trailing blanks. */
  public List<String> lines() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int c = 0; c < row.size(); c++) {
        widths[c] = Math.max(widths[c], width(row.get(c)));
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < row.size(); c++) {
        String padding = " ".repeat(widths[c] - width(row.get(c)));
        line.append(c == 0 ? "" : "  ")
            .append(c < leftColumns ? row.get(c) + padding : padding + row.get(c));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private static int width(String cell) {
    return STYLE.matcher(cell).replaceAll("").length();
  }
}
