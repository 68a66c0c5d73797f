package dev.samgs.state;

import java.io.IOException;

/**
 * State that cannot be read: damaged, from a newer version, or of another model. The message says
 * what to do.
 */
public final class StateFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  public StateFormatException(String message) {
    super(message);
  }
}
