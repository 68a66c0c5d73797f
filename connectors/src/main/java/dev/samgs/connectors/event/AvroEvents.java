package dev.samgs.connectors.event;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The Avro form of events: Avro's single-object encoding, that is the bytes C3 01, the schema's
 * CRC-64-AVRO fingerprint (little-endian), and the binary form of one record of {@link #schema()}.
 *
 * <p>Evolution: a schema that was once released is read for ever, told apart by its fingerprint; a
 * fingerprint that this version does not know refuses the record. There has been one schema so far.
 */
public final class AvroEvents {
  /** CRC-64-AVRO of the schema's Parsing Canonical Form. */
  public static final long FINGERPRINT = 0x1f48c59dfcbe8984L;

  static final byte MARKER_0 = (byte) 0xC3;
  static final byte MARKER_1 = 0x01;

  /** Bytes before the record: marker and fingerprint. */
  static final int HEADER = 10;

  /** Branches of the unions with null. */
  static final int NULL = 0;

  static final int PRESENT = 1;

  /** Branches of the features' union. */
  static final int ARRAY = 0;

  static final int MAP = 1;

  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private AvroEvents() {}

  /** The schema, as JSON. */
  public static String schema() {
    try (InputStream in = AvroEvents.class.getResourceAsStream("event.avsc")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the schema of events could not be read", e);
    }
  }
}
