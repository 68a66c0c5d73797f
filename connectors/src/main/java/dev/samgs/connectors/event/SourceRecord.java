package dev.samgs.connectors.event;

/**
 * One record as it stood in the input topic. The arrays are not copied and must not be changed.
 *
 * @param timestamp the record's own timestamp, milliseconds since 1970; negative if it has none
 * @param key null if the record has no key
 * @param value null if the record has no value
 */
public record SourceRecord(
    String topic, int partition, long offset, long timestamp, byte[] key, byte[] value) {}
