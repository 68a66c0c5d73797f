package dev.samgs.deploy.terminal;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Where text for people goes. A real terminal shows colours and can be drawn over; elsewhere text
 * is plain lines. Not safe for use by several threads.
 */
public final class Terminal {
  /** Colours and weights of text. */
  public enum Style {
    BOLD("1"),
    FAINT("2"),
    RED("31"),
    GREEN("32"),
    YELLOW("33");

    private final String code;

    Style(String code) {
      this.code = code;
    }
  }

  private static final String ESCAPE = "\u001b[";
  private static final String NO_WRAP = ESCAPE + "?7l";
  private static final String WRAP = ESCAPE + "?7h";
  private static final int BAR_PLACES = 24;

  private final PrintStream out;
  private final boolean interactive;
  private final boolean coloured;
  private int drawn;

  /**
   * A place for text.
   *
   * @param interactive whether it is a real terminal
   * @param coloured whether it shows colours
   */
  public Terminal(PrintStream out, boolean interactive, boolean coloured) {
    this.out = out;
    this.interactive = interactive;
    this.coloured = coloured;
  }

  /**
   * A standard stream. The launcher says in {@code samgs.terminal} which of them are terminals:
   * Java cannot tell for one alone.
   *
   * @param name out or err
   */
  public static Terminal standard(PrintStream stream, String name) {
    boolean interactive =
        List.of(System.getProperty("samgs.terminal", "").split(",")).contains(name)
            && !"dumb".equals(System.getenv("TERM"));
    String noColour = System.getenv("NO_COLOR");
    return new Terminal(
        stream, interactive, interactive && (noColour == null || noColour.isEmpty()));
  }

  /** Whether this is a real terminal. */
  public boolean interactive() {
    return interactive;
  }

  /** The text in a style, where styles are shown. */
  public String styled(String text, Style style) {
    return coloured ? ESCAPE + style.code + "m" + text + ESCAPE + "0m" : text;
  }

  /** A writer to the same place. */
  public PrintWriter writer() {
    return new PrintWriter(out, true, StandardCharsets.UTF_8);
  }

  /** Prints a line in the place of what is drawn. */
  public void print(String line) {
    print(List.of(line));
  }

  /** Prints lines in the place of what is drawn. */
  public void print(List<String> lines) {
    erase();
    lines.forEach(out::println);
    out.flush();
  }

  /**
   * Draws lines in the place of what is drawn; they stay until the next call. On a real terminal
   * only. Lines wider than the terminal are cut.
   */
  public void draw(List<String> lines) {
    if (interactive) {
      StringBuilder text = new StringBuilder(NO_WRAP);
      if (drawn > 0) {
        text.append(ESCAPE).append(drawn).append('F');
      }
      for (String line : lines) {
        text.append(line).append(ESCAPE).append("K\n");
      }
      out.print(text.append(ESCAPE).append("J").append(WRAP));
      out.flush();
      drawn = lines.size();
    }
  }

  /** Removes what is drawn. */
  public void erase() {
    if (drawn > 0) {
      draw(List.of());
    }
  }

  /** A bar that is filled to a fraction between 0 and 1, and the percentage. */
  public static String bar(double fraction) {
    double full = Math.max(0, Math.min(1, fraction));
    int filled = (int) Math.round(BAR_PLACES * full);
    return String.format(
        Locale.ROOT,
        "[%s%s] %3.0f %%",
        "#".repeat(filled),
        ".".repeat(BAR_PLACES - filled),
        100 * full);
  }
}
