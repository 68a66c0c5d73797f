package dev.samgs.job.config;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** Which models there may be, how many, and how long. */
public record ModelsSettings(
    @Setting(
            "names of the models that there may be, '*' standing for any characters; none for all"
                + " names")
        List<String> allow,
    @Setting(
            value =
                "models that there may be at a time; events of others go to the dead letters; 0 for"
                    + " any number",
            min = 0,
            max = 100_000_000)
        int max,
    @Setting(
            value =
                "event time without an event after which a model is retired: its state deleted and"
                    + " its snapshots withdrawn; 0s for never",
            min = 0,
            max = 315_360_000)
        Duration idle)
    implements Serializable {

  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._*-]{1,200}");

  /** Settings that are used where the user gives none. */
  public static ModelsSettings defaults() {
    return new ModelsSettings(List.of(), 0, Duration.ZERO);
  }

  public ModelsSettings {
    allow = List.copyOf(allow);
    for (String name : allow) {
      if (!ALLOWED.matcher(name).matches()) {
        throw new InvalidSettingException(
            "allow",
            "'" + name + "' must be 1 to 200 letters, digits, dots, underscores, hyphens or '*'");
      }
    }
  }

  /** Whether somebody has to count the models. */
  public boolean limited() {
    return max > 0 || !idle.isZero();
  }
}
