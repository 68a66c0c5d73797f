package dev.samgs.job.config;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The topics that are written. */
public record OutputSettings(
    @Setting("topic of the models, keyed by model; compacted") String snapshots,
    @Setting("topic of the tasks' scores, keyed by model") String metrics,
    @Setting("topic of the drift alarms, keyed by model") String alarms,
    @Setting("topic of records that could not be used, with their original bytes")
        String deadLetters,
    @Setting(
            value =
                "how long created topics keep scores, alarms and dead letters; models are kept for"
                    + " ever",
            min = 60)
        Duration retention)
    implements Serializable {

  /** Settings that are used where the user gives none. */
  public static OutputSettings defaults() {
    return new OutputSettings(
        "model-snapshots", "task-metrics", "drift-alarms", "dead-letters", Duration.ofDays(7));
  }

  public OutputSettings {
    TopicName.check("snapshots", snapshots);
    TopicName.check("metrics", metrics);
    TopicName.check("alarms", alarms);
    TopicName.check("deadLetters", deadLetters);
    Set<String> seen = new HashSet<>();
    for (String topic : List.of(snapshots, metrics, alarms, deadLetters)) {
      if (!seen.add(topic)) {
        throw new InvalidSettingException(
            "snapshots", "two outputs go to topic '" + topic + "'; give each its own");
      }
    }
  }

  void refuseLoop(String reader, String topic) {
    if (List.of(snapshots, metrics, alarms, deadLetters).contains(topic)) {
      throw new InvalidSettingException(
          "output",
          "topic '"
              + topic
              + "' is "
              + (reader.equals("input") ? "the input" : "read for commands")
              + "; write to another");
    }
  }
}
