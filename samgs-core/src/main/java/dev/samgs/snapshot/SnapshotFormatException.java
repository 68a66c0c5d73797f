package dev.samgs.snapshot;

import java.io.IOException;

/** What was read is not a snapshot that this version can use; the message says why. */
public final class SnapshotFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  public SnapshotFormatException(String sentence) {
    super(sentence);
  }

  public SnapshotFormatException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
