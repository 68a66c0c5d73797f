package dev.samgs.deploy.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.deploy.evaluate.Evaluation;
import dev.samgs.deploy.evaluate.LabelDelay;
import dev.samgs.deploy.evaluate.TaskFigures;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FactoryLineLearningTest {
  private static final ModelSpec SPEC =
      new ModelSpec(
          FactoryLine.FEATURES,
          List.of(
              TaskSpec.regression(FactoryLine.REMAINING_HOURS),
              TaskSpec.binary(FactoryLine.FAULT),
              TaskSpec.multiclass(FactoryLine.QUALITY, 3),
              TaskSpec.regression(FactoryLine.ENERGY_KWH)),
          NetworkSpec.defaults(),
          LearningSpec.defaults(),
          SurgeryMethod.named("sam-gs").defaults(),
          DetectorMethod.named("adwin").defaults());

  @ParameterizedTest
  @EnumSource(FactoryLine.Drift.class)
  void everyTaskOfALineCanBeLearnedThroughItsDrift(FactoryLine.Drift drift) {
    FactoryLine line = new FactoryLine("line", 11, drift);
    Evaluation evaluation = new Evaluation(SPEC, 32, LabelDelay.NONE);
    int rows = 2000;
    for (int i = 0; i < rows; i++) {
      if (i == rows / 2) {
        line.drift();
      }
      evaluation.add(line.next(i).row());
    }
    evaluation.finish();

    Map<String, TaskFigures> figures = evaluation.figures();
    assertThat(figures.keySet()).containsExactlyElementsOf(FactoryLine.TASKS);
    assertThat(figures.values()).allMatch(TaskFigures::beatsBaseline);
  }
}
