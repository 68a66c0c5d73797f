package dev.samgs.job.config;

import dev.samgs.spec.Setting;
import java.io.Serializable;

/** How progress is reported. */
public record MetricsSettings(
    @Setting(
            value = "updates of a model between two records of its tasks' scores",
            min = 1,
            max = 1_000_000_000)
        long every,
    @Setting("whether Prometheus metrics are served over HTTP") boolean serve,
    @Setting("address to serve them on; 127.0.0.1 for this machine only") String host,
    @Setting("port to serve them on, or a range to take the first free one of; 0 for any free port")
        PortRange port,
    @Setting(
            value = "models with series of their own; further ones are counted together",
            min = 0,
            max = 100_000)
        int maxModels)
    implements Serializable {

  /** Settings that are used where the user gives none. */
  public static MetricsSettings defaults() {
    return new MetricsSettings(64, true, "0.0.0.0", PortRange.parse("9404"), 100);
  }
}
