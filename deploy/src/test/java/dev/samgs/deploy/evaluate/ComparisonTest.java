package dev.samgs.deploy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.spec.TaskKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Three methods on an error and an accuracy, worked by hand. */
class ComparisonTest {
  private static final Comparison.Entry A = entry("a", 2.0, 0.8);
  private static final Comparison.Entry B = entry("b", 4.0, 0.9);
  private static final Comparison.Entry C = entry("c", 2.0, 0.45);
  private static final Comparison COMPARISON = new Comparison(List.of(A, B, C));

  @Test
  void theWorstTaskIsTheSmallestShareOfTheBestMethodsScore() {
    assertThat(COMPARISON.worstTask(A)).isEqualTo(0.8 / 0.9);
    assertThat(COMPARISON.worstTask(B)).isEqualTo(2.0 / 4.0);
    assertThat(COMPARISON.worstTask(C)).isEqualTo(0.45 / 0.9);
  }

  @Test
  void equalScoresShareTheMeanOfTheirRanks() {
    assertThat(COMPARISON.meanRank(A)).isEqualTo((1.5 + 2) / 2);
    assertThat(COMPARISON.meanRank(B)).isEqualTo((3 + 1) / 2.0);
    assertThat(COMPARISON.meanRank(C)).isEqualTo((1.5 + 3) / 2);
  }

  @Test
  void aTaskThatNothingWasScoredOfTakesNoPart() {
    assertThat(COMPARISON.tasks()).containsExactly("error", "hits");
  }

  @Test
  void theJsonHoldsEveryMethodUnderItsName() {
    assertThat(COMPARISON.toJson().get("b").get("worstTask").doubleValue()).isEqualTo(0.5);
    assertThat(COMPARISON.toJson().get("b").get("tasks").get("error").get("mae").doubleValue())
        .isEqualTo(4.0);
    assertThat(COMPARISON.toJson().get("b").get("microsPerStep").doubleValue()).isEqualTo(100);
  }

  private static Comparison.Entry entry(String method, double mae, double accuracy) {
    Map<String, List<TaskFigures>> figures = new LinkedHashMap<>();
    // Two seeds, whose mean counts.
    figures.put(
        "error",
        List.of(
            figures(TaskKind.REGRESSION, 10, mae - 1, Double.NaN),
            figures(TaskKind.REGRESSION, 10, mae + 1, Double.NaN)));
    figures.put("hits", List.of(figures(TaskKind.MULTICLASS, 10, Double.NaN, accuracy)));
    figures.put("unseen", List.of(figures(TaskKind.REGRESSION, 0, Double.NaN, Double.NaN)));
    return new Comparison.Entry(method, figures, 0.25, 100);
  }

  private static TaskFigures figures(TaskKind kind, long scored, double mae, double accuracy) {
    return new TaskFigures(
        kind, scored, mae, mae, accuracy, accuracy, 1, Double.NaN, 9, 9, 0.5, 0.5, 2);
  }
}
