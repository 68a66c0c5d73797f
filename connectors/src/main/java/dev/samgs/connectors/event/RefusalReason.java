package dev.samgs.connectors.event;

import java.util.Locale;

/**
 * Why an event, or a label of it, was refused. A closed list: each is also the tag of a counter.
 */
public enum RefusalReason {
  /** The record has no value. */
  EMPTY,
  /** The record is larger than an event may be. */
  TOO_LARGE,
  /** Not the format it should be: broken syntax, broken UTF-8, something after the end. */
  MALFORMED,
  /** Written with an Avro schema that this version does not know. */
  UNKNOWN_SCHEMA,
  /** A field that events do not have. */
  UNKNOWN_FIELD,
  /** A field or a feature that stands there twice. */
  DUPLICATE_FIELD,
  /** A field that an event must have. */
  MISSING_FIELD,
  /** A value of another type than the field's. */
  WRONG_TYPE,
  /** Not a model name, or none that this job knows. */
  BAD_MODEL,
  /** An event time that is unreadable or out of range. */
  BAD_TIMESTAMP,
  /** A feature that the model does not have. */
  UNKNOWN_FEATURE,
  /** An array of features of the wrong length. */
  WRONG_LENGTH,
  /** A number that is not finite. */
  NOT_FINITE,
  /** A label of a task that the model does not have. */
  UNKNOWN_TASK,
  /** A value that cannot be a label of its task. */
  BAD_LABEL,
  /** An event time too far from the record's own timestamp. */
  CLOCK_SKEW,
  /** An event time too far behind those before it, where events are put in order. */
  LATE,
  /** An event whose id was there before. */
  DUPLICATE_EVENT,
  /** A model beyond the number that there may be. */
  TOO_MANY_MODELS;

  private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** The reason as it is written in headers and metric tags, in kebab case. */
  public String code() {
    return code;
  }
}
