package dev.samgs.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.drift.Adwin;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;

/** Whatever a configuration holds, its printed form reads back as an equal one. */
class YamlRoundTripProperties {

  @Property(tries = 300, seed = "1")
  void anyTextsAndNumbersSurvive(
      @ForAll @UniqueElements @Size(min = 1, max = 60) List<@From("names") String> features,
      @ForAll("names") String task,
      @ForAll("texts") String propertyValue,
      @ForAll @DoubleRange(max = 1000) double learningRate,
      @ForAll long seed,
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 65536) Integer> trunk,
      @ForAll Activation activation,
      @ForAll OptimizerKind optimizer)
      throws ConfigurationException {
    ModelSpec model =
        new ModelSpec(
            features,
            List.of(TaskSpec.regression(task)),
            new NetworkSpec(trunk, activation, List.of(), true),
            new LearningSpec(
                1, 1, 0, 0, optimizer, learningRate, 0, 0.5, learningRate, 2, 0, 1, false, seed),
            SamGs.Settings.defaults(),
            Adwin.Settings.defaults());
    Map<String, String> properties = new HashMap<>();
    properties.put("some.property", propertyValue);
    properties.put(task, "as a key");
    JobConfiguration plain = JobConfiguration.of("a-job", model);
    JobConfiguration configuration =
        new JobConfiguration(
            plain.name(),
            model,
            new KafkaSettings("b:1", plain.kafka().transactionTimeout(), 1, 0, properties),
            plain.input(),
            plain.output(),
            plain.snapshots(),
            plain.metrics(),
            plain.checkpoints(),
            plain.execution());

    String yaml = configuration.toYaml(List.of());

    assertThat(JobConfiguration.parse("samgs.yaml", yaml)).isEqualTo(configuration);
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.oneOf(
            Arbitraries.strings().alpha().numeric().withChars("_-./ :#,[]{}'\"\\").ofMaxLength(12),
            Arbitraries.of(
                "true", "null", "~", "1e3", "-", "no", "温度", "\u0085", "😀", "a\nb", "0x1"))
        .filter(name -> !name.isBlank());
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings()
        .all()
        .ofMaxLength(20)
        .filter(text -> text.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF));
  }
}
