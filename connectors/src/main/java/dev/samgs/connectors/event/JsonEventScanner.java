package dev.samgs.connectors.event;

import com.fasterxml.jackson.core.io.NumberInput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Reads JSON events in the form that nearly all of them have, in one pass over the bytes: sound
 * events whose texts are ASCII without escapes. Of anything else it says no more than that, and the
 * parser of {@link JsonEventDecoder} has to judge: it alone refuses, and what it would refuse is
 * never read here.
 */
final class JsonEventScanner {
  /** Powers of ten that a double holds exactly. */
  private static final double[] POWERS = new double[23];

  /** Whole numbers up to here are doubles. */
  private static final long EXACT = 1L << 53;

  /** Longest number that is read here, in characters. */
  private static final int MAX_NUMBER = 100;

  /** Digits that a long holds for certain. */
  private static final int MAX_DIGITS = 18;

  /** Exponents above are not told apart: none of them is that of a double. */
  private static final int MAX_EXPONENT = 10_000;

  static {
    POWERS[0] = 1;
    for (int p = 1; p < POWERS.length; p++) {
      POWERS[p] = 10 * POWERS[p - 1];
    }
  }

  private static final byte[] NULL = ascii("null");
  private static final byte[] MODEL = ascii("model");
  private static final byte[] KEY = ascii("key");
  private static final byte[] EVENT_ID = ascii("eventId");
  private static final byte[] TS = ascii("ts");
  private static final byte[] FEATURES = ascii("features");
  private static final byte[] LABELS = ascii("labels");
  private static final byte[][] FIELDS = {MODEL, KEY, EVENT_ID, TS, FEATURES, LABELS};

  private final EventDraft draft;
  private final byte[][] featureNames;
  private final byte[][] taskNames;

  /** The latest model's name, as most often the next one's. */
  private byte[] modelBytes = new byte[0];

  private String modelName = "";

  private byte[] bytes;
  private int at;

  /** The number that was read last. */
  private double number;

  /**
   * @param draft receives the events
   */
  JsonEventScanner(EventDraft draft, List<String> features, List<String> tasks) {
    this.draft = draft;
    this.featureNames = features.stream().map(JsonEventScanner::plain).toArray(byte[][]::new);
    this.taskNames = tasks.stream().map(JsonEventScanner::plain).toArray(byte[][]::new);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A name as it stands in an event; null if it cannot stand there as it is. */
  private static byte[] plain(String name) {
    boolean plain =
        name.codePoints()
            .noneMatch(
                c ->
                    c < ' '
                        || c == '"'
                        || c == '\\'
                        || Character.getType(c) == Character.SURROGATE);
    return plain ? name.getBytes(StandardCharsets.UTF_8) : null;
  }

  /** Reads an event into the draft; false, with the draft in any state, if the parser has to. */
  boolean read(byte[] value) {
    bytes = value;
    at = 0;
    draft.begin();
    boolean read = readObject();
    bytes = null;
    return read;
  }

  private boolean readObject() {
    if (!next('{')) {
      return false;
    }
    int seen = 0;
    do {
      int field = name(FIELDS, 0);
      if (field < 0 || (seen & 1 << field) != 0 || !readField(FIELDS[field])) {
        return false;
      }
      seen |= 1 << field;
    } while (next(','));
    return next('}') && atEnd();
  }

  private boolean readField(byte[] field) {
    if (field == FEATURES) {
      return readFeatures();
    }
    if (field == LABELS) {
      return readLabels();
    }
    if (isNull()) {
      return true;
    }
    if (field == TS) {
      return readTimestamp();
    }
    int from = at + 1;
    int end = text();
    if (end < 0) {
      return false;
    }
    if (field == MODEL) {
      if (!Arrays.equals(bytes, from, end, modelBytes, 0, modelBytes.length)) {
        modelBytes = Arrays.copyOfRange(bytes, from, end);
        modelName = latin1(from, end);
      }
      return draft.model(modelName) == null;
    }
    String text = latin1(from, end);
    if (field == KEY) {
      draft.key(text);
    } else {
      draft.eventId(text);
    }
    return true;
  }

  private boolean readTimestamp() {
    if (at < bytes.length && bytes[at] == '"') {
      int from = at + 1;
      int end = text();
      return end >= 0 && draft.timestamp(EventTime.parse(latin1(from, end)));
    }
    long millis = 0;
    int from = at;
    for (; at < bytes.length && digit(bytes[at]); at++) {
      millis = 10 * millis + bytes[at] - '0';
    }
    int digits = at - from;
    // Whatever else the number goes on with is not what has to follow.
    return digits > 0
        && digits <= MAX_DIGITS
        && (digits == 1 || bytes[from] != '0')
        && draft.timestamp(millis);
  }

  private boolean readFeatures() {
    draft.beginFeatures();
    if (next('[')) {
      return readFeatureArray();
    }
    if (!next('{')) {
      return false;
    }
    if (next('}')) {
      return true;
    }
    int expected = 0;
    do {
      int feature = name(featureNames, expected);
      if (feature < 0 || draft.seen(feature) != null || !readFeature(feature)) {
        return false;
      }
      expected = feature + 1;
    } while (next(','));
    return next('}');
  }

  private boolean readFeatureArray() {
    for (int feature = 0; feature < featureNames.length; feature++) {
      if ((feature > 0 && !next(',')) || !readFeature(feature)) {
        return false;
      }
    }
    return next(']');
  }

  private boolean readFeature(int feature) {
    if (isNull()) {
      return true;
    }
    if (!readNumber()) {
      return false;
    }
    draft.feature(feature, number);
    return true;
  }

  private boolean readLabels() {
    if (isNull()) {
      return true;
    }
    if (!next('{')) {
      return false;
    }
    if (next('}')) {
      return true;
    }
    int expected = 0;
    do {
      int task = name(taskNames, expected);
      if (task < 0 || !draft.labelSeenOnce(task)) {
        return false;
      }
      if (!isNull() && !(readNumber() && draft.label(task, number))) {
        return false;
      }
      expected = task + 1;
    } while (next(','));
    return next('}');
  }

  /**
   * Passes over a name and its colon.
   *
   * @param expected index that is most likely; the search goes round from there
   * @return its index; −1 if it is none of the names
   */
  private int name(byte[][] names, int expected) {
    skipSpace();
    if (at >= bytes.length || bytes[at] != '"') {
      return -1;
    }
    int from = at + 1;
    for (int i = 0; i < names.length; i++) {
      int index = expected + i < names.length ? expected + i : expected + i - names.length;
      byte[] name = names[index];
      if (name != null) {
        int end = from + name.length;
        if (end < bytes.length
            && bytes[end] == '"'
            && Arrays.equals(bytes, from, end, name, 0, name.length)) {
          at = end + 1;
          return next(':') ? index : -1;
        }
      }
    }
    return -1;
  }

  /** Passes over a null that is the next thing. */
  private boolean isNull() {
    skipSpace();
    int end = at + NULL.length;
    if (at < bytes.length
        && bytes[at] == 'n'
        && end <= bytes.length
        && Arrays.equals(bytes, at, end, NULL, 0, NULL.length)) {
      at = end;
      return true;
    }
    return false;
  }

  /**
   * Passes over a text; returns where it ends, before the closing quote; −1 if it is not simple.
   */
  private int text() {
    if (at >= bytes.length || bytes[at] != '"') {
      return -1;
    }
    int end = at + 1;
    for (; end < bytes.length && bytes[end] != '"'; end++) {
      if (bytes[end] < ' ' || bytes[end] == '\\') {
        return -1;
      }
    }
    if (end == bytes.length || end - at > EventDraft.MAX_TEXT) {
      return -1;
    }
    at = end + 1;
    return end;
  }

  /** Reads a finite number by JSON's grammar; false if it is none, or better left to the parser. */
  private boolean readNumber() {
    int from = at;
    boolean negative = at < bytes.length && bytes[at] == '-';
    if (negative) {
      at++;
    }
    int first = at;
    long digits = 0;
    for (; at < bytes.length && digit(bytes[at]); at++) {
      digits = 10 * digits + bytes[at] - '0';
    }
    int count = at - first;
    if (count == 0 || (count > 1 && bytes[first] == '0')) {
      return false;
    }
    int exponent = 0;
    if (at < bytes.length && bytes[at] == '.') {
      int point = ++at;
      for (; at < bytes.length && digit(bytes[at]); at++) {
        digits = 10 * digits + bytes[at] - '0';
      }
      exponent = point - at;
      if (exponent == 0) {
        return false;
      }
      count -= exponent;
    }
    boolean scientific = at < bytes.length && (bytes[at] | 0x20) == 'e';
    if (scientific
        || count >= DecimalNumber.MAX_DIGITS
        || digits > EXACT
        || -exponent >= POWERS.length) {
      return readLongNumber(from, first, digits, exponent);
    }
    // Two exact numbers divided: rounded once, so the nearest double.
    double size = digits / POWERS[-exponent];
    number = negative ? -size : size;
    // What a parser makes of minus nought is its own affair.
    return digits != 0 || !negative;
  }

  /**
   * Reads the rest of a number that needs more than one division.
   *
   * @param from where it begins, with its sign
   * @param first its first digit
   * @param digits its digits so far, if a long can hold them
   * @param exponent power of ten of the last of them
   */
  private boolean readLongNumber(int from, int first, long digits, int exponent) {
    int significant = significantDigits(first);
    int power = exponent;
    if (at < bytes.length && (bytes[at] | 0x20) == 'e') {
      int written = readExponent();
      if (written > MAX_EXPONENT) {
        return false;
      }
      power += written;
    }
    if (at - from > MAX_NUMBER) {
      return false;
    }
    double size =
        significant == 0
                || significant > DecimalNumber.MAX_DIGITS
                || Math.abs(power) > DecimalNumber.MAX_POWER
            ? Double.NaN
            : DecimalNumber.nearest(digits, power);
    if (Double.isNaN(size)) {
      return parse(from);
    }
    number = bytes[from] == '-' ? -size : size;
    return true;
  }

  /** Digits of the number that ends here, without the noughts that it begins with. */
  private int significantDigits(int first) {
    int from = first;
    while (from < at && (bytes[from] == '0' || bytes[from] == '.')) {
      from++;
    }
    int digits = 0;
    for (int i = from; i < at; i++) {
      digits += bytes[i] == '.' ? 0 : 1;
    }
    return digits;
  }

  /** Reads an exponent; more than {@link #MAX_EXPONENT} if it is none. */
  private int readExponent() {
    at++;
    boolean negative = at < bytes.length && bytes[at] == '-';
    if (negative || (at < bytes.length && bytes[at] == '+')) {
      at++;
    }
    int first = at;
    int exponent = 0;
    for (; at < bytes.length && digit(bytes[at]); at++) {
      exponent = Math.min(10 * exponent + bytes[at] - '0', MAX_EXPONENT);
    }
    if (at == first) {
      return MAX_EXPONENT + 1;
    }
    return negative ? -exponent : exponent;
  }

  /** Takes the number that begins there and ends here, in the parser's own way. */
  private boolean parse(int from) {
    number = NumberInput.parseDouble(latin1(from, at), true);
    return Double.isFinite(number) && number != 0;
  }

  private boolean next(char c) {
    skipSpace();
    if (at < bytes.length && bytes[at] == c) {
      at++;
      return true;
    }
    return false;
  }

  private boolean atEnd() {
    skipSpace();
    return at == bytes.length;
  }

  private void skipSpace() {
    while (at < bytes.length && bytes[at] <= ' ' && space(bytes[at])) {
      at++;
    }
  }

  private static boolean space(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private static boolean digit(byte b) {
    return b >= '0' && b <= '9';
  }

  private String latin1(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }
}
