package dev.samgs.job.metrics;

import dev.samgs.job.config.MetricsSettings;
import dev.samgs.metrics.LearnerMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of all subtasks of one process (more exactly: of one class loader). The first lease
 * starts registry and server, the last one to be closed ends them. A port that cannot be had is
 * logged and counted; the job goes on without being scraped.
 */
public final class SharedMetrics {
  private static final Logger LOG = LoggerFactory.getLogger(SharedMetrics.class);

  private static SharedMetrics shared;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final LearnerMetrics learners;
  private MetricsServer server;
  private int leases;

  private SharedMetrics(MetricsSettings settings) {
    learners = new LearnerMetrics(registry, settings.maxSeries());
    Counter failures =
        Counter.builder("samgs.metrics.bind.failures")
            .description("Attempts to serve metrics that found no free port")
            .register(registry);
    if (settings.serve()) {
      try {
        server = MetricsServer.start(registry, settings);
        LOG.info("Serving metrics on {}:{}/metrics.", settings.host(), server.port());
      } catch (IOException e) {
        failures.increment();
        LOG.error(
            "Metrics are not served: {}:{} could not be bound ({}); set metrics.host and"
                + " metrics.port to what is free. The job goes on.",
            settings.host(),
            settings.port(),
            e.getMessage());
      }
    }
  }

  /** A share in the process's metrics, to be closed by the subtask that took it. */
  public static final class Lease implements AutoCloseable {
    private SharedMetrics metrics;

    private Lease(SharedMetrics metrics) {
      this.metrics = metrics;
    }

    /** Where counters go. */
    public MeterRegistry registry() {
      return metrics.registry;
    }

    /** The instruments of the learners. */
    public LearnerMetrics learners() {
      return metrics.learners;
    }

    /** Gives the share back; the last one ends registry and server. */
    @Override
    public void close() {
      if (metrics != null) {
        release();
        metrics = null;
      }
    }
  }

  /**
   * Takes a share.
   *
   * @param settings how to serve; only those of the first share count
   */
  public static synchronized Lease lease(MetricsSettings settings) {
    if (shared == null) {
      shared = new SharedMetrics(settings);
    }
    shared.leases++;
    return new Lease(shared);
  }

  private static synchronized void release() {
    shared.leases--;
    if (shared.leases == 0) {
      shared.end();
      shared = null;
    }
  }

  private void end() {
    if (server != null) {
      server.close();
    }
    learners.close();
    registry.close();
  }

  /** The port that metrics are served on at present; empty if they are not. */
  public static synchronized OptionalInt port() {
    return shared == null || shared.server == null
        ? OptionalInt.empty()
        : OptionalInt.of(shared.server.port());
  }
}
