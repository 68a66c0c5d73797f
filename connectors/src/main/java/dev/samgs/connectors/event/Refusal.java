package dev.samgs.connectors.event;

/**
 * Something that was refused.
 *
 * @param field where it stood, as a path: {@code features.pressure}, {@code ts}; empty for the
 *     whole record
 * @param sentence one sentence for a person: what was wrong, where, what to do
 */
public record Refusal(RefusalReason reason, String field, String sentence) {}
