package dev.samgs.surgery;

import static dev.samgs.vectors.Closeness.assertClose;
import static dev.samgs.vectors.Closeness.widened;
import static dev.samgs.vectors.VectorSource.matrix;
import static dev.samgs.vectors.VectorSource.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.samgs.reference.ReferenceSamGs;
import dev.samgs.surgery.SamGs.Scale;
import dev.samgs.surgery.SamGs.Trigger;
import dev.samgs.surgery.SurgeryStep.Branch;
import dev.samgs.vectors.VectorSource;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The corners: where the published code gives a finite answer and no rule of ours says otherwise,
 * the same answer; where it gives NaN, a defined one.
 */
class SamGsEdgeCasesTest {
  /** Corners of the published code to which ours has the same answer, γ = 0.1 unless it says. */
  private static final Set<String> SAME =
      Set.of(
          "equal_norms_vhat_only_epsilon",
          "identical_gradients",
          "opposite_gradients",
          "gradients_scaled_1e-8",
          "mean_similarity_exactly_gamma");

  private static final SamGs.Settings UNCLIPPED =
      SamGs.Settings.published(Trigger.MEAN, Scale.TASKS, 0.1, 0.9, 0.99, 0);

  private static final SamGs.Settings CLIPPED =
      SamGs.Settings.published(Trigger.MEAN, Scale.TASKS, 0.1, 0.9, 0.99, 1);

  @ParameterizedTest
  @EnumSource
  void whereThePublishedAnswerIsFiniteAndNoRuleOfOursSaysOtherwiseOursIsTheSame(
      VectorSource source) {
    int checked = 0;
    for (JsonNode sequence : source.read("samgs_edge_cases.json").get("cases")) {
      String name = sequence.get("name").textValue();
      if (!SAME.contains(name)) {
        continue;
      }
      SamGs.Settings settings =
          SamGs.Settings.published(
              Trigger.MEAN, Scale.TASKS, sequence.get("gamma").doubleValue(), 0.9, 0.99, 0);
      int tasks = sequence.get("n_tasks").intValue();
      int parameters = sequence.get("dim").intValue();
      ReferenceSamGs reference = new ReferenceSamGs(settings, tasks, parameters);
      SamGs samGs = new SamGs(settings, tasks, parameters);
      for (JsonNode expected : sequence.get("steps")) {
        double[][] rows = matrix(expected.get("gradients"));
        ReferenceSamGs.Step step = reference.step(Nd4j.createFromArray(rows));
        float[] direction = new float[parameters];
        samGs.aggregate(Gradients.of(rows), direction);
        double[] recorded = vector(expected.get("g_times_n_tasks"));
        double scale = tasks * tasks * step.adjusted().amaxNumber().doubleValue();
        assertClose(name, step.direction().toDoubleVector(), recorded, 1e-10, scale);
        // Gradients rounded to float move 1 − s̄, and with it √v̂, by up to 10⁻⁵ in these cases.
        assertClose(name, widened(direction), recorded, 2e-5, scale);
        checked++;
      }
    }
    assertThat(checked).isPositive();
  }

  @Test
  void aTaskAloneGivesItsPlainGradientAndLeavesTheStateAlone() throws IOException {
    SamGs samGs = new SamGs(UNCLIPPED, 1, 3);
    assertPlain(samGs, Gradients.of(new double[][] {{1, -2, 0.5}}), 1, -2, 0.5);
    assertFresh(samGs, 1, 3);
  }

  @Test
  void aTaskAloneIsClippedAsEveryStepIs() {
    float[] direction = new float[2];
    SurgeryStep step =
        new SamGs(CLIPPED, 1, 2).aggregate(Gradients.of(new double[][] {{3, 4}}), direction);
    assertThat(step.clipFactor()).isCloseTo(1 / (5 + 1e-6), within(1e-15));
    assertThat(direction[0]).isCloseTo(0.6f, within(1e-6f));
    assertThat(direction[1]).isCloseTo(0.8f, within(1e-6f));
  }

  @Test
  void aZeroGradientBesideASingleOtherGivesThePlainGradientAndLeavesTheStateAlone()
      throws IOException {
    SamGs samGs = new SamGs(UNCLIPPED, 2, 3);
    assertPlain(samGs, Gradients.of(new double[][] {{1, 2, 3}, {0, 0, 0}}), 1, 2, 3);
    assertFresh(samGs, 2, 3);
    // The next step is the first that counts: m̂ = g, v = 10⁻⁸, v̂ = 10⁻⁶, K = 2.
    float[] direction = new float[3];
    samGs.aggregate(Gradients.of(new double[][] {{1, 2, 3}, {3, -1, 2}}), direction);
    assertClose("g", widened(direction), new double[] {20_000, 6_000, 26_000}, 1e-5);
  }

  @Test
  void zeroGradientsOnlyGiveAZeroDirection() throws IOException {
    SamGs samGs = new SamGs(UNCLIPPED, 2, 3);
    assertPlain(samGs, Gradients.of(new double[][] {{0, 0, 0}, {0, 0, 0}}), 0, 0, 0);
    assertFresh(samGs, 2, 3);
  }

  @Test
  void aZeroGradientBesideTwoOthersCountsNeitherInTheSimilarityNorInTheNumberOfTasks()
      throws IOException {
    SamGs samGs = new SamGs(UNCLIPPED, 3, 3);
    float[] direction = new float[3];
    SurgeryStep step =
        samGs.aggregate(Gradients.of(new double[][] {{1, 2, 3}, {0, 0, 0}, {2, 1, -3}}), direction);
    assertThat(step.meanSimilarity()).isEqualTo(1);
    // 1000·(1 + 4, 4 + 1, 9 − 9), times two tasks
    assertClose("g", widened(direction), new double[] {10_000, 10_000, 0}, 1e-5);
  }

  @Test
  void equalisationTakesTheMeanNormOverTheTasksThatAreNotZero() {
    SamGs.Settings settings = SamGs.Settings.published(Trigger.MEAN, Scale.NONE, 0.7, 0.9, 0.99, 0);
    float[] direction = new float[2];
    SurgeryStep step =
        new SamGs(settings, 3, 2)
            .aggregate(Gradients.of(new double[][] {{1, 0}, {0, 0}, {0, 9}}), direction);
    assertThat(step.branch()).isEqualTo(Branch.EQUALISED);
    assertThat(direction).containsExactly(5, 5);
  }

  @Test
  void aPresentZeroGradientDecaysItsMomentumAndAnAbsentTaskKeepsIt() throws IOException {
    SamGs samGs = new SamGs(UNCLIPPED, 4, 1);
    float[] direction = new float[1];
    samGs.aggregate(Gradients.of(new double[][] {{1}, {1}, {1}, {1}}), direction);
    TaskGradients next = new TaskGradients(4, 1);
    Gradients.set(next, 0, 1);
    Gradients.set(next, 1, 1);
    Gradients.set(next, 2, 0);
    samGs.aggregate(next, direction);
    SamGsState state = SamGsState.of(samGs);
    assertThat(state.momentum()[2]).isCloseTo(0.09f, within(1e-7f));
    assertThat(state.momentum()[3]).isCloseTo(0.1f, within(1e-7f));
    assertThat(state.momentumSteps()).containsExactly(2, 2, 2, 1);
    assertThat(state.steps()).isEqualTo(2);
  }

  @Test
  void noTaskPresentGivesAZeroDirection() throws IOException {
    SamGs samGs = new SamGs(CLIPPED, 2, 3);
    assertPlain(samGs, new TaskGradients(2, 3), 0, 0, 0);
    assertFresh(samGs, 2, 3);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-24, 1e20, 1e-38, 1e38})
  void normsWhoseSquaresLeaveTheRangeOfFloatGiveTheDirectionOfTheSameGradientsAtScaleOne(
      double scale) throws IOException {
    SamGs samGs = new SamGs(CLIPPED, 2, 2);
    float[] direction = new float[2];
    samGs.aggregate(
        Gradients.of(new double[][] {{scale, 2 * scale}, {2 * scale, scale}}), direction);
    // Modulation squares: (1 + 4)·scale²·1000, the same in both elements, clipped to 1.
    double each = Math.min(2 * 5_000 * scale * scale, Math.sqrt(0.5));
    assertThat((double) direction[0]).isCloseTo(each, within(2e-6 * each + Float.MIN_VALUE));
    assertThat((double) direction[1]).isCloseTo(each, within(2e-6 * each + Float.MIN_VALUE));
    SamGsState state = SamGsState.of(samGs);
    assertThat(state.v()).isCloseTo(1e-8, within(1e-14));
    assertThat((double) state.momentum()[0])
        .isCloseTo(0.1 * scale, within(1e-7 * scale + Float.MIN_VALUE));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-170, 1e160})
  void theReferenceKeepsItsMomentsFiniteAtTheEndsOfTheRangeOfDouble(double scale) {
    ReferenceSamGs reference = new ReferenceSamGs(CLIPPED, 2, 2);
    ReferenceSamGs.Step step =
        reference.step(
            Nd4j.createFromArray(new double[][] {{scale, 2 * scale}, {2 * scale, scale}}));
    assertThat(step.meanSimilarity()).isEqualTo(1);
    assertThat(step.v()).isCloseTo(1e-8, within(1e-22));
    assertThat(step.momentum().getDouble(0, 1)).isCloseTo(0.2 * scale, within(1e-10 * scale));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void aGradientThatIsNotFiniteIsRefusedBeforeItReachesTheState(float bad) throws IOException {
    SamGs samGs = new SamGs(CLIPPED, 2, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> samGs.aggregate(Gradients.of(new double[][] {{1, 2}, {bad, 1}}), new float[2]))
        .withMessageContaining("task 1 is not finite");
    assertFresh(samGs, 2, 2);
  }

  private static void assertPlain(SamGs samGs, TaskGradients gradients, double... expected) {
    float[] direction = new float[expected.length];
    SurgeryStep step = samGs.aggregate(gradients, direction);
    assertThat(step.branch()).isEqualTo(Branch.PLAIN);
    assertThat(step.meanSimilarity()).isNaN();
    assertThat(widened(direction)).containsExactly(expected);
  }

  private static void assertFresh(SamGs samGs, int tasks, int parameters) throws IOException {
    assertThat(SamGsState.of(samGs))
        .usingRecursiveComparison()
        .isEqualTo(SamGsState.fresh(tasks, parameters));
  }
}
