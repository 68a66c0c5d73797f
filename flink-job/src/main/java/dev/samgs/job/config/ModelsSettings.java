package dev.samgs.job.config;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** Which models there may be, how long, and what becomes of them under another structure. */
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
        Duration idle,
    @Setting(
            "what becomes of saved models if features or tasks were added or removed: refuse, or"
                + " adapt: what is common is kept")
        Upgrade upgrade)
    implements Serializable {

  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._*-]{1,200}");

  /** What becomes of saved models of another structure. */
  public enum Upgrade {
    /** The job does not start. */
    REFUSE,
    /** They keep what both structures have. */
    ADAPT
  }

  /** Settings that are used where the user gives none. */
  public static ModelsSettings defaults() {
    return new ModelsSettings(List.of(), 0, Duration.ZERO, Upgrade.REFUSE);
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
