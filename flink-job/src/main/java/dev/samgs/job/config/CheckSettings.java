package dev.samgs.job.config;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.io.Serializable;
import java.time.Duration;

/** What is refused of events that can be read, and when so much is refused that the job stops. */
public record CheckSettings(
    @Setting(
            value =
                "how far an event's time may be ahead of its record's own timestamp; 0s for any"
                    + " distance",
            min = 0,
            max = 3_153_600_000.0)
        Duration maxAhead,
    @Setting(
            value =
                "how far an event's time may be behind its record's own timestamp; 0s for any"
                    + " distance",
            min = 0,
            max = 3_153_600_000.0)
        Duration maxBehind,
    @Setting(
            "what becomes of an event whose eventId its model had among the remembered ones: learn,"
                + " or refuse")
        Duplicates duplicates,
    @Setting(
            value =
                "latest event ids that are remembered of each model, where duplicates are refused",
            min = 1,
            max = 10_000_000)
        int remembered,
    @Setting(
            value =
                "share of a partition's records that may be refused as a whole before the job stops"
                    + " and says so; 1 for never",
            min = 0,
            max = 1)
        double maxRefused,
    @Setting(
            value = "offsets of a partition over which that share is counted, block by block",
            min = 1,
            max = 1_000_000_000)
        int refusedWindow)
    implements Serializable {

  /** What becomes of an event that was there before. */
  public enum Duplicates {
    /** It is learned again. */
    LEARN,
    /** It goes to the dead letters. */
    REFUSE
  }

  /** Settings that are used where the user gives none. */
  public static CheckSettings defaults() {
    return new CheckSettings(Duration.ZERO, Duration.ZERO, Duplicates.LEARN, 10_000, 1, 10_000);
  }

  public CheckSettings {
    if (maxRefused < 1 && (long) (maxRefused * refusedWindow) == 0 && maxRefused > 0) {
      throw new InvalidSettingException(
          "maxRefused",
          "of "
              + refusedWindow
              + " offsets it is less than one record; raise it or refused-window, or set 0 to stop"
              + " at the first refused record");
    }
  }
}
