package dev.samgs.connectors.kafka;

/** Kafka cannot be reached, or refuses. The message says what to check. */
public final class KafkaAccessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public KafkaAccessException(String message, Throwable cause) {
    super(message, cause);
  }
}
