package dev.samgs.connectors.snapshot;

import java.util.Locale;

/** Why a follower did not take a record of the snapshot topic. */
public enum SnapshotRefusal {
  /** A header is missing or unreadable, or the key is not the model's name. */
  BAD_HEADERS,
  /** A format that this version does not know. */
  UNKNOWN_FORMAT,
  /** The model is not what its SHA-256 says. */
  WRONG_HASH,
  /** A signature is demanded, and there is none, or none that a trusted key made. */
  BAD_SIGNATURE,
  /** The model is in the snapshot store, and could not be had from there; it is tried again. */
  NOT_FETCHED,
  /** The version is not above the newest one of the model. */
  NOT_NEWER,
  /** The listener could not use it. */
  UNUSABLE;

  /** The reason in kebab case, as a metric tag. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
