package dev.samgs.connectors.snapshot;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.event.ModelName;
import dev.samgs.snapshot.SnapshotFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What a person, or the job itself, asks of a running job, on the control topic: key = model, value
 * = {@code {"action":"rollback","version":4294967299,"by":"anna","reason":"…"}}, UTF-8 JSON.
 *
 * @param version the version meant; empty for the one that the action names
 * @param by who asks, for the log; may be empty
 * @param reason why, for the log; may be empty
 */
public record ControlCommand(
    String model, Action action, OptionalLong version, String by, String reason) {

  /** What can be asked for. */
  public enum Action {
    /**
     * Serve that version, or the newest published one, until {@link #UNPIN}; the learner learns on.
     */
    PIN,
    /** Publish again as the policy says. */
    UNPIN,
    /**
     * Bring back the parameters of that version, or of the parent of the newest published one, into
     * the learner, and publish them.
     */
    ROLLBACK,
    /** Publish what the learner has now, past the gate; takes no version. */
    PROMOTE,
    /** Delete all that the job holds of the model, and withdraw it from the topic; no version. */
    RETIRE,
    /**
     * Publish the newest published version again, under a higher one, unless it is newer than the
     * version named; nothing else changes. The job asks it of itself when records were lost.
     */
    REPUBLISH;

    /** Whether a version can be meant. */
    public boolean takesVersion() {
      return this == PIN || this == ROLLBACK || this == REPUBLISH;
    }

    /** The action as it stands in JSON. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .serializationInclusion(JsonInclude.Include.NON_NULL)
          .build();

  /** A command for the job that publishes the model. */
  public ProducerRecord<byte[], byte[]> toProducerRecord(String topic) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("action", action.code());
    version.ifPresent(v -> json.put("version", v));
    json.put("by", by);
    json.put("reason", reason);
    try {
      return new ProducerRecord<>(
          topic, model.getBytes(StandardCharsets.UTF_8), MAPPER.writeValueAsBytes(json));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("a command could not be written as JSON", e);
    }
  }

  /**
   * The command in a record of the control topic.
   *
   * @param key the model's name; may be null
   * @param value may be null
   * @throws SnapshotFormatException if it is none; the message says what was wrong
   */
  public static ControlCommand parse(byte[] key, byte[] value) throws SnapshotFormatException {
    if (key == null || value == null) {
      throw new SnapshotFormatException("a command needs the model as its key, and a value");
    }
    String model = new String(key, StandardCharsets.UTF_8);
    if (!ModelName.valid(model)) {
      throw new SnapshotFormatException(
          "the key '" + model + "' is not a model's name: it must be " + ModelName.RULE);
    }
    JsonNode json;
    try {
      json = MAPPER.readTree(value);
    } catch (IOException e) {
      throw new SnapshotFormatException("the command is not JSON", e);
    }
    JsonNode version = json.path("version");
    if (!version.isMissingNode() && !version.isNull() && !version.canConvertToLong()) {
      throw new SnapshotFormatException("the version '" + version + "' is not a whole number");
    }
    Action action = action(json.path("action").asText());
    boolean versioned = version.isIntegralNumber();
    if (versioned && !action.takesVersion()) {
      throw new SnapshotFormatException("the action '" + action.code() + "' takes no version");
    }
    return new ControlCommand(
        model,
        action,
        versioned ? OptionalLong.of(version.longValue()) : OptionalLong.empty(),
        json.path("by").asText(""),
        json.path("reason").asText(""));
  }

  /** The action of a code. */
  public static Action action(String code) throws SnapshotFormatException {
    for (Action action : Action.values()) {
      if (action.code().equals(code)) {
        return action;
      }
    }
    throw new SnapshotFormatException(
        "there is no action '"
            + code
            + "'; the actions are "
            + Arrays.stream(Action.values()).map(Action::code).collect(Collectors.joining(", ")));
  }
}
