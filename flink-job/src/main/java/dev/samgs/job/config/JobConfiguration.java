package dev.samgs.job.config;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.Preset;
import dev.samgs.spec.Setting;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.surgery.SurgeryMethod;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Everything that a job is told, as one YAML file says it. Keys are the components' names in kebab
 * case; all but {@code name}, {@code model.features} and {@code model.tasks} have defaults.
 */
public record JobConfiguration(
    @Setting("name of the job: letters, digits, '.', '_' and '-'; it begins transactional ids")
        String name,
    @Setting("what is learned, and how") ModelSpec model,
    @Setting("how Kafka is reached") KafkaSettings kafka,
    @Setting("where events come from") InputSettings input,
    @Setting("the topics that are written") OutputSettings output,
    @Setting("when models are published") SnapshotSettings snapshots,
    @Setting("how progress is reported") MetricsSettings metrics,
    @Setting("how state is made safe") CheckpointSettings checkpoints,
    @Setting("how the job is spread over the cluster") ExecutionSettings execution,
    @Setting("which models there may be") ModelsSettings models)
    implements Serializable {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

  private static final List<Choice> CHOICES =
      List.of(
          new Choice(
              LearningSpec.class,
              "preset",
              Arrays.stream(Preset.values())
                  .map(
                      p ->
                          new Choice.Option(
                              p.name().toLowerCase(Locale.ROOT), LearningSpec.class, p.learning()))
                  .toList()),
          new Choice(
              SurgerySpec.class,
              "method",
              SurgeryMethod.all().stream()
                  .map(
                      m ->
                          new Choice.Option(
                              m.name(),
                              m.settings().asSubclass(Record.class),
                              (Record) m.defaults()))
                  .toList()),
          new Choice(
              DetectorSpec.class,
              "detector",
              DetectorMethod.all().stream()
                  .map(
                      m ->
                          new Choice.Option(
                              m.name(),
                              m.settings().asSubclass(Record.class),
                              (Record) m.defaults()))
                  .toList()));

  public JobConfiguration {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidSettingException(
          "name", "'" + name + "' is not 1 to 100 letters, digits, '.', '_' or '-'");
    }
    output.refuseLoop("input", input.topic());
    output.refuseLoop("snapshots", snapshots.control());
    if (!models.idle().isZero() && input.checks().maxAhead().isZero()) {
      throw new InvalidSettingException(
          "models",
          "idle needs input.checks.max-ahead: without it, one event from the far future retires all"
              + " other models");
    }
    Duration unfinished = checkpoints.interval().plus(checkpoints.timeout());
    if (kafka.transactionTimeout().compareTo(unfinished) <= 0) {
      throw new InvalidSettingException(
          "kafka",
          "transaction-timeout must be longer than checkpoints.interval and checkpoints.timeout"
              + " together, or a slow checkpoint loses what was written");
    }
  }

  /** With any number of models. */
  public JobConfiguration(
      String name,
      ModelSpec model,
      KafkaSettings kafka,
      InputSettings input,
      OutputSettings output,
      SnapshotSettings snapshots,
      MetricsSettings metrics,
      CheckpointSettings checkpoints,
      ExecutionSettings execution) {
    this(
        name,
        model,
        kafka,
        input,
        output,
        snapshots,
        metrics,
        checkpoints,
        execution,
        ModelsSettings.defaults());
  }

  /** Settings that are one of several records. */
  static List<Choice> choices() {
    return CHOICES;
  }

  /** A job of that name for a model, with default settings everywhere else. */
  public static JobConfiguration of(String name, ModelSpec model) {
    return new JobConfiguration(
        name,
        model,
        KafkaSettings.defaults(),
        InputSettings.defaults(),
        OutputSettings.defaults(),
        SnapshotSettings.defaults(),
        MetricsSettings.defaults(),
        CheckpointSettings.defaults(),
        ExecutionSettings.defaults());
  }

  /**
   * Reads a configuration.
   *
   * @throws ConfigurationException with every problem, each with its line
   * @throws IOException if the file cannot be read
   */
  public static JobConfiguration read(Path file) throws ConfigurationException, IOException {
    return parse(
        String.valueOf(file.getFileName()), Files.readString(file, StandardCharsets.UTF_8));
  }

  /**
   * Reads a configuration from text.
   *
   * @param file name of the file in messages
   * @throws ConfigurationException with every problem, each with its line
   */
  public static JobConfiguration parse(String file, String yaml) throws ConfigurationException {
    return YamlBinder.bind(JobConfiguration.class, file, yaml, CHOICES);
  }

  /**
   * Reads a gradient surgery method from one word: its name, or {@code name:setting=value:...}, as
   * in {@code sam-gs:mode=full:gamma=0.7}.
   *
   * @throws ConfigurationException with every problem
   */
  public static SurgerySpec surgery(String word) throws ConfigurationException {
    String[] parts = word.split(":", -1);
    StringBuilder yaml = new StringBuilder("surgery: {method: " + parts[0]);
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 1) {
        throw new ConfigurationException(
            List.of("'" + word + "': '" + parts[i] + "' is not of the form setting=value"));
      }
      yaml.append(", ")
          .append(parts[i], 0, equals)
          .append(": ")
          .append(parts[i].substring(equals + 1));
    }
    String file = "'" + word + "'";
    try {
      return YamlBinder.bind(OneSurgery.class, file, yaml.append('}').toString(), CHOICES)
          .surgery();
    } catch (ConfigurationException e) {
      // There is only one line: its number says nothing.
      throw new ConfigurationException(
          e.problems().stream().map(p -> p.replace(file + ":1: ", file + ": ")).toList());
    }
  }

  /** Only what {@link #surgery} reads. */
  record OneSurgery(SurgerySpec surgery) {}

  /**
   * The complete configuration as YAML, each setting with its description. {@link #parse} gives an
   * equal configuration back.
   *
   * @param header lines of a comment at the top
   */
  public String toYaml(List<String> header) {
    return YamlPrinter.print(this, header, CHOICES);
  }

  /** Consumer group of the input: as set, else the job's name. */
  public String group() {
    return input.group() == null ? name : input.group();
  }

  /** The same job with another broker list. */
  public JobConfiguration withBootstrapServers(String servers) {
    return new JobConfiguration(
        name,
        model,
        kafka.withBootstrapServers(servers),
        input,
        output,
        snapshots,
        metrics,
        checkpoints,
        execution,
        models);
  }

  /** The same job, allowed to go on from an old savepoint under a new incarnation. */
  public JobConfiguration withNewIncarnation() {
    return new JobConfiguration(
        name,
        model,
        kafka,
        input,
        output,
        snapshots.withNewIncarnation(),
        metrics,
        checkpoints,
        execution,
        models);
  }

  /** The same job with other input settings. */
  public JobConfiguration with(InputSettings other) {
    return new JobConfiguration(
        name, model, kafka, other, output, snapshots, metrics, checkpoints, execution, models);
  }

  /** The same job with other limits of its models. */
  public JobConfiguration with(ModelsSettings other) {
    return new JobConfiguration(
        name, model, kafka, input, output, snapshots, metrics, checkpoints, execution, other);
  }
}
