package dev.samgs.connectors.event;

/** Writes events in one format. Not safe for use by several threads. */
public interface EventEncoder {
  /**
   * The event as the value of a record. A missing feature is written as null, an unknown label left
   * out.
   *
   * @param event its features and labels must be finite, or NaN for none
   * @throws IllegalArgumentException if one is infinite
   */
  byte[] encode(LabelledEvent event);
}
