package dev.samgs.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.spec.ModelSpec;
import dev.samgs.surgery.SamGs;
import dev.samgs.surgery.SurgeryMethod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelSettingsTest {
  private static ModelSpec model() throws ConfigurationException {
    return JobConfiguration.parse(
            "job.yaml",
            """
            name: test
            model:
              features: [a, b]
              tasks: [{name: width, kind: regression}]
              learning: {passes: 3}
              surgery: {gamma: 0.4}
            """)
        .model();
  }

  @Test
  void changesWhatIsNamedAndNothingElse() throws Exception {
    ModelSpec model = model();
    ModelSpec changed =
        ModelSettings.with(
            model, Map.of("learning-rate", "0.01", "network.trunk", "[8, 4]", "trigger", "mean"));

    assertThat(changed.learning().learningRate()).isEqualTo(0.01);
    assertThat(changed.learning().passes()).isEqualTo(3);
    assertThat(changed.network().trunk()).isEqualTo(List.of(8, 4));
    SamGs.Settings surgery = (SamGs.Settings) changed.surgery();
    assertThat(surgery.trigger()).isEqualTo(SamGs.Trigger.MEAN);
    assertThat(surgery.gamma()).isEqualTo(0.4);
    assertThat(changed.tasks()).isEqualTo(model.tasks());
    assertThat(changed.drift()).isEqualTo(model.drift());
    assertThat(ModelSettings.with(model, Map.of())).isEqualTo(model);
  }

  @Test
  void anotherMethodBeginsWithItsOwnDefaults() throws Exception {
    ModelSpec summed = ModelSettings.with(model(), Map.of("method", "sum"));
    assertThat(SurgeryMethod.of(summed.surgery()).name()).isEqualTo("sum");
    ModelSpec back = ModelSettings.with(summed, Map.of("surgery.method", "sam-gs", "gamma", "0.2"));
    assertThat(((SamGs.Settings) back.surgery()).gamma()).isEqualTo(0.2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "gama          | 0.1  | a model has no setting 'gama'; did you mean 'gamma'?",
        "learning-rat  | 0.1  | did you mean 'learning-rate'?",
        "beta1         | 0.9  | 'beta1' can be learning.beta1 or surgery.beta1; write which",
        "gamma         | 1.5  | surgery.gamma must be at most 1, but it is 1.5",
        "gamma         | much | surgery.gamma must be a number, but found 'much'",
        "passes        | [1]  | learning.passes must be a whole number, but found a list",
        "method        | some | surgery.method must be one of sam-gs",
        "features      | a    | a model has no setting 'features'",
        "gamma         | [1   | this is not YAML",
      })
  void refusesWithASentence(String name, String value, String sentence) throws Exception {
    ModelSpec model = model();
    assertThatThrownBy(() -> ModelSettings.with(model, Map.of(name, value)))
        .isInstanceOfSatisfying(
            ConfigurationException.class,
            e -> assertThat(e.problems()).singleElement().asString().contains(sentence));
  }
}
