package dev.samgs.connectors.kafka;

/** Kafka cannot be reached, or refuses. The message says what to check. */
public final class KafkaAccessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what what could not be done, the beginning of the sentence
   * @param cause its innermost message is quoted
   * @param advice what to do, the end of the sentence
   */
  public KafkaAccessException(String what, Throwable cause, String advice) {
    super(what + ": " + innermost(cause) + "; " + advice, cause);
  }

  private static String innermost(Throwable thrown) {
    Throwable innermost = thrown;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return innermost.getMessage() == null ? innermost.toString() : innermost.getMessage();
  }
}
