package dev.samgs.job.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How one type of value is written as a YAML scalar.
 *
 * @param expected what a value of the type looks like, for messages: "a whole number"
 * @param quotable whether a quoted scalar may stand for it
 * @param parse throws {@link IllegalArgumentException} or {@link ArithmeticException} when the text
 *     is no such value
 * @param print the inverse of {@code parse}
 * @param hint what more there is to say about a text that cannot be parsed; often nothing
 */
record ScalarForm(
    String expected,
    boolean quotable,
    Function<String, Object> parse,
    Function<Object, String> print,
    UnaryOperator<String> hint) {

  private ScalarForm(
      String expected,
      boolean quotable,
      Function<String, Object> parse,
      Function<Object, String> print) {
    this(expected, quotable, parse, print, text -> "");
  }

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|min|h|d)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1000L, "m", 60_000L, "min", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  private static final Map<Class<?>, ScalarForm> FORMS =
      Map.of(
          String.class,
          new ScalarForm("text", true, t -> t, v -> quoted((String) v)),
          int.class,
          new ScalarForm("a whole number", false, t -> number(t).intValueExact(), String::valueOf),
          long.class,
          new ScalarForm("a whole number", false, t -> number(t).longValueExact(), String::valueOf),
          double.class,
          new ScalarForm("a number", false, ScalarForm::finite, v -> shortest((Double) v)),
          boolean.class,
          new ScalarForm("true or false", false, ScalarForm::truth, String::valueOf),
          Duration.class,
          new ScalarForm(
              "a duration such as 500ms, 5s or 10m",
              true,
              ScalarForm::duration,
              v -> printed((Duration) v)),
          ByteSize.class,
          new ScalarForm("a size such as 64KiB or 8MiB", true, ByteSize::parse, v -> v.toString()),
          PortRange.class,
          new ScalarForm(
              "a port such as 9404 or a range such as 9404-9410",
              true,
              PortRange::parse,
              v -> v.toString()));

  private static final Map<Class<?>, Class<?>> UNBOXED =
      Map.of(
          Integer.class,
          int.class,
          Long.class,
          long.class,
          Double.class,
          double.class,
          Boolean.class,
          boolean.class);

  /** The form of a type; null if the type is no scalar. */
  static ScalarForm of(Class<?> type) {
    if (type.isEnum()) {
      return ofEnum(type);
    }
    return FORMS.get(UNBOXED.getOrDefault(type, type));
  }

  private static ScalarForm ofEnum(Class<?> type) {
    List<Enum<?>> constants =
        Arrays.stream(type.getEnumConstants()).<Enum<?>>map(c -> (Enum<?>) c).toList();
    List<String> names = constants.stream().map(Names::kebab).toList();
    return new ScalarForm(
        (names.size() == 1 ? "" : "one of ") + String.join(", ", names),
        true,
        text -> {
          int at = names.indexOf(text);
          if (at < 0) {
            throw new IllegalArgumentException(text);
          }
          return constants.get(at);
        },
        value -> Names.kebab((Enum<?>) value),
        text -> Names.suggestion(text, names));
  }

  /** The value as a number, for comparison with bounds: seconds, bytes; null if it has none. */
  static Double magnitude(Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    if (value instanceof Duration duration) {
      return duration.toMillis() / 1e3;
    }
    if (value instanceof ByteSize size) {
      return (double) size.bytes();
    }
    return null;
  }

  /** A bound as a user would write it for a value of that type. */
  static String bound(Class<?> type, double bound) {
    if (type == Duration.class) {
      return printed(Duration.ofMillis(Math.round(bound * 1e3)));
    }
    if (type == ByteSize.class) {
      return new ByteSize((long) bound).toString();
    }
    return shortest(bound);
  }

  private static BigDecimal number(String text) {
    if (!NUMBER.matcher(text).matches() || text.length() > 40) {
      throw new NumberFormatException(text);
    }
    return new BigDecimal(text);
  }

  private static Object finite(String text) {
    if (!NUMBER.matcher(text).matches() || Double.isInfinite(Double.parseDouble(text))) {
      throw new NumberFormatException(text);
    }
    return Double.parseDouble(text);
  }

  private static Object truth(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Object duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(text);
    }
    return Duration.ofMillis(
        Math.multiplyExact(Long.parseLong(matcher.group(1)), MILLIS.get(matcher.group(2))));
  }

  private static String printed(Duration duration) {
    long millis = duration.toMillis();
    for (String unit : new String[] {"d", "h", "m", "s"}) {
      if (millis != 0 && millis % MILLIS.get(unit) == 0) {
        return millis / MILLIS.get(unit) + unit;
      }
    }
    return millis + "ms";
  }

  /** The shortest text that reads back as the same double. */
  static String shortest(double value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    String plain = exact.toPlainString();
    return plain.length() <= 8 ? plain : exact.toString().replace("E+", "e").replace('E', 'e');
  }

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_./-]*");

  /** A text as a plain scalar where that is safe, else in double quotes. */
  static String quoted(String text) {
    if (PLAIN.matcher(text).matches()
        && !List.of("true", "false", "null").contains(text.toLowerCase(java.util.Locale.ROOT))) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
              } else if (c >= ' ' && c <= '~') {
                quoted.append((char) c);
              } else {
                quoted.append("\\U%08x".formatted(c));
              }
            });
    return quoted.append('"').toString();
  }
}
