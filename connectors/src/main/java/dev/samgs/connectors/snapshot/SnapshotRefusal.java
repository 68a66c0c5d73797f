package dev.samgs.connectors.snapshot;

import java.util.Locale;

/** Why a follower did not take a record of the snapshot topic. */
public enum SnapshotRefusal {
  /** No value: somebody removed the model from the topic. The follower keeps what it has. */
  EMPTY,
  /** A header is missing or unreadable, or the key is not the model's name. */
  BAD_HEADERS,
  /** A format that this version does not know. */
  UNKNOWN_FORMAT,
  /** The value is not what its SHA-256 says. */
  WRONG_HASH,
  /** The version is not above the newest one of the model. */
  NOT_NEWER,
  /** The listener could not use it. */
  UNUSABLE;

  /** The reason in kebab case, as a metric tag. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
