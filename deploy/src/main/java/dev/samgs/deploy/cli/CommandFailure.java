package dev.samgs.deploy.cli;

/**
 * A command cannot do what it was asked to. The message is one sentence for the person at the
 * keyboard.
 */
final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  CommandFailure(String message) {
    super(message);
  }

  CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
