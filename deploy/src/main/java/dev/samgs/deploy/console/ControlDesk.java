package dev.samgs.deploy.console;

import com.fasterxml.jackson.databind.JsonNode;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.ControlCommand.Action;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Takes a person's command from the page and writes it for the job, as the command line does. */
final class ControlDesk {
  private static final int MAX_TEXT = 500;
  private static final long TIMEOUT_MILLIS = 15_000;

  /** A command that is not carried out, with the sentence that says why. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;

    RefusedException(int status, String sentence) {
      super(sentence);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  private final KafkaConnection connection;
  private final String topic;
  private final Board board;

  ControlDesk(KafkaConnection connection, String topic, Board board) {
    this.connection = connection;
    this.topic = topic;
    this.board = board;
  }

  /**
   * Writes a command: {@code {"model":…,"confirm":…,"action":…,"version":…,"reason":…}}, the
   * version as text. Whoever sends it has typed the model's name.
   *
   * @return a sentence that says what was asked of the job
   */
  String take(byte[] body) throws RefusedException, InterruptedException {
    ControlCommand command = read(body);
    RecordMetadata written = write(command);
    return "the job was asked to "
        + command.action().code()
        + " "
        + command.model()
        + (command.version().isPresent() ? " at version " + command.version().getAsLong() : "")
        + " ("
        + topic
        + ", offset "
        + written.offset()
        + "); it acts with the next record that it reads";
  }

  private ControlCommand read(byte[] body) throws RefusedException {
    JsonNode asked;
    try {
      asked = BoardJson.MAPPER.readTree(body);
    } catch (IOException e) {
      throw new RefusedException(400, "the command is not JSON");
    }
    String model = asked.path("model").asText("");
    if (!board.knows(model)) {
      throw new RefusedException(404, "there is no model '" + model + "'");
    }
    if (!model.equals(asked.path("confirm").asText(""))) {
      throw new RefusedException(400, "type the model's name, " + model + ", to confirm");
    }
    Action action =
        switch (asked.path("action").asText("")) {
          case "rollback" -> Action.ROLLBACK;
          case "pin" -> Action.PIN;
          case "unpin" -> Action.UNPIN;
          default -> throw new RefusedException(400, "the actions are rollback, pin and unpin");
        };
    String reason = asked.path("reason").asText("");
    if (reason.length() > MAX_TEXT) {
      throw new RefusedException(400, "the reason can have at most " + MAX_TEXT + " characters");
    }
    return new ControlCommand(
        model,
        action,
        version(asked.path("version"), action),
        System.getProperty("user.name", ""),
        reason);
  }

  private static OptionalLong version(JsonNode version, Action action) throws RefusedException {
    if (version.isMissingNode() || version.isNull()) {
      return OptionalLong.empty();
    }
    if (action == Action.UNPIN || !version.asText().matches("\\d{1,18}")) {
      throw new RefusedException(400, action.code() + " takes no version '" + version + "'");
    }
    return OptionalLong.of(Long.parseLong(version.asText()));
  }

  /** Commands are rare: a producer is opened for each. */
  private RecordMetadata write(ControlCommand command)
      throws RefusedException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            connection.with(
                Map.of(
                    "acks",
                    "all",
                    "max.block.ms",
                    TIMEOUT_MILLIS,
                    "request.timeout.ms",
                    TIMEOUT_MILLIS / 2,
                    "delivery.timeout.ms",
                    TIMEOUT_MILLIS,
                    "linger.ms",
                    0)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      return producer
          .send(command.toProducerRecord(topic))
          .get(2 * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
      throw new RefusedException(
          503,
          "the command could not be written to topic "
              + topic
              + ": "
              + cause.getMessage()
              + "; nothing was changed");
    }
  }
}
