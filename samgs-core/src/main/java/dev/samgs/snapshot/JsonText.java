package dev.samgs.snapshot;

/** Writes the few lines of JSON that a snapshot's metadata holds (RFC 8259, no white space). */
final class JsonText {
  private final StringBuilder text = new StringBuilder();

  JsonText beginObject() {
    return begin('{');
  }

  JsonText endObject() {
    text.append('}');
    return this;
  }

  JsonText beginArray() {
    return begin('[');
  }

  JsonText endArray() {
    text.append(']');
    return this;
  }

  JsonText name(String name) {
    separate();
    quote(name);
    text.append(':');
    return this;
  }

  JsonText value(String value) {
    separate();
    quote(value);
    return this;
  }

  JsonText value(long value) {
    separate();
    text.append(value);
    return this;
  }

  JsonText value(boolean value) {
    separate();
    text.append(value);
    return this;
  }

  /** The number, or null if it is not finite. */
  JsonText value(double value) {
    separate();
    text.append(Double.isFinite(value) ? Double.toString(value) : "null");
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  private JsonText begin(char bracket) {
    separate();
    text.append(bracket);
    return this;
  }

  private void separate() {
    if (text.length() > 0 && "{[:".indexOf(text.charAt(text.length() - 1)) < 0) {
      text.append(',');
    }
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < 0x20 || Character.isSurrogate(c)) {
        // Surrogates too, so that an unpaired one survives the way through UTF-8.
        text.append(String.format("\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
