package dev.samgs.deploy.demo;

/** A part of a demonstration has failed. The message says which. */
public final class DemoException extends Exception {
  private static final long serialVersionUID = 1L;

  DemoException(String message, Throwable cause) {
    super(message, cause);
  }
}
