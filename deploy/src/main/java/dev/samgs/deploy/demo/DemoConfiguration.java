package dev.samgs.deploy.demo;

import dev.samgs.job.config.ConfigurationException;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.spec.ModelSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The configuration of the demonstration's job: a file of ours, and what its user has chosen. */
final class DemoConfiguration {
  private static final String FILE = "demo.yaml";

  private DemoConfiguration() {}

  static JobConfiguration of(DemoSettings settings, String bootstrapServers)
      throws IOException, ConfigurationException {
    JobConfiguration job = file().withBootstrapServers(bootstrapServers);
    return new JobConfiguration(
        job.name(),
        model(job.model(), settings),
        job.kafka(),
        job.input(),
        job.output(),
        job.snapshots(),
        metrics(job.metrics(), settings),
        job.checkpoints(),
        job.execution());
  }

  private static JobConfiguration file() throws IOException, ConfigurationException {
    try (InputStream in = DemoConfiguration.class.getResourceAsStream(FILE)) {
      return JobConfiguration.parse(FILE, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static ModelSpec model(ModelSpec model, DemoSettings settings) {
    return settings.surgery() == null
        ? model
        : new ModelSpec(
            model.features(),
            model.tasks(),
            model.network(),
            model.learning(),
            SurgeryMethod.named(settings.surgery()).defaults(),
            model.drift(),
            model.shift());
  }

  private static MetricsSettings metrics(MetricsSettings metrics, DemoSettings settings) {
    return settings.port() == null
        ? metrics
        : new MetricsSettings(
            metrics.every(),
            metrics.everyEventTime(),
            metrics.serve(),
            metrics.host(),
            settings.port(),
            metrics.maxSeries());
  }
}
