package dev.samgs.job.config;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.io.Serializable;
import java.time.Duration;

/** How progress is reported. */
public record MetricsSettings(
    @Setting(
            value = "updates of a model between two records of its tasks' scores",
            min = 1,
            max = 1_000_000_000)
        long every,
    @Setting("event time of a model after which they are reported as well; 0s for never")
        Duration everyEventTime,
    @Setting("whether Prometheus metrics are served over HTTP") boolean serve,
    @Setting("address to serve them on; 127.0.0.1 for this machine only") String host,
    @Setting("port to serve them on, or a range to take the first free one of; 0 for any free port")
        PortRange port,
    @Setting(
            value =
                "most series of all models of a task manager together; a model has 16, and 17 for each"
                    + " task; models beyond it train without",
            min = 0,
            max = 10_000_000)
        int maxSeries)
    implements Serializable {

  public MetricsSettings {
    if (everyEventTime.isNegative()) {
      throw new InvalidSettingException("everyEventTime", "a time between records is not negative");
    }
  }

  /** Settings that are used where the user gives none. */
  public static MetricsSettings defaults() {
    return new MetricsSettings(
        64, Duration.ofMinutes(1), true, "0.0.0.0", PortRange.parse("9404"), 10_000);
  }
}
