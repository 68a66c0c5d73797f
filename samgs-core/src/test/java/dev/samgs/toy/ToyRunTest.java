package dev.samgs.toy;

import static dev.samgs.vectors.VectorSource.matrix;
import static dev.samgs.vectors.VectorSource.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.samgs.surgery.SamGs;
import dev.samgs.surgery.SurgeryMethod;
import dev.samgs.toy.ToyProblem.Point;
import dev.samgs.vectors.VectorSource;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xml.sax.InputSource;

class ToyRunTest {
  /**
   * Near the bottom of a valley a move of the start by 10⁻¹² grows to whole units: nobody can
   * follow there. The recorded steps say where that begins.
   */
  private static final double STILL_PREDICTABLE = 1e-9;

  /** The reference takes a millisecond per step; later steps would repeat these. */
  private static final int LAST_COMPARED = 300;

  @ParameterizedTest
  @EnumSource
  void descentsInDoubleFollowTheRecordedOnesAsLongAsAnybodyCan(VectorSource source) {
    int compared = 0;
    for (JsonNode recorded : source.read("toy_trajectories.json").get("cases")) {
      if (!recorded.get("dtype").textValue().equals("float64")) {
        continue;
      }
      List<JsonNode> records = predictable(recorded.get("records"));
      int last = records.get(records.size() - 1).get("step").intValue();
      ToyProblem problem = problem(recorded);
      Point start = point(recorded.get("init"));
      SamGs.Settings settings =
          SamGs.Settings.published(
              SamGs.Trigger.MEAN,
              SamGs.Scale.TASKS,
              0.1,
              0.9,
              recorded.get("beta2").doubleValue(),
              1);
      ToyRun run = ToyRun.descendInDouble(problem, start, settings, last + 1, 1);
      for (JsonNode expected : records) {
        ToyRun.State state = run.states().get(expected.get("step").intValue());
        String where = problem + " from " + start + ", step " + state.step();
        double grown =
            expected.has("perturbed_distance")
                ? expected.get("perturbed_distance").doubleValue()
                : 0;
        // Rounding is 10⁻¹⁵ where the recorded perturbation began at 10⁻¹².
        assertState(where, state, expected, Math.max(1e-12, grown));
        compared++;
      }
    }
    assertThat(compared).isPositive();
  }

  private static List<JsonNode> predictable(JsonNode records) {
    List<JsonNode> kept = new ArrayList<>();
    for (JsonNode record : records) {
      int step = record.get("step").intValue();
      boolean calm =
          record.has("perturbed_distance")
              ? record.get("perturbed_distance").doubleValue() < STILL_PREDICTABLE
              : step <= 50;
      if (step > LAST_COMPARED || (step > 50 && !calm)) {
        break;
      }
      kept.add(record);
    }
    return kept;
  }

  private static void assertState(
      String where, ToyRun.State state, JsonNode expected, double tolerance) {
    double[] x = vector(expected.get("x"));
    assertThat(state.x().x1()).as(where).isCloseTo(x[0], within(tolerance));
    assertThat(state.x().x2()).as(where).isCloseTo(x[1], within(tolerance));
    double[] losses = vector(expected.get("losses"));
    double[][] gradients = matrix(expected.get("gradients"));
    for (int task = 0; task < 2; task++) {
      double slope = Math.hypot(gradients[task][0], gradients[task][1]);
      assertThat(state.at().losses()[task])
          .as(where)
          .isCloseTo(losses[task], within(tolerance * (20 + slope)));
      for (int j = 0; j < 2; j++) {
        // The valley's curvature is the square of its slope.
        assertThat(state.at().gradients()[task][j])
            .as(where)
            .isCloseTo(gradients[task][j], within(tolerance * (20 + 4 * slope * slope)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void samGsReachesTheFrontFromEveryStart(ToyProblem problem) {
    for (Point start : problem.starts()) {
      ToyRun run =
          ToyRun.descend(problem, start, ToyRun.publishedSamGs(problem), 1, problem.steps(), 1000);
      assertThat(run.reachedFront()).as("%s from %s, to %s", problem, start, run.end()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEndsAreTheRecordedOnes(VectorSource source) {
    int compared = 0;
    for (JsonNode recorded : source.read("toy_trajectories.json").get("cases")) {
      ToyProblem problem = problem(recorded);
      Point start = point(recorded.get("init"));
      boolean official = recorded.get("beta2").doubleValue() == problem.beta2();
      if (official && recorded.get("dtype").textValue().equals("float32")) {
        ToyRun run =
            ToyRun.descend(
                problem, start, ToyRun.publishedSamGs(problem), 1, problem.steps(), 1000);
        Point end = point(recorded.get("final_x"));
        assertThat(run.reachedFront()).isEqualTo(recorded.get("reached_front").booleanValue());
        if (start.x1() != 0) {
          // On the axis of symmetry rounding decides to which side the descent leaves it, if at
          // all.
          assertThat(run.end().distance(end))
              .as("%s from %s, to %s", problem, start, run.end())
              .isLessThan(0.05);
        }
        compared++;
      }
    }
    assertThat(compared).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void thePlainSumIsStoppedInTheValleys(ToyProblem problem) {
    long reached =
        problem.starts().stream()
            .map(
                start ->
                    ToyRun.descend(
                        problem,
                        start,
                        SurgeryMethod.named("sum").defaults(),
                        1,
                        problem.steps(),
                        1000))
            .filter(ToyRun::reachedFront)
            .count();
    assertThat(reached).isLessThan(problem.starts().size());
  }

  @Test
  void theGradientsAreTheSlopesOfTheLosses() {
    double h = 1e-6;
    for (ToyProblem problem : ToyProblem.values()) {
      for (double x1 = -9.7; x1 < 10; x1 += 1.3) {
        for (double x2 = -9.85; x2 < 10; x2 += 1.1) {
          double[][] gradients = problem.evaluate(new Point(x1, x2)).gradients();
          double[] right = problem.evaluate(new Point(x1 + h, x2)).losses();
          double[] left = problem.evaluate(new Point(x1 - h, x2)).losses();
          double[] above = problem.evaluate(new Point(x1, x2 + h)).losses();
          double[] below = problem.evaluate(new Point(x1, x2 - h)).losses();
          for (int task = 0; task < 2; task++) {
            double size = 1 + Math.hypot(gradients[task][0], gradients[task][1]);
            assertThat(gradients[task][0])
                .isCloseTo((right[task] - left[task]) / (2 * h), within(1e-6 * size * size));
            assertThat(gradients[task][1])
                .isCloseTo((above[task] - below[task]) / (2 * h), within(1e-6 * size * size));
          }
        }
      }
    }
  }

  @Test
  void thePictureIsXmlWithOneDescentPerStartAndTheTableHasOneLinePerState() throws Exception {
    ToyProblem problem = ToyProblem.TWO;
    List<ToyRun> runs = new ArrayList<>();
    for (Point start : problem.starts()) {
      runs.add(ToyRun.descend(problem, start, ToyRun.publishedSamGs(problem), 1, 2000, 100));
    }
    String svg = ToyPicture.svg("SAM-GS < on problem 2 & more", runs);
    var document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(2 * runs.size());
    assertThat(svg.length()).isLessThan(400_000);
    List<String> lines = ToyPicture.csv(runs).lines().toList();
    assertThat(lines).hasSize(1 + 20 * runs.size());
    assertThat(lines.get(1)).startsWith("1,0,-3.5,5.5,").endsWith("modulated");
  }

  private static ToyProblem problem(JsonNode recorded) {
    return recorded.get("problem").textValue().equals("toy1o") ? ToyProblem.ONE : ToyProblem.TWO;
  }

  private static Point point(JsonNode node) {
    return new Point(node.get(0).doubleValue(), node.get(1).doubleValue());
  }
}
