package dev.samgs.deploy.terminal;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Where text for people goes. On a terminal it can be coloured and drawn over; elsewhere it is
 * plain lines. Not safe for use by several threads.
 */
public final class Terminal {
  /** Colours and weights of text, as their ANSI codes. */
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

  private final PrintStream out;
  private final boolean interactive;
  private final boolean coloured;
  private int drawn;

  /**
   * @param interactive whether {@code out} is a terminal
   * @param coloured whether it shows colours
   */
  public Terminal(PrintStream out, boolean interactive, boolean coloured) {
    this.out = out;
    this.interactive = interactive;
    this.coloured = coloured;
  }

  /** The process's standard output. */
  public static Terminal standardOutput() {
    return of(System.out, "out");
  }

  /** The process's standard error. */
  public static Terminal standardError() {
    return of(System.err, "err");
  }

  /**
   * The launcher says which streams are terminals, in {@code samgs.terminal}: Java cannot tell for
   * one of them alone.
   */
  private static Terminal of(PrintStream stream, String name) {
    boolean interactive =
        List.of(System.getProperty("samgs.terminal", "").split(",")).contains(name)
            && !"dumb".equals(System.getenv("TERM"));
    String noColour = System.getenv("NO_COLOR");
    return new Terminal(
        stream, interactive, interactive && (noColour == null || noColour.isEmpty()));
  }

  /** Whether this is a terminal. */
  public boolean interactive() {
    return interactive;
  }

  /** The text in a style, where styles are shown. */
  public String styled(String text, Style style) {
    return coloured ? ESCAPE + style.code + "m" + text + ESCAPE + "0m" : text;
  }

  /** Prints lines below everything before. */
  public void print(List<String> lines) {
    erase();
    lines.forEach(out::println);
    out.flush();
  }

  /** Prints a line below everything before. */
  public void print(String line) {
    print(List.of(line));
  }

  /** Draws lines in the place of those drawn before; on a terminal only. */
  public void draw(List<String> lines) {
    if (interactive) {
      erase();
      lines.forEach(out::println);
      out.flush();
      drawn = lines.size();
    }
  }

  /** Removes what was drawn. */
  public void erase() {
    if (drawn > 0) {
      out.print(ESCAPE + drawn + "F" + ESCAPE + "0J");
      out.flush();
      drawn = 0;
    }
  }

  /** A bar of ten places that is filled to a fraction between 0 and 1, and the percentage. */
  public static String bar(double fraction) {
    int places = 20;
    int filled = (int) Math.round(places * Math.max(0, Math.min(1, fraction)));
    return String.format(
        Locale.ROOT,
        "[%s%s] %3.0f %%",
        "#".repeat(filled),
        ".".repeat(places - filled),
        100 * fraction);
  }
}
