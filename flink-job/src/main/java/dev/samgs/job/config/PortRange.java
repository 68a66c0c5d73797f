package dev.samgs.job.config;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * TCP ports to try in turn, written as {@code 9404} or {@code 9404-9410}; {@code 0} lets the system
 * choose.
 */
public record PortRange(int first, int last) implements Serializable {
  private static final Pattern FORM = Pattern.compile("(\\d{1,5})(?:\\s*-\\s*(\\d{1,5}))?");

  public PortRange {
    if (first < 0 || last > 65535 || last < first) {
      throw new IllegalArgumentException(
          "ports go from 0 to 65535, the lower one first, but found " + first + "-" + last);
    }
  }

  /**
   * @throws IllegalArgumentException if the text is not a port or a range of them
   */
  public static PortRange parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a port");
    }
    int first = Integer.parseInt(matcher.group(1));
    return new PortRange(
        first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2)));
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
