package dev.samgs.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.samgs.drift.Adwin;
import dev.samgs.drift.EDetector;
import dev.samgs.spec.GateSpec;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.Preset;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.LinearScalarisation;
import dev.samgs.surgery.SamGs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobConfigurationTest {
  private static final String MINIMAL =
      """
      name: press-line
      kafka:
        bootstrap-servers: broker:9092
      model:
        features: [temperature, vibration, pressure]
        tasks:
          - {name: wear, kind: regression}
          - {name: leak, kind: binary}
          - {name: grade, kind: multiclass, classes: 4}
      """;

  private static JobConfiguration parse(String yaml) throws ConfigurationException {
    return JobConfiguration.parse("samgs.yaml", yaml);
  }

  private static List<String> problems(String yaml) {
    ConfigurationException e =
        catchThrowableOfType(ConfigurationException.class, () -> parse(yaml));
    assertThat(e).as("the configuration was accepted").isNotNull();
    return e.problems();
  }

  @Test
  void nineLinesAreEnough() throws ConfigurationException {
    JobConfiguration read = parse(MINIMAL);

    assertThat(read.model().tasks())
        .containsExactly(
            TaskSpec.regression("wear"), TaskSpec.binary("leak"), TaskSpec.multiclass("grade", 4));
    assertThat(read)
        .isEqualTo(
            JobConfiguration.of("press-line", read.model()).withBootstrapServers("broker:9092"));
    assertThat(read.model().network()).isEqualTo(NetworkSpec.defaults());
    assertThat(read.model().learning()).isEqualTo(LearningSpec.defaults());
    assertThat(read.model().surgery()).isEqualTo(SamGs.Settings.defaults());
    assertThat(read.model().drift()).isEqualTo(EDetector.Settings.defaults());
    assertThat(read.group()).isEqualTo("press-line");
  }

  @Test
  void everyKindOfValueIsRead() throws ConfigurationException {
    JobConfiguration read =
        parse(
            MINIMAL
                + """
                  network: {trunk: [8, 4], activation: gelu, skip: false}
                  learning:
                    optimizer: momentum
                    learning-rate: 1e-2
                    gap-millis: 60000
                  surgery: {method: sum, max-norm: 2}
                  drift: {detector: adwin, delta: .01}
                input: {topic: lines, group: trainers, starting-offsets: latest, bounded: true}
                snapshots:
                  every: 10
                  event-time: 1m
                  improvement: 0.1
                  gate: {tolerance: 0.2, tolerances: {fault: 0.5}, rollback-after: 3}
                  largest: 2MiB
                  store: file:///data/snapshots
                  keep: 3
                  signing-key: /etc/samgs/samgs.key
                  control: commands
                  start-from: file:///data/old.onnx
                  new-incarnation: true
                metrics: {port: 9250-9260, host: "::1"}
                checkpoints: {interval: 500ms, timeout: 1m, directory: "file:///data/checkpoints"}
                execution: {parallelism: 2, state-backend: rocksdb}
                """);

    assertThat(read.model().network().trunk()).containsExactly(8, 4);
    assertThat(read.model().network().head()).isEmpty();
    assertThat(read.model().network().skip()).isFalse();
    assertThat(read.model().learning().optimizer()).isEqualTo(OptimizerKind.MOMENTUM);
    assertThat(read.model().learning().learningRate()).isEqualTo(0.01);
    assertThat(read.model().learning().gapMillis()).isEqualTo(60_000);
    assertThat(read.model().surgery()).isEqualTo(new LinearScalarisation.Settings(2));
    assertThat(read.model().drift()).isEqualTo(new Adwin.Settings(0.01, 32, 256));
    assertThat(read.input().startingOffsets()).isEqualTo(InputSettings.StartingOffsets.LATEST);
    assertThat(read.group()).isEqualTo("trainers");
    assertThat(read.snapshots())
        .isEqualTo(
            new SnapshotSettings(
                10,
                Duration.ofMinutes(1),
                0.1,
                new GateSpec(true, 0.2, Map.of("fault", 0.5), 32, 1e6, 3),
                ByteSize.ofMebibytes(2),
                "file:///data/snapshots",
                3,
                "/etc/samgs/samgs.key",
                "commands",
                "file:///data/old.onnx",
                true));
    assertThat(read.metrics().port()).isEqualTo(new PortRange(9250, 9260));
    assertThat(read.checkpoints().interval()).isEqualTo(Duration.ofMillis(500));
    assertThat(read.execution().stateBackend()).isEqualTo(ExecutionSettings.StateBackend.ROCKSDB);
  }

  @Test
  void aPresetGivesWhatIsNotSet() throws ConfigurationException {
    assertThat(parse(MINIMAL).model().learning()).isEqualTo(Preset.BALANCED.learning());
    assertThat(parse(MINIMAL + "  learning: {preset: thorough, seed: 9}\n").model().learning())
        .isEqualTo(Preset.THOROUGH.learning().withSeed(9));
    JobConfiguration fast = parse(MINIMAL + "  learning: {passes: 3, preset: fast}\n");
    assertThat(fast.model().learning().passes()).isEqualTo(3);
    assertThat(fast.model().learning().mixture()).isFalse();
    assertThat(parse(fast.toYaml(List.of()))).isEqualTo(fast);
    assertThat(parse(MINIMAL + "  learning: {preset: fast}\n").toYaml(List.of()))
        .contains("    preset: fast\n");
    assertThat(problems(MINIMAL + "  learning: {preset: quick}\n"))
        .singleElement()
        .asString()
        .contains("model.learning.preset must be one of balanced, fast, thorough");
  }

  @Test
  void aSurgeryMethodIsReadFromOneWordToo() throws ConfigurationException {
    assertThat(JobConfiguration.surgery("sum")).isEqualTo(new LinearScalarisation.Settings(0));
    assertThat(JobConfiguration.surgery("sum:max-norm=2"))
        .isEqualTo(new LinearScalarisation.Settings(2));
    assertThatThrownBy(() -> JobConfiguration.surgery("sum:max-nor=2"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("'sum:max-nor=2': there is no setting 'max-nor'")
        .hasMessageContaining("did you mean 'max-norm'");
    assertThatThrownBy(() -> JobConfiguration.surgery("sam-gs:gamma=2"))
        .hasMessageContaining("gamma must be at most 1, but it is 2");
    assertThatThrownBy(() -> JobConfiguration.surgery("sam-gs:gamma"))
        .hasMessageContaining("'gamma' is not of the form setting=value");
  }

  @Test
  void clientPropertiesPassThroughExceptThoseThatExactlyOnceDependsOn()
      throws ConfigurationException {
    String kafka = "kafka:\n  properties: {security.protocol: SSL, %s: 1}\n";
    String rest = MINIMAL.replaceFirst("(?s)kafka:.*?model:", "model:");

    assertThat(parse(kafka.formatted("fetch.min.bytes") + rest).kafka().properties())
        .isEqualTo(Map.of("security.protocol", "SSL", "fetch.min.bytes", "1"));
    assertThat(problems(kafka.formatted("isolation.level") + rest))
        .containsExactly(
            "samgs.yaml:2: kafka.properties: 'isolation.level' is set by the job itself; remove"
                + " it");
  }

  @Test
  void aMisspeltKeyIsNamedWithItsLineAndTheNearestValidOne() {
    assertThat(problems(MINIMAL + "  learning:\n    learning-rat: 0.1\n"))
        .containsExactly(
            "samgs.yaml:11: there is no setting 'learning-rat' in model.learning;"
                + " did you mean 'learning-rate'?");
    assertThat(problems(MINIMAL + "snapshot: {every: 3}\n"))
        .containsExactly(
            "samgs.yaml:10: there is no setting 'snapshot' at the top level;"
                + " did you mean 'snapshots'?");
    assertThat(problems(MINIMAL + "  learning: {miniBatch: 3}\n"))
        .containsExactly(
            "samgs.yaml:10: there is no setting 'miniBatch' in model.learning;"
                + " did you mean 'mini-batch'?");
  }

  @Test
  void aKeyLikeNoOtherIsAnsweredWithTheListOfKeys() {
    assertThat(problems(MINIMAL + "snapshots: {colour: blue}\n"))
        .containsExactly(
            "samgs.yaml:10: there is no setting 'colour' in snapshots;"
                + " the settings there are every, event-time, improvement, gate, largest, store, keep,"
                + " signing-key, control, start-from, new-incarnation");
  }

  @Test
  void anIllTypedValueIsNamedWithItsLineAndWhatWasExpected() {
    assertThat(problems(MINIMAL + "snapshots: {every: often}\n"))
        .containsExactly(
            "samgs.yaml:10: snapshots.every must be a whole number, but found 'often'");
    assertThat(problems(MINIMAL + "snapshots: {every: 1.5}\n"))
        .containsExactly("samgs.yaml:10: snapshots.every must be a whole number, but found '1.5'");
    assertThat(problems(MINIMAL + "snapshots: {every: '3'}\n"))
        .containsExactly(
            "samgs.yaml:10: snapshots.every must be a whole number,"
                + " but found '3' in quotes; remove them");
    assertThat(problems(MINIMAL + "snapshots: {largest: 8MB}\n"))
        .containsExactly(
            "samgs.yaml:10: snapshots.largest must be a size such as 64KiB or 8MiB,"
                + " but found '8MB'");
    assertThat(problems(MINIMAL + "checkpoints:\n  interval: 5\n"))
        .containsExactly(
            "samgs.yaml:11: checkpoints.interval must be a duration such as 500ms, 5s or 10m,"
                + " but found '5'");
    assertThat(problems(MINIMAL + "  network: {skip: yes}\n"))
        .containsExactly(
            "samgs.yaml:10: model.network.skip must be true or false, but found 'yes'");
    assertThat(problems(MINIMAL + "  learning: {learning-rate: .inf}\n"))
        .containsExactly(
            "samgs.yaml:10: model.learning.learning-rate must be a number, but found '.inf'");
    assertThat(problems(MINIMAL + "metrics: {port: 9300-9200}\n"))
        .containsExactly(
            "samgs.yaml:10: metrics.port must be a port such as 9404 or a range such as 9404-9410,"
                + " but found '9300-9200'");
    assertThat(problems(MINIMAL + "  network:\n    trunk: 64\n"))
        .containsExactly(
            "samgs.yaml:11: model.network.trunk must be a list such as [a, b], but found '64'");
    assertThat(problems(MINIMAL + "  network: [64]\n"))
        .containsExactly(
            "samgs.yaml:10: model.network must be settings of the form 'key: value',"
                + " but found a list");
    assertThat(problems(MINIMAL + "input: {topic: [a]}\n"))
        .containsExactly("samgs.yaml:10: input.topic must be text, but found a list");
    assertThat(problems(MINIMAL + "input:\n  topic:\n"))
        .containsExactly("samgs.yaml:11: input.topic must be text, but found nothing");
  }

  @Test
  void anUnknownWordIsAnsweredWithTheValidOnes() {
    assertThat(problems(MINIMAL + "  network: {activation: rellu}\n"))
        .containsExactly(
            "samgs.yaml:10: model.network.activation must be one of relu, tanh, gelu,"
                + " but found 'rellu'; did you mean 'relu'?");
    assertThat(problems(MINIMAL + "  surgery: {method: sam-gd}\n"))
        .singleElement()
        .asString()
        .startsWith("samgs.yaml:10: model.surgery.method must be one of sam-gs, sum")
        .endsWith("but found 'sam-gd'; did you mean 'sam-gs'?");
  }

  @Test
  void aValueOutOfBoundsIsNamedWithTheBound() {
    assertThat(problems(MINIMAL + "  learning:\n    mini-batch: 0\n    beta1: 1\n"))
        .containsExactly(
            "samgs.yaml:11: model.learning.mini-batch must be at least 1, but it is 0",
            "samgs.yaml:12: model.learning.beta1 must be at most 0.9999999, but it is 1");
    assertThat(problems(MINIMAL + "checkpoints: {interval: 10ms}\n"))
        .containsExactly(
            "samgs.yaml:10: checkpoints.interval must be at least 100ms, but it is 10ms");
    assertThat(problems(MINIMAL + "  network: {trunk: [8, 0]}\n"))
        .containsExactly("samgs.yaml:10: model.network.trunk[1] must be at least 1, but it is 0");
    assertThat(problems(MINIMAL + "snapshots: {every: 99999999999999999999}\n"))
        .containsExactly(
            "samgs.yaml:10: snapshots.every must be a whole number,"
                + " but found '99999999999999999999'");
  }

  @Test
  void missingSettingsAreAllNamed() {
    assertThat(problems("model:\n  features: [a]\n"))
        .containsExactly(
            "samgs.yaml:1: the configuration lacks 'name': name of the job: letters, digits, '.',"
                + " '_' and '-'; it begins transactional ids",
            "samgs.yaml:1: model lacks 'tasks': the tasks, in the order of their heads");
    assertThat(problems("name: a\nmodel:\n  features: [a]\n  tasks:\n    - name: x\n"))
        .containsExactly(
            "samgs.yaml:5: model.tasks[0] lacks 'kind': regression, binary or multiclass");
    assertThat(problems("name: a\n"))
        .containsExactly("samgs.yaml:1: the configuration lacks 'model': what is learned, and how");
  }

  @Test
  void settingsThatContradictEachOtherAreNamedAtTheSettingAtFault() {
    assertThat(problems(MINIMAL.replace("multiclass, classes: 4", "multiclass")))
        .containsExactly(
            "samgs.yaml:9: model.tasks[2].classes: a multiclass task needs the number of its"
                + " classes, at least 2, but it is 0");
    assertThat(problems(MINIMAL.replace("name: leak", "name: wear")))
        .containsExactly("samgs.yaml:6: model.tasks: task 'wear' is blank or stands there twice");
    assertThat(problems(MINIMAL + "execution: {parallelism: 256}\n"))
        .containsExactly(
            "samgs.yaml:10: execution.max-parallelism: it is 128, less than the parallelism of"
                + " 256");
    assertThat(problems(MINIMAL + "input: {topic: task-metrics}\n"))
        .containsExactly(
            "samgs.yaml:1: output: topic 'task-metrics' is the input; write to another");
    assertThat(problems(MINIMAL + "checkpoints: {interval: 10m}\n"))
        .containsExactly(
            "samgs.yaml:2: kafka: transaction-timeout must be longer than checkpoints.interval and"
                + " checkpoints.timeout together, or a slow checkpoint loses what was written");
  }

  @Test
  void keysThatStandTwiceAreRefused() {
    assertThat(problems(MINIMAL + "input: {topic: a}\ninput: {topic: b}\n"))
        .containsExactly("samgs.yaml:11: 'input' stands twice at the top level; keep one");
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    assertThat(
            problems(
                MINIMAL
                    + "  learning: {passes: many}\n"
                    + "snapshots: {evry: 3}\n"
                    + "metrics: {port: 70000}\n"))
        .hasSize(3);
  }

  @Test
  void textThatIsNotYamlIsRefusedWithItsLine() {
    assertThat(problems("name: a\nmodel: [\n"))
        .singleElement()
        .asString()
        .startsWith("samgs.yaml:3: this is not YAML: ");
    assertThat(problems("name: a\n\tmodel: b\n"))
        .singleElement()
        .asString()
        .startsWith("samgs.yaml:2: this is not YAML: ");
    assertThat(problems("# nothing\n")).containsExactly("samgs.yaml:1: the configuration is empty");
    assertThat(problems("just words"))
        .containsExactly(
            "samgs.yaml:1: the configuration must be settings of the form 'key: value',"
                + " but found 'just words'");
  }

  @Test
  void aFileIsNamedInItsProblems(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("line 7.yaml");
    Files.writeString(file, "nam: x\n");

    ConfigurationException e =
        catchThrowableOfType(ConfigurationException.class, () -> JobConfiguration.read(file));

    assertThat(e)
        .hasMessageContaining(
            "line 7.yaml:1: there is no setting 'nam' at the top level; did you mean 'name'?");
  }

  @Test
  void theWrittenFileReadsBackAsTheSameConfiguration() throws ConfigurationException {
    JobConfiguration small = parse(MINIMAL);
    JobConfiguration all =
        parse(
            MINIMAL
                + """
                  network: {trunk: [8, 4], head: [3], activation: gelu, skip: false}
                  learning: {optimizer: sgd, learning-rate: 1e-2, epsilon: 1e-12, seed: -5}
                  surgery: {method: sum, max-norm: 2}
                input: {topic: lines, group: "42", starting-offsets: latest}
                output: {retention: 2h}
                """);

    for (JobConfiguration configuration : List.of(small, all)) {
      String yaml = configuration.toYaml(List.of("press line", "", "written by hand"));
      assertThat(parse(yaml)).isEqualTo(configuration);
      assertThat(yaml.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }
  }

  @Test
  void theWrittenFileExplainsEverySettingInItsPlace() throws ConfigurationException {
    String yaml = parse(MINIMAL).toYaml(List.of("press line"));

    assertThat(yaml)
        .startsWith("# press line\n\n# name of the job")
        .contains("    # labelled rows that make a mini-batch (1 to 65536)\n    mini-batch: 32\n")
        .contains("  surgery:\n    # one of sam-gs, sum")
        .contains("    method: sam-gs\n")
        .contains("    - {name: grade, kind: multiclass, classes: 4}\n")
        .contains("  # group:\n")
        .contains("  interval: 5s\n");
  }

  @Test
  void aModelThatWouldNeverBePublishedIsRefused() {
    assertThat(problems(MINIMAL + "snapshots: {every: 0}\n"))
        .containsExactly(
            "samgs.yaml:10: snapshots.every: nothing says when to publish; set every, event-time or"
                + " improvement");
    assertThat(problems(MINIMAL + "snapshots: {improvement: 0.1, gate: {enabled: false}}\n"))
        .containsExactly(
            "samgs.yaml:10: snapshots.improvement: without the gate nothing is compared; enable it,"
                + " or set this to 0");
    assertThat(problems(MINIMAL + "snapshots: {control: drift-alarms}\n"))
        .containsExactly(
            "samgs.yaml:1: output: topic 'drift-alarms' is read for commands; write to another");
  }
}
