package dev.samgs.connectors.event;

import dev.samgs.learn.Row;

/**
 * One event of one model.
 *
 * @param model the model that it is for, see {@link ModelName}
 * @param key unit or machine that it comes from; null if not given. Provenance, never an input.
 * @param eventId identifies the event; null if not given
 * @param row event time, features and labels in the order of the model's specification
 */
public record LabelledEvent(String model, String key, String eventId, Row row) {}
