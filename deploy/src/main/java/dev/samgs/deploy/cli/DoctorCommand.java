package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.samgs.deploy.doctor.Finding;
import dev.samgs.deploy.doctor.Finding.Level;
import dev.samgs.deploy.doctor.KafkaChecks;
import dev.samgs.deploy.doctor.MachineChecks;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.Terminal.Style;
import dev.samgs.deploy.terminal.TextTable;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.job.SamGsJob;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Looks for what will fail. */
@Command(
    name = "doctor",
    customSynopsis = "samgs doctor [--config FILE] [--bootstrap-servers HOST:PORT] [OPTIONS]",
    sortOptions = false,
    description = {
      "Looks for what will fail: Java and its flags, memory, native libraries, disk, ports; and,"
          + " with a configuration or brokers, at brokers, topics and their settings, hanging"
          + " transactions, clocks and the formats of published models. Says what to do, changes"
          + " nothing, and exits 1 if something will fail.",
      ""
    })
final class DoctorCommand implements Callable<Integer> {
  private final Terminal out;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration of the job, which is checked and says what to look at.")
  private Path config;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "Brokers to look at, instead of those in the configuration.")
  private String bootstrapServers;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one array (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  DoctorCommand(Terminal out) {
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    JobConfiguration job = config == null ? usual() : JobConfiguration.read(config);
    if (bootstrapServers != null) {
      job = job.withBootstrapServers(bootstrapServers);
    }
    List<Finding> findings =
        new ArrayList<>(
            MachineChecks.run(System.getenv(), job.metrics().host(), job.metrics().port()));
    if (config != null || bootstrapServers != null) {
      findings.addAll(
          KafkaChecks.run(
              job.kafka().connection(),
              SamGsJob.topics(job),
              job.output().snapshots(),
              job.kafka().transactionTimeout()));
    }
    report(findings);
    return findings.stream().anyMatch(finding -> finding.level() == Level.BAD) ? 1 : 0;
  }

  /** What a job is that configures nothing: only its topics and ports are looked at. */
  private static JobConfiguration usual() {
    return JobConfiguration.of(
        "samgs",
        new ModelSpec(
            List.of("feature"),
            List.of(TaskSpec.regression("task")),
            NetworkSpec.defaults(),
            LearningSpec.defaults(),
            SurgeryMethod.all().get(0).defaults(),
            DetectorMethod.all().get(0).defaults()));
  }

  private void report(List<Finding> findings) {
    if (output == OutputFormat.JSON) {
      ArrayNode json = JsonNodeFactory.instance.arrayNode();
      for (Finding finding : findings) {
        json.addObject()
            .put("level", finding.level().name().toLowerCase(Locale.ROOT))
            .put("area", finding.area())
            .put("sentence", finding.sentence());
      }
      out.print(json.toString());
      return;
    }
    TextTable table = new TextTable("lll");
    for (Finding finding : findings) {
      String mark =
          switch (finding.level()) {
            case GOOD -> out.styled("good", Style.GREEN);
            case WARNING -> out.styled("warning", Style.YELLOW);
            case BAD -> out.styled("bad", Style.RED);
          };
      table.add(mark, finding.area(), finding.sentence());
    }
    out.print(table.lines());
  }
}
