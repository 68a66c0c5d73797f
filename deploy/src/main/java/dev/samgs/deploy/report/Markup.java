package dev.samgs.deploy.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * HTML and SVG under construction. Whatever stands in an attribute or between tags is escaped;
 * element and attribute names are the program's own.
 */
final class Markup {
  private final StringBuilder text = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Opens an element.
   *
   * @param attributes names and values in turn; an attribute whose value is null is left out
   */
  Markup open(String element, Object... attributes) {
    start(element, attributes);
    open.push(element);
    return this;
  }

  /** Closes the element that was opened last. */
  Markup close() {
    text.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element without content and without end tag. */
  Markup empty(String element, Object... attributes) {
    start(element, attributes);
    return this;
  }

  /** An element that holds text only. */
  Markup element(String element, String content, Object... attributes) {
    return open(element, attributes).text(content).close();
  }

  /** Text. */
  Markup text(String content) {
    escape(content);
    return this;
  }

  /** The program's own markup, style or script, as it is. */
  Markup raw(String markup) {
    text.append(markup);
    return this;
  }

  private void start(String element, Object... attributes) {
    text.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i + 1] != null) {
        text.append(' ').append(attributes[i]).append("=\"");
        escape(String.valueOf(attributes[i + 1]));
        text.append('"');
      }
    }
    text.append('>');
  }

  private void escape(String content) {
    content
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.appendCodePoint(printable(c) ? c : 0xFFFD);
              }
            });
  }

  /**
   * Control characters, lone surrogates and marks that turn the direction of text have no place.
   */
  private static boolean printable(int c) {
    boolean control = Character.isISOControl(c) && c != '\n' && c != '\t';
    boolean turning = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return !control && !turning && !(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  /** What has been written. */
  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("still open: " + open);
    }
    return text.toString();
  }
}
