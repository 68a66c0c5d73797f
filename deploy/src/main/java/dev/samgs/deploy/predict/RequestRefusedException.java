package dev.samgs.deploy.predict;

import java.util.Locale;

/** A request that is answered with a sentence instead of predictions. */
final class RequestRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why, as a metric's label and a status of HTTP. */
  enum Reason {
    BAD_REQUEST(400),
    NOT_FOUND(404),
    UNKNOWN_MODEL(404),
    WRONG_METHOD(405),
    TOO_SLOW(408),
    TOO_LARGE(413);

    private final int status;

    Reason(int status) {
      this.status = status;
    }

    int status() {
      return status;
    }

    String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final Reason reason;

  RequestRefusedException(Reason reason, String sentence) {
    super(sentence);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
