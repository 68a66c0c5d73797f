package dev.samgs.reference;

import static dev.samgs.vectors.Closeness.assertClose;
import static dev.samgs.vectors.VectorSource.matrix;
import static dev.samgs.vectors.VectorSource.number;
import static dev.samgs.vectors.VectorSource.vector;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.samgs.reference.ReferenceSamGs.Step;
import dev.samgs.reference.ReferenceSamGs.StepCount;
import dev.samgs.surgery.SamGs;
import dev.samgs.surgery.SamGs.Scale;
import dev.samgs.surgery.SamGs.Trigger;
import dev.samgs.surgery.SurgeryStep.Branch;
import dev.samgs.vectors.VectorSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The reference against every recorded intermediate of the published code, in double. */
class ReferenceSamGsTest {
  /** Both sides round some hundred double operations; the inputs are exact. */
  private static final double TOLERANCE = 1e-10;

  @ParameterizedTest
  @EnumSource
  void everyIntermediateEqualsTheAuthorsImageCode(VectorSource source) {
    for (JsonNode sequence : source.read("samgs_steps.json").get("cases")) {
      int tasks = sequence.get("n_tasks").intValue();
      ReferenceSamGs samGs =
          new ReferenceSamGs(
              settings(sequence, Trigger.MEAN, Scale.TASKS), tasks, sequence.get("dim").intValue());
      for (JsonNode expected : sequence.get("steps")) {
        String where = sequence.get("n_tasks") + " tasks, " + expected.get("kind");
        Step step = samGs.step(Nd4j.createFromArray(matrix(expected.get("gradients"))));
        assertSame(where, step, expected);
        assertRows(where + ", s", step.similarities(), expected.get("similarity_matrix"));
        assertRows(where + ", m̂", step.correctedMomentum(), expected.get("mhat"));
        assertRows(where + ", g'", step.adjusted(), expected.get("adjusted"));
        double[] direction = step.direction().toDoubleVector();
        // A sum of gradients may cancel: its error is that of its largest summand.
        double scale = tasks * step.adjusted().amaxNumber().doubleValue();
        assertClose(
            where + ", K·Σg'",
            direction,
            vector(expected.get("g_times_n_tasks")),
            TOLERANCE,
            tasks * scale);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyIntermediateEqualsTheAuthorsReinforcementLearningCode(VectorSource source) {
    for (JsonNode sequence : source.read("samgs_steps.json").get("cases")) {
      int tasks = sequence.get("n_tasks").intValue();
      ReferenceSamGs samGs =
          new ReferenceSamGs(
              settings(sequence, Trigger.ANY_PAIR, Scale.NONE),
              publishedRlMomentum(tasks, sequence.get("dim").intValue()),
              StepCount.PER_TASK);
      for (JsonNode recorded : sequence.get("steps")) {
        String where = sequence.get("n_tasks") + " tasks, " + recorded.get("kind");
        Step step = samGs.step(Nd4j.createFromArray(matrix(recorded.get("gradients"))));
        assertSame(where, step, recorded.get("mtrl"));
      }
    }
  }

  private static void assertSame(String where, Step step, JsonNode expected) {
    assertThat(step.branch()).as(where).isEqualTo(branch(expected));
    assertClose(
        where + ", s̄", step.meanSimilarity(), number(expected.get("mean_similarity")), TOLERANCE);
    assertRows(where + ", m", step.momentum(), expected.get("m"));
    assertClose(where + ", v", step.v(), number(expected.get("v")), TOLERANCE);
    assertClose(where + ", v̂", step.correctedV(), number(expected.get("vhat")), TOLERANCE);
    double scale = step.adjusted().rows() * step.adjusted().amaxNumber().doubleValue();
    assertClose(
        where + ", Σg'", step.sum().toDoubleVector(), vector(expected.get("g")), TOLERANCE, scale);
  }

  private static void assertRows(String what, INDArray actual, JsonNode expected) {
    double[][] rows = matrix(expected);
    for (int i = 0; i < rows.length; i++) {
      assertClose(what + ", row " + i, actual.getRow(i).toDoubleVector(), rows[i], TOLERANCE);
    }
  }

  static Branch branch(JsonNode step) {
    return step.get("branch").textValue().equals("equalise") ? Branch.EQUALISED : Branch.MODULATED;
  }

  /** The settings of a recorded sequence; the recorded directions are not clipped. */
  static SamGs.Settings settings(JsonNode sequence, Trigger trigger, Scale scale) {
    return SamGs.Settings.published(
        trigger,
        scale,
        sequence.get("gamma").doubleValue(),
        sequence.get("beta1").doubleValue(),
        sequence.get("beta2").doubleValue(),
        0);
  }

  /** [0, 1, 1, …] for every task. */
  static INDArray publishedRlMomentum(int tasks, int parameters) {
    INDArray momentum = Nd4j.ones(DataType.DOUBLE, tasks, parameters);
    momentum.getColumn(0).assign(0);
    return momentum;
  }
}
