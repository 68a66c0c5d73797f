package dev.samgs.surgery;

import static dev.samgs.vectors.VectorSource.matrix;
import static dev.samgs.vectors.VectorSource.number;
import static dev.samgs.vectors.VectorSource.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.samgs.reference.ReferenceSamGs;
import dev.samgs.surgery.AlignedMtl.ComponentScale;
import dev.samgs.vectors.VectorSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.factory.Nd4j;

/** The rivals of SAM-GS against what TorchJD and the SAM-GS authors' own code give, in double. */
class PublishedAggregatorsTest {
  /** For formulas and exact quadratic programs. */
  private static final double CLOSED_FORM = 1e-9;

  /** For methods whose published codes stop an iteration at a tolerance. */
  private static final double SOLVER = 1e-4;

  @ParameterizedTest
  @EnumSource
  void sumMeanAndConstantWeights(VectorSource source) {
    int checked = 0;
    for (Case c : torchJd(source, "Sum")) {
      c.assertVector(weigh(new ConstantWeights(ConstantWeights.Settings.defaults(), c.tasks()), c));
      checked++;
    }
    for (Case c : torchJd(source, "Mean")) {
      c.assertVector(weigh(new Mean(), c));
      checked++;
    }
    for (Case c : torchJd(source, "Constant")) {
      List<Double> weights = numbers(c.parameters().get("weights"));
      c.assertVector(
          weigh(new ConstantWeights(new ConstantWeights.Settings(weights, 0), c.tasks()), c));
      checked++;
    }
    assertThat(checked).isGreaterThanOrEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void upGrad(VectorSource source) {
    for (Case c : torchJd(source, "UPGrad")) {
      double regularisation = c.parameters().get("reg_eps").doubleValue();
      UpGrad.Settings settings = new UpGrad.Settings(regularisation, c.preference(), 0);
      assertProjection(c, new UpGrad(settings, c.tasks()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void dualProj(VectorSource source) {
    for (Case c : torchJd(source, "DualProj")) {
      double regularisation = c.parameters().get("reg_eps").doubleValue();
      DualProj.Settings settings = new DualProj.Settings(regularisation, c.preference(), 0);
      assertProjection(c, new DualProj(settings, c.tasks()));
    }
  }

  /** TorchJD gives up on gradients whose squares sum below 10⁻⁴; ours does not depend on scale. */
  private static void assertProjection(Case c, Weighting weighting) {
    if (c.gradients().trace() < c.parameters().get("norm_eps").doubleValue()) {
      double[] weights = weigh(weighting, c);
      double[] scaledUp = weigh(weighting, c.scaled(1e5));
      for (int i = 0; i < weights.length; i++) {
        assertThat(weights[i]).isCloseTo(scaledUp[i], within(CLOSED_FORM * scaledUp[i]));
      }
    } else {
      c.assertVector(weigh(weighting, c));
    }
  }

  /**
   * Frank–Wolfe steps end 10⁻³ away at times, so the result is also held to the optimality
   * conditions: no gradient has a smaller inner product with the shortest vector than itself.
   */
  @ParameterizedTest
  @EnumSource
  void mgda(VectorSource source) {
    for (Case c : torchJd(source, "MGDA")) {
      double[] weights = weigh(new Mgda(c.tasks()), c);
      assertShortest(c, weights);
      if (c.parameters().get("epsilon").doubleValue() < 1e-9) {
        c.assertVector(weights, 1, 1e-3);
      }
      assertThat(c.length(weights))
          .isLessThanOrEqualTo(norm(vector(c.result().get("vector"))) + 1e-7 * c.longest());
    }
  }

  private static void assertShortest(Case c, double[] weights) {
    double sum = 0;
    double square = 0;
    for (int i = 0; i < weights.length; i++) {
      assertThat(weights[i]).isNotNegative();
      sum += weights[i];
      square += weights[i] * c.towards(weights, i);
    }
    assertThat(sum).isCloseTo(1, within(1e-12));
    for (int i = 0; i < weights.length; i++) {
      double rounding = 1e-12 * c.gradients().norm(i) * c.longest();
      assertThat(c.towards(weights, i))
          .as("%s, task %d", c.name(), i)
          .isGreaterThanOrEqualTo(square - rounding);
    }
  }

  @ParameterizedTest
  @EnumSource
  void caGrad(VectorSource source) {
    for (Case c : torchJd(source, "CAGrad")) {
      double radius = c.parameters().get("c").doubleValue();
      double[] weights = weigh(new CaGrad(new CaGrad.Settings(radius, 0), c.tasks()), c);
      if (norm(c.recordedWeights()) > 0) {
        c.assertVector(weights, 1, SOLVER);
      }
      assertConflictAverse(c, weights, radius);
    }
  }

  /**
   * The direction lies on the ball around the mean gradient, and w = (weights − 1/K)/Σ is optimal:
   * the tasks that have weight share the worst inner product with the direction.
   */
  private static void assertConflictAverse(Case c, double[] weights, double radius) {
    double[] uniform = new double[weights.length];
    double[] beyond = new double[weights.length];
    double scale = 0;
    for (int i = 0; i < weights.length; i++) {
      uniform[i] = 1.0 / weights.length;
      beyond[i] = weights[i] - uniform[i];
      scale = Math.max(scale, Math.abs(weights[i]) * c.gradients().norm(i));
    }
    if (c.length(weights) <= 1e-6 * c.longest()) {
      return; // Pareto-stationary
    }
    assertThat(c.length(beyond))
        .as(c.name())
        .isCloseTo(radius * c.length(uniform), within(1e-6 * c.longest()));
    double worst = Double.POSITIVE_INFINITY;
    for (int i = 0; i < weights.length; i++) {
      if (c.gradients().norm(i) > 0) {
        worst = Math.min(worst, c.towards(weights, i));
      }
    }
    for (int i = 0; i < weights.length; i++) {
      if (beyond[i] > 1e-9) {
        assertThat(c.towards(weights, i))
            .as("%s, task %d", c.name(), i)
            .isCloseTo(worst, within(1e-6 * scale * c.longest()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void imtlG(VectorSource source) {
    for (Case c : torchJd(source, "IMTLG")) {
      c.assertVector(weigh(new ImtlG(c.tasks()), c));
    }
  }

  @ParameterizedTest
  @EnumSource
  void alignedMtl(VectorSource source) {
    for (Case c : torchJd(source, "AlignedMTL")) {
      ComponentScale scale =
          ComponentScale.valueOf(
              c.parameters().get("scale_mode").textValue().toUpperCase(Locale.ROOT));
      AlignedMtl.Settings settings = new AlignedMtl.Settings(scale, c.preference(), 0);
      c.assertVector(weigh(new AlignedMtl(settings, c.tasks()), c));
    }
  }

  @ParameterizedTest
  @EnumSource
  void conFig(VectorSource source) {
    for (Case c : torchJd(source, "ConFIG")) {
      ConFig.Settings settings = new ConFig.Settings(c.preference(), 0);
      c.assertVector(weigh(new ConFig(settings, c.tasks()), c));
    }
  }

  @ParameterizedTest
  @EnumSource
  void nashMtl(VectorSource source) {
    for (Case c : torchJd(source, "NashMTL")) {
      double[] weights = weigh(new NashMtl(c.tasks()), c);
      assertFair(c, weights, 1);
      double maxNorm = c.parameters().get("max_norm").doubleValue();
      double shrink = maxNorm > 0 && c.length(weights) > maxNorm ? maxNorm / c.length(weights) : 1;
      double[] unclipped = weigh(new NashMtl(c.tasks()), c);
      if (isFair(c, divided(c.recordedWeights(), shrink), 1)) {
        c.assertVector(unclipped, shrink, SOLVER);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void fairGrad(VectorSource source) {
    for (Case c : torchJd(source, "FairGrad")) {
      double alpha = c.parameters().get("alpha").doubleValue();
      double[] weights = weigh(new FairGrad(new FairGrad.Settings(alpha, 0), c.tasks()), c);
      assertFair(c, weights, alpha);
      if (isFair(c, c.recordedWeights(), alpha)) {
        c.assertVector(weights, 1, SOLVER);
      }
    }
  }

  /** (G w)_i = w_i^(−1/α), unless a convex combination of the gradients vanishes. */
  private static void assertFair(Case c, double[] weights, double alpha) {
    double[] shortest = weigh(new Mgda(c.tasks()), c.withoutZeroRows());
    if (c.withoutZeroRows().length(shortest) <= 1e-9 * c.longest()) {
      assertThat(c.length(weights)).isFinite();
      return;
    }
    assertThat(isFair(c, weights, alpha)).as(c.name()).isTrue();
  }

  private static boolean isFair(Case c, double[] weights, double alpha) {
    for (int i = 0; i < weights.length; i++) {
      double product = c.towards(weights, i) * Math.pow(weights[i], 1 / alpha);
      if (c.gradients().norm(i) > 0 && !(Math.abs(product - 1) < 1e-5)) {
        return false;
      }
    }
    return true;
  }

  @ParameterizedTest
  @EnumSource
  void pcGrad(VectorSource source) {
    for (Case c : torchJd(source, "PCGrad")) {
      c.assertVector(projectedSum(c, c.result().get("permutations"), false));
    }
  }

  @ParameterizedTest
  @EnumSource
  void pcGradOfTheSamGsAuthorsWhichVisitsTheTaskItself(VectorSource source) {
    for (Case c : repository(source, "pcgrad", true)) {
      double[] weights = projectedSum(c, c.result().get("orders"), true);
      c.assertVector(weights, c.clip(weights, 1), CLOSED_FORM);
    }
  }

  private static double[] projectedSum(Case c, JsonNode orders, boolean visitItself) {
    double[] weights = new double[c.tasks()];
    double[] coefficients = new double[c.tasks()];
    for (int i = 0; i < c.tasks(); i++) {
      int[] order = new int[c.tasks()];
      int count = 0;
      for (JsonNode j : orders.get(i)) {
        if (visitItself || j.intValue() != i) {
          order[count++] = j.intValue();
        }
      }
      PcGrad.project(c.gradients(), i, order, count, coefficients);
      for (int k = 0; k < c.tasks(); k++) {
        weights[k] += coefficients[k];
      }
    }
    return weights;
  }

  @ParameterizedTest
  @EnumSource
  void gradVacOverConsecutiveSteps(VectorSource source) {
    for (Case c : torchJd(source, "GradVac")) {
      GradVac.Settings settings =
          new GradVac.Settings(
              c.parameters().get("beta").doubleValue(), c.parameters().get("eps").doubleValue(), 0);
      GradVac gradVac = new GradVac(settings, c.tasks(), 0);
      for (JsonNode call : c.result().get("stateful_calls")) {
        Case step = new Case(c.name(), matrix(call.get("J")), call, "vector");
        double[] weights = new double[c.tasks()];
        for (int i = 0; i < c.tasks(); i++) {
          int[] others = new int[c.tasks()];
          for (int k = 0; k < c.tasks() - 1; k++) {
            int place = call.get("permutations").get(i).get(k).intValue();
            others[k] = place < i ? place : place + 1;
          }
          double[] turned = gradVac.turn(step.gradients(), i, others);
          for (int k = 0; k < c.tasks(); k++) {
            weights[k] += turned[k];
          }
        }
        step.assertVector(weights);
      }
    }
  }

  /** Gradients are floats there; a sign is picked by comparing with exact uniforms. */
  @ParameterizedTest
  @EnumSource
  void gradDrop(VectorSource source) {
    for (Case c : torchJd(source, "GradDrop")) {
      GradDrop gradDrop =
          new GradDrop(GradDrop.Settings.defaults(), c.tasks(), c.rows()[0].length, 0);
      double[] uniforms = vector(c.result().get("uniforms"));
      float[] direction = new float[uniforms.length];
      gradDrop.aggregate(Gradients.of(c.rows()), direction, j -> uniforms[j]);
      double[] expected = vector(c.result().get("vector"));
      for (int j = 0; j < expected.length; j++) {
        assertThat((double) direction[j])
            .as("%s, element %d", c.name(), j)
            .isCloseTo(expected[j], within(1e-6 * c.longest()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theSamGsAuthorsOwnBaselines(VectorSource source) {
    for (Case c : repository(source, "ls", false)) {
      c.assertVector(weigh(new ConstantWeights(ConstantWeights.Settings.defaults(), c.tasks()), c));
    }
    for (Case c : repository(source, "mgda", false)) {
      // Its weights sum to the number of tasks. Its solver stops early, at vectors that are longer.
      double[] weights = weigh(new Mgda(c.tasks()), c);
      double theirs = norm(vector(c.result().get("gradient"))) / c.tasks();
      double ours = c.length(weights);
      assertThat(ours).isLessThanOrEqualTo(theirs + 1e-9 * c.longest());
      if (theirs < 1.001 * ours) {
        c.assertVector(weights, c.tasks(), 1e-2);
      }
    }
    for (Case c : repository(source, "alignedmtl", true)) {
      // summed instead of averaged, then times the number of tasks
      double[] weights = weigh(new AlignedMtl(AlignedMtl.Settings.defaults(), c.tasks()), c);
      double factor = c.tasks() * c.tasks();
      c.assertVector(weights, factor * c.clip(weights, factor), CLOSED_FORM);
    }
    for (Case c : repository(source, "nashmtl", false)) {
      double[] weights = weigh(new NashMtl(c.tasks()), c);
      if (isFair(c, c.recordedWeights(), 1)) {
        c.assertVector(weights, 1, SOLVER);
      }
    }
    assertCaGradOfTheRepository(source, "cagrad_c0_4", 0.4);
    assertCaGradOfTheRepository(source, "cagrad_c0_5", 0.5);
  }

  /** Theirs divides by 1 + c² and multiplies by the number of tasks; SciPy stops at 10⁻⁶. */
  private static void assertCaGradOfTheRepository(
      VectorSource source, String method, double radius) {
    for (Case c : repository(source, method, true)) {
      double[] weights = weigh(new CaGrad(new CaGrad.Settings(radius, 0), c.tasks()), c);
      double factor = c.tasks() / (1 + radius * radius);
      double size = c.longest() * c.longest();
      boolean visibleToSciPy = size > 1e-3 && size < 1e3;
      boolean moving = c.withoutZeroRows().tasks() == c.tasks() && c.length(weights) > 1e-6;
      if (visibleToSciPy && moving) {
        c.assertVector(weights, factor * c.clip(weights, factor), 1e-3);
      }
    }
  }

  /** IMTL-G inverts a matrix that is singular for dependent gradients; elsewhere it agrees. */
  @ParameterizedTest
  @EnumSource
  void imtlGOfTheSamGsAuthors(VectorSource source) {
    for (Case c : repository(source, "imtlg", false)) {
      boolean independent =
          !c.name().contains("rank")
              && !c.name().contains("zero")
              && !c.name().contains("duplicate")
              && !c.name().contains("opposite")
              && !c.name().contains("more_tasks");
      if (independent) {
        c.assertVector(weigh(new ImtlG(c.tasks()), c), 1, 1e-8);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theFirstSamGsStep(VectorSource source) {
    for (Case c : repository(source, "samgs_first_step", true)) {
      if (c.withoutZeroRows().tasks() < c.tasks()) {
        continue; // NaN there
      }
      SamGs.Settings settings =
          SamGs.Settings.published(
              SamGs.Trigger.MEAN,
              SamGs.Scale.TASKS,
              0.1,
              0.9,
              0.99,
              c.result().get("max_norm").doubleValue());
      double[] direction =
          new ReferenceSamGs(settings, c.tasks(), c.rows()[0].length)
              .step(Nd4j.createFromArray(c.rows()))
              .direction()
              .toDoubleVector();
      double[] expected = vector(c.result().get("gradient"));
      for (int j = 0; j < expected.length; j++) {
        assertThat(direction[j])
            .as("%s, element %d", c.name(), j)
            .isCloseTo(expected[j], within(CLOSED_FORM * norm(expected)));
      }
    }
  }

  private static List<Case> torchJd(VectorSource source, String aggregator) {
    List<Case> cases = new ArrayList<>();
    for (JsonNode c : source.read("aggregators.json").get("cases")) {
      for (JsonNode result : c.get("results")) {
        if (result.get("aggregator").textValue().equals(aggregator) && !result.has("error")) {
          String name = aggregator + " on " + c.get("matrix").textValue();
          cases.add(new Case(name, matrix(c.get("J")), result, "vector"));
        }
      }
    }
    assertThat(cases).as(aggregator).isNotEmpty();
    return cases;
  }

  /**
   * @param clips whether the method's clip to {@code max_norm} takes effect; otherwise both results
   *     are unclipped
   */
  private static List<Case> repository(VectorSource source, String method, boolean clips) {
    List<Case> cases = new ArrayList<>();
    for (JsonNode c : source.read("repo_baselines.json").get("cases")) {
      for (JsonNode result : c.get("results")) {
        boolean wanted = result.get("method").textValue().equals(method) && !result.has("error");
        if (wanted && (clips || result.get("max_norm").doubleValue() == 0)) {
          String name = method + " on " + c.get("matrix").textValue();
          cases.add(new Case(name, matrix(c.get("J")), result, "gradient"));
        }
      }
    }
    assertThat(cases).as(method).isNotEmpty();
    return cases;
  }

  private static double[] weigh(Weighting weighting, Case c) {
    double[] weights = new double[c.tasks()];
    weighting.weigh(c.gradients(), weights);
    return weights;
  }

  private static double[] divided(double[] values, double divisor) {
    double[] result = values.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] /= divisor;
    }
    return result;
  }

  private static List<Double> numbers(JsonNode node) {
    List<Double> numbers = new ArrayList<>();
    node.forEach(number -> numbers.add(number(number)));
    return numbers;
  }

  private static double norm(double[] values) {
    double square = 0;
    for (double value : values) {
      square += value * value;
    }
    return Math.sqrt(square);
  }

  /** One recorded aggregation of a matrix of gradients. */
  private record Case(
      String name, double[][] rows, JsonNode result, String vectorName, PresentTasks gradients) {
    Case(String name, double[][] rows, JsonNode result, String vectorName) {
      this(name, rows, result, vectorName, Published.tasks(rows));
    }

    int tasks() {
      return rows.length;
    }

    JsonNode parameters() {
      return result.get("hyperparameters");
    }

    List<Double> preference() {
      return parameters().has("pref_vector") ? numbers(parameters().get("pref_vector")) : List.of();
    }

    double[] recordedWeights() {
      return vector(result.get("weights"));
    }

    Case scaled(double factor) {
      double[][] scaled = new double[rows.length][];
      for (int i = 0; i < rows.length; i++) {
        scaled[i] = divided(rows[i], 1 / factor);
      }
      return new Case(name, scaled, result, vectorName);
    }

    Case withoutZeroRows() {
      List<double[]> kept = new ArrayList<>();
      for (double[] row : rows) {
        if (norm(row) > 0) {
          kept.add(row);
        }
      }
      return new Case(name, kept.toArray(new double[0][]), result, vectorName);
    }

    double longest() {
      double longest = 0;
      for (double[] row : rows) {
        longest = Math.max(longest, norm(row));
      }
      return longest;
    }

    double[] sum(double[] weights) {
      double[] sum = new double[rows[0].length];
      for (int i = 0; i < rows.length; i++) {
        for (int j = 0; j < sum.length; j++) {
          sum[j] += weights[i] * rows[i][j];
        }
      }
      return sum;
    }

    double length(double[] weights) {
      return norm(sum(weights));
    }

    /** Inner product of a task's gradient with the weighted sum. */
    double towards(double[] weights, int task) {
      double[] sum = sum(weights);
      double product = 0;
      for (int j = 0; j < sum.length; j++) {
        product += rows[task][j] * sum[j];
      }
      return product;
    }

    /** What PyTorch's clipping to the recorded norm multiplies the scaled sum by. */
    double clip(double[] weights, double factor) {
      double maxNorm = result.get("max_norm").doubleValue();
      return maxNorm > 0 ? Math.min(1, maxNorm / (factor * length(weights) + 1e-6)) : 1;
    }

    void assertVector(double[] weights) {
      assertVector(weights, 1, CLOSED_FORM);
    }

    /** Errors are relative to the largest of the weighted gradients, which may cancel. */
    void assertVector(double[] weights, double factor, double tolerance) {
      double[] expected = vector(result.get(vectorName));
      double[] sum = sum(weights);
      double scale = 0;
      for (int i = 0; i < rows.length; i++) {
        scale = Math.max(scale, Math.abs(factor * weights[i]) * gradients.norm(i));
      }
      for (int j = 0; j < expected.length; j++) {
        assertThat(factor * sum[j])
            .as("%s %s, element %d", name, result.path("hyperparameters"), j)
            .isCloseTo(expected[j], within(tolerance * scale));
      }
    }
  }
}
