package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.deploy.chaos.Chaos;
import dev.samgs.deploy.chaos.ChaosReport;
import dev.samgs.deploy.chaos.ChaosSettings;
import dev.samgs.deploy.chaos.Fault;
import dev.samgs.deploy.embedded.TemporaryDirectory;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.job.config.ExecutionSettings.StateBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Kills real processes and proves that nothing came of it. */
@Command(
    name = "chaos",
    sortOptions = false,
    description = {
      "Runs the job in processes of its own next to a broker in another, on loopback, kills and cuts"
          + " them off at random while events keep coming, and compares all that was committed, bit"
          + " for bit, with an undisturbed run over the same events.",
      "",
      "Exits 1 if anything was lost, doubled or different."
    })
final class ChaosCommand implements Callable<Integer> {
  private final Terminal out;
  private final Terminal err;

  @ParentCommand private Samgs samgs;

  @Spec private CommandSpec command;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "10",
      description =
          "How long faults are made; each kind once at least (default: ${DEFAULT-VALUE}).")
  private double minutes;

  @Option(
      names = "--faults",
      paramLabel = "FAULT",
      split = ",",
      description =
          "Which faults: ${COMPLETION-CANDIDATES}; separated by commas (default: all of them).")
  private List<Fault> faults = List.of(Fault.values());

  @Option(
      names = "--state-backend",
      paramLabel = "NAME",
      defaultValue = "hashmap",
      description =
          "Where the job keeps its state: hashmap or rocksdb (default: ${DEFAULT-VALUE}).")
  private StateBackend stateBackend;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "400",
      description = "Events per second (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--models",
      paramLabel = "N",
      defaultValue = "4",
      description = "Models that they are for (default: ${DEFAULT-VALUE}).")
  private int models;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the choice of faults and times (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "Empty directory for the processes' data and logs, which are kept there.")
  private Path keep;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  ChaosCommand(Terminal out, Terminal err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    refuse(!(minutes >= 0 && minutes <= 1e5), "--minutes", "a time from 0 to 100,000 minutes");
    refuse(!(rate > 0 && rate <= 1e6), "--rate", "above 0 and at most 1,000,000");
    refuse(models < 1 || models > 10_000, "--models", "from 1 to 10,000");
    refuse(keep != null && !emptyDirectory(keep), "--keep", "an empty directory");
    if (!samgs.debug()) {
      Configurator.setRootLevel(Level.ERROR);
    }
    ChaosSettings settings =
        new ChaosSettings(
            Duration.ofMillis(Math.round(minutes * 60_000)),
            faults,
            stateBackend,
            rate,
            models,
            seed);
    ChaosReport report;
    if (keep != null) {
      report = Chaos.run(settings, keep.toAbsolutePath(), err::print);
    } else {
      try (TemporaryDirectory temporary = TemporaryDirectory.create()) {
        report = Chaos.run(settings, temporary.path(), err::print);
      }
    }
    if (output == OutputFormat.JSON) {
      out.print(json(report).toString());
    } else {
      out.print(text(report));
    }
    return report.exact() ? 0 : 1;
  }

  private void refuse(boolean wrong, String option, String right) {
    if (wrong) {
      throw new ParameterException(command.commandLine(), option + " has to be " + right);
    }
  }

  private static boolean emptyDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.findAny().isEmpty();
    }
  }

  private static ObjectNode json(ChaosReport report) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("events", report.events());
    json.put("kills", report.kills());
    json.put("versions", report.versions());
    json.put("lost", report.lost());
    json.put("doubled", report.doubled());
    json.put("weightsEqual", report.weightsEqual());
    json.put("recoveryP50Seconds", report.recoverySeconds().p50());
    json.put("recoveryP95Seconds", report.recoverySeconds().p95());
    json.put("reports", report.records());
    json.put("different", report.different());
    ObjectNode faults = json.putObject("faults");
    report.faults().forEach((fault, times) -> faults.put(fault.toString(), times));
    return json;
  }

  private static List<String> text(ChaosReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        report.kills()
            + " processes killed; faults: "
            + report.faults().toString().replace("=", " "));
    lines.add(
        report.events()
            + " events learned, "
            + report.versions()
            + " versions in "
            + report.records()
            + " committed reports");
    lines.add(
        report.lost()
            + " lost, "
            + report.doubled()
            + " doubled, "
            + report.different()
            + " different from the undisturbed run");
    lines.add("final weights " + (report.weightsEqual() ? "equal, bit for bit" : "NOT equal"));
    lines.add(
        String.format(
            Locale.ROOT,
            "recovery: %.1f s (median), %.1f s (95th percentile)",
            report.recoverySeconds().p50(),
            report.recoverySeconds().p95()));
    return lines;
  }
}
