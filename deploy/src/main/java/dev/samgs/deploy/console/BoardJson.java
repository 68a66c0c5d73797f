package dev.samgs.deploy.console;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;

/** How the page gets its figures. */
final class BoardJson {
  static final ObjectMapper MAPPER = new ObjectMapper();

  /** More digits than a chart can show only cost room. */
  private static final MathContext SHOWN = new MathContext(5);

  /** Writes a part of a message. */
  interface Part {
    void write(JsonGenerator out) throws IOException;
  }

  private BoardJson() {}

  /** An object with what the part writes into it, as UTF-8. */
  static byte[] object(Part part) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = MAPPER.createGenerator(bytes)) {
      out.writeStartObject();
      part.write(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a message for the page could not be written", e);
    }
    return bytes.toByteArray();
  }

  /** A figure to five digits; null if it is not finite. */
  static void figure(JsonGenerator out, double value) throws IOException {
    if (!Double.isFinite(value)) {
      out.writeNull();
    } else if (value == Math.rint(value) && Math.abs(value) < 1e5) {
      out.writeNumber((long) value);
    } else {
      out.writeNumber(new BigDecimal(value).round(SHOWN).stripTrailingZeros().toString());
    }
  }

  static void figure(JsonGenerator out, String name, double value) throws IOException {
    out.writeFieldName(name);
    figure(out, value);
  }
}
