package dev.samgs.job.config;

import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.ModelName;
import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.io.Serializable;
import java.time.Duration;

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
        boolean bounded,
    @Setting(
            "order in which a model learns its events: arrival, or event-time: by ts, partition and"
                + " offset, for models whose events are in several partitions")
        Ordering ordering,
    @Setting(
            value =
                "how far event times may go back within a partition; with ordering: event-time, what"
                    + " goes back further is late and goes to the dead letters",
            min = 0,
            max = 31_536_000)
        Duration lateness,
    @Setting(
            value =
                "with ordering: event-time, how long a partition may be silent before the others no"
                    + " longer wait for it",
            min = 0.1,
            max = 31_536_000)
        Duration partitionIdle,
    @Setting("what is refused of events that can be read") CheckSettings checks)
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

  /** Order in which a model learns its events. */
  public enum Ordering {
    /** As they come. */
    ARRIVAL,
    /** By ts, partition and offset. */
    EVENT_TIME
  }

  /** With default ordering and checks. */
  public InputSettings(
      String topic,
      EventFormat format,
      String group,
      String defaultModel,
      StartingOffsets startingOffsets,
      boolean bounded) {
    this(
        topic,
        format,
        group,
        defaultModel,
        startingOffsets,
        bounded,
        Ordering.ARRIVAL,
        Duration.ofSeconds(5),
        Duration.ofMinutes(1),
        CheckSettings.defaults());
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
    if (ordering == Ordering.EVENT_TIME && checks.maxAhead().isZero()) {
      throw new InvalidSettingException(
          "ordering",
          "event-time needs checks.max-ahead: without it, one event from the far future makes all"
              + " that follow late");
    }
  }
}
