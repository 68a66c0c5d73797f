package dev.samgs.job.config;

import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.ModelName;
import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.io.Serializable;

/** Where events come from. */
public record InputSettings(
    @Setting("topic of the labelled events") String topic,
    @Setting("form of the events: json or avro") EventFormat format,
    @Setting(
            value =
                "consumer group that the progress is committed under; the job's name if not set",
            optional = true)
        String group,
    @Setting("model of events that name none") String defaultModel,
    @Setting(
            "where a job without saved state begins: earliest, latest, or committed (where the"
                + " group stopped, else earliest)")
        StartingOffsets startingOffsets,
    @Setting(
            "whether the job ends when it has read what the topic held at its start, and learns the"
                + " last, partial mini-batches then; of no effect on a savepoint of a job that did"
                + " not")
        boolean bounded)
    implements Serializable {

  /** Where a job without saved state begins. */
  public enum StartingOffsets {
    /** The oldest event in the topic. */
    EARLIEST,
    /** Events that arrive from now on. */
    LATEST,
    /** Where the consumer group stopped; the oldest event if it never began. */
    COMMITTED
  }

  /** Settings that are used where the user gives none. */
  public static InputSettings defaults() {
    return new InputSettings(
        "events", EventFormat.JSON, null, "default", StartingOffsets.EARLIEST, false);
  }

  public InputSettings {
    TopicName.check("topic", topic);
    if (!ModelName.valid(defaultModel)) {
      throw new InvalidSettingException(
          "defaultModel", "'" + defaultModel + "' must be " + ModelName.RULE);
    }
  }
}
