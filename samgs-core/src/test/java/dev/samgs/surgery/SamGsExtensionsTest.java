package dev.samgs.surgery;

import static dev.samgs.vectors.Closeness.assertClose;
import static dev.samgs.vectors.Closeness.widened;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.spec.InvalidSettingException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import dev.samgs.surgery.SamGs.Equalise;
import dev.samgs.surgery.SamGs.Measure;
import dev.samgs.surgery.SamGs.Mode;
import dev.samgs.surgery.SamGs.Precision;
import dev.samgs.surgery.SamGs.Scale;
import dev.samgs.surgery.SamGs.Threshold;
import dev.samgs.surgery.SamGs.Trigger;
import dev.samgs.surgery.SurgeryStep.Branch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What SAM-GS does beyond the paper. */
class SamGsExtensionsTest {
  private Trigger trigger = Trigger.MEAN;
  private Mode mode = Mode.FULL;
  private Equalise equalise = Equalise.ALL;
  private Threshold threshold = Threshold.FIXED;
  private double gamma = 0.7;
  private int window = 8;
  private int warmUp = 4;
  private Precision momentum = Precision.FLOAT;
  private Measure measure = Measure.ALL;

  private SamGs.Settings settings() {
    return new SamGs.Settings(
        trigger,
        Scale.NONE,
        mode,
        equalise,
        threshold,
        gamma,
        0.2,
        0.9,
        0.5,
        1,
        window,
        warmUp,
        0.9,
        0.99,
        momentum,
        measure,
        0);
  }

  /** Two gradients of that magnitude similarity. */
  private static TaskGradients similar(double similarity) {
    double ratio = (1 - Math.sqrt(1 - similarity * similarity)) / similarity;
    return Gradients.of(new double[][] {{1, 0}, {0, ratio}});
  }

  private static Branch step(SamGs samGs, double similarity) {
    return samGs.aggregate(similar(similarity), new float[2]).branch();
  }

  @Test
  void aQuantileThresholdUsesTheFixedOneUntilItHasSeenEnough() {
    threshold = Threshold.QUANTILE;
    SamGs samGs = new SamGs(settings(), 2, 2);
    for (int i = 0; i < 4; i++) {
      assertThat(step(samGs, 0.5)).isEqualTo(Branch.EQUALISED);
    }
    // The median of what was seen is 0.5 now.
    assertThat(step(samGs, 0.55)).isEqualTo(Branch.MODULATED);
    assertThat(step(samGs, 0.45)).isEqualTo(Branch.EQUALISED);
  }

  @Test
  void aQuantileThresholdFollowsTheWindow() {
    threshold = Threshold.QUANTILE;
    SamGs samGs = new SamGs(settings(), 2, 2);
    for (int i = 0; i < 8; i++) {
      step(samGs, 0.3);
    }
    assertThat(step(samGs, 0.6)).isEqualTo(Branch.MODULATED);
    for (int i = 0; i < 8; i++) {
      step(samGs, 0.8);
    }
    assertThat(step(samGs, 0.6)).isEqualTo(Branch.EQUALISED);
  }

  @Test
  void aDeviationThresholdLiesBelowTheMean() {
    threshold = Threshold.DEVIATION;
    SamGs samGs = new SamGs(settings(), 2, 2);
    for (int i = 0; i < 4; i++) {
      step(samGs, 0.5);
      step(samGs, 0.7);
    }
    // mean 0.6, deviation 0.1
    assertThat(step(samGs, 0.52)).isEqualTo(Branch.MODULATED);
    assertThat(step(samGs, 0.45)).isEqualTo(Branch.EQUALISED);
  }

  @Test
  void aDynamicThresholdStaysBetweenFloorAndCeiling() {
    threshold = Threshold.QUANTILE;
    SamGs low = new SamGs(settings(), 2, 2);
    SamGs high = new SamGs(settings(), 2, 2);
    for (int i = 0; i < 8; i++) {
      step(low, 0.01);
      step(high, 0.999);
    }
    assertThat(step(low, 0.15)).isEqualTo(Branch.EQUALISED);
    assertThat(step(high, 0.95)).isEqualTo(Branch.MODULATED);
  }

  @Test
  void theTriggerDecidesWhichSimilarityTheThresholdFollows() {
    threshold = Threshold.QUANTILE;
    trigger = Trigger.ANY_PAIR;
    SamGs samGs = new SamGs(settings(), 3, 3);
    double[][] rows = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1.0 / 3}};
    float[] direction = new float[3];
    for (int i = 0; i < 4; i++) {
      samGs.aggregate(Gradients.of(rows), direction);
    }
    // The smallest pair similarity has always been 0.6, the mean 0.73.
    rows[2][2] = 0.35;
    assertThat(samGs.aggregate(Gradients.of(rows), direction).branch()).isEqualTo(Branch.MODULATED);
    rows[2][2] = 0.3;
    assertThat(samGs.aggregate(Gradients.of(rows), direction).branch()).isEqualTo(Branch.EQUALISED);
  }

  @Test
  void theThresholdContinuesAfterARestore() throws IOException {
    threshold = Threshold.QUANTILE;
    SamGs samGs = new SamGs(settings(), 2, 2);
    Random random = new Random(1);
    for (int i = 0; i < 13; i++) {
      step(samGs, 0.3 + 0.5 * random.nextDouble());
    }
    SamGs restored = new SamGs(settings(), 2, 2);
    restored.read(in(samGs));
    for (int i = 0; i < 40; i++) {
      double similarity = 0.3 + 0.5 * random.nextDouble();
      assertThat(step(restored, similarity)).isEqualTo(step(samGs, similarity));
    }
  }

  private static StateReader in(SamGs samGs) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    samGs.write(new StateWriter(new DataOutputStream(bytes)));
    return new StateReader(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
  }

  @Test
  void onlyTheTaskThatSticksOutIsEqualisedAndTheGroupKeepsItsModulation() {
    trigger = Trigger.ANY_PAIR;
    equalise = Equalise.OUTLIERS;
    double[][] rows = {{1, 0, 0}, {0, 1.2, 0}, {0, 0, 50}};
    float[] direction = new float[3];
    SurgeryStep step = new SamGs(settings(), 3, 3).aggregate(Gradients.of(rows), direction);
    assertThat(step.branch()).isEqualTo(Branch.EQUALISED);
    // First step: m̂ = g, v̂ = (1 − s̄)² + 10⁻⁶.
    double dissimilarity = 1 - step.meanSimilarity();
    double root = Math.sqrt(dissimilarity * dissimilarity + 1e-6);
    double first = 1 / root;
    double second = 1.44 / root;
    assertClose(
        "direction", widened(direction), new double[] {first, second, (first + second) / 2}, 1e-6);
  }

  @Test
  void withoutModulationTheGroupKeepsItsPlainGradients() {
    trigger = Trigger.ANY_PAIR;
    equalise = Equalise.OUTLIERS;
    mode = Mode.EQUALISE_ONLY;
    double[][] rows = {{1, 0, 0, 0}, {0, 1.2, 0, 0}, {0, 0, 50, 0}, {0, 0, 0, 1e-3}};
    float[] direction = new float[4];
    new SamGs(settings(), 4, 4).aggregate(Gradients.of(rows), direction);
    assertClose("direction", widened(direction), new double[] {1, 1.2, 1.1, 1.1}, 1e-6);
  }

  @Test
  void onlyTheLoudAreBroughtDownAndTheQuietAreLeftAlone() {
    trigger = Trigger.ANY_PAIR;
    equalise = Equalise.LOUD;
    mode = Mode.EQUALISE_ONLY;
    double[][] rows = {{1, 0, 0, 0}, {0, 1.2, 0, 0}, {0, 0, 50, 0}, {0, 0, 0, 1e-3}};
    float[] direction = new float[4];
    new SamGs(settings(), 4, 4).aggregate(Gradients.of(rows), direction);
    assertClose("direction", widened(direction), new double[] {1, 1.2, 1.1, 1e-3}, 1e-6);
  }

  @Test
  void withoutAGroupEveryTaskIsEqualised() {
    equalise = Equalise.OUTLIERS;
    float[] direction = new float[3];
    new SamGs(settings(), 3, 3)
        .aggregate(Gradients.of(new double[][] {{1, 0, 0}, {0, 10, 0}, {0, 0, 100}}), direction);
    assertClose("direction", widened(direction), new double[] {37, 37, 37}, 1e-6);
  }

  @Test
  void theLargestGroupOfAlikeNormsIsFoundAndTheTighterOneOfTwo() {
    SurgeryStep step = new SurgeryStep(6);
    double[] norms = {1, 100, 1.1, 101, 0, 5000};
    TaskGradients gradients = new TaskGradients(6, 1);
    for (int i = 0; i < 5; i++) {
      Gradients.set(gradients, i, norms[i]);
    }
    step.begin(gradients, 0);
    SimilarGroup group = new SimilarGroup(6);
    assertThat(group.find(step, 0.9)).isEqualTo(2);
    assertThat(group.contains(1) && group.contains(3)).isTrue();
    assertThat(group.contains(0) || group.contains(2) || group.contains(4)).isFalse();
  }

  @Test
  void anAblationSumsThePlainGradientsInTheMissingBranch() {
    double[][] alike = {{1, 0}, {0, 1}};
    double[][] apart = {{1, 0}, {0, 100}};
    float[] direction = new float[2];

    mode = Mode.EQUALISE_ONLY;
    SamGs equaliseOnly = new SamGs(settings(), 2, 2);
    assertThat(equaliseOnly.aggregate(Gradients.of(alike), direction).branch())
        .isEqualTo(Branch.PLAIN);
    assertThat(direction).containsExactly(1, 1);
    assertThat(equaliseOnly.aggregate(Gradients.of(apart), direction).branch())
        .isEqualTo(Branch.EQUALISED);
    assertThat(direction).containsExactly(50.5f, 50.5f);

    mode = Mode.MODULATE_ONLY;
    SamGs modulateOnly = new SamGs(settings(), 2, 2);
    assertThat(modulateOnly.aggregate(Gradients.of(apart), direction).branch())
        .isEqualTo(Branch.PLAIN);
    assertThat(direction).containsExactly(1, 100);
    assertThat(modulateOnly.aggregate(Gradients.of(alike), direction).branch())
        .isEqualTo(Branch.MODULATED);
  }

  /** Rounding to 8 bits is off by at most 2⁻⁹ each step; the recursion adds up ten of them. */
  @Test
  void halfPrecisionMomentumStaysWithinTwoPerCentOfFull() {
    gamma = 0;
    SamGs full = new SamGs(settings(), 3, 50);
    momentum = Precision.BFLOAT16;
    SamGs half = new SamGs(settings(), 3, 50);
    Random random = new Random(4);
    float[] expected = new float[50];
    float[] actual = new float[50];
    for (int round = 0; round < 200; round++) {
      double[][] rows = new double[3][50];
      for (double[] row : rows) {
        for (int j = 0; j < 50; j++) {
          row[j] = 0.5 + random.nextDouble();
        }
      }
      full.aggregate(Gradients.of(rows), expected);
      half.aggregate(Gradients.of(rows), actual);
      assertClose("round " + round, widened(actual), widened(expected), 0.02);
    }
  }

  @Test
  void momentumSurvivesAChangeOfPrecision() throws IOException {
    SamGs full = new SamGs(settings(), 2, 2);
    float[] direction = new float[2];
    full.aggregate(similar(0.9), direction);
    momentum = Precision.BFLOAT16;
    SamGs half = new SamGs(settings(), 2, 2);
    half.read(in(full));
    momentum = Precision.FLOAT;
    SamGs again = new SamGs(settings(), 2, 2);
    again.read(in(half));
    float[] expected = new float[2];
    full.aggregate(similar(0.9), expected);
    again.aggregate(similar(0.9), direction);
    assertClose("direction", widened(direction), widened(expected), 0.01);
  }

  @Test
  void onTheLastLayerEachTasksWholeGradientTakesTheFactorOfItsPartThere() {
    measure = Measure.LAST_LAYER;
    SamGs samGs = new SamGs(settings(), 2, 3);
    TaskGradients gradients = new TaskGradients(2, 3, 2);
    Gradients.set(gradients, 0, 7, 1, 3);
    Gradients.set(gradients, 1, -2, 5, 4);
    float[] direction = new float[3];
    SurgeryStep step = samGs.aggregate(gradients, direction);
    assertThat(step.branch()).isEqualTo(Branch.MODULATED);
    assertThat(step.norm(0)).isEqualTo(3);
    double dissimilarity = 1 - Similarity.magnitude(3, 4);
    double root = Math.sqrt(dissimilarity * dissimilarity + 1e-6);
    // |m̂| is 3 and 4 on the last layer.
    assertClose(
        "modulated",
        widened(direction),
        new double[] {(7 * 3 - 2 * 4) / root, (3 + 5 * 4) / root, (9 + 16) / root},
        1e-6);

    gamma = 1;
    new SamGs(settings(), 2, 3).aggregate(gradients, direction);
    assertClose(
        "equalised",
        widened(direction),
        new double[] {3.5 * (7.0 / 3 - 2.0 / 4), 3.5 * (1.0 / 3 + 5.0 / 4), 7},
        1e-6);
  }

  @Test
  void momentsOfAnotherMeasureStartAfresh() throws IOException {
    TaskGradients gradients = new TaskGradients(2, 3, 2);
    Gradients.set(gradients, 0, 7, 1, 3);
    Gradients.set(gradients, 1, -2, 5, 4);
    SamGs all = new SamGs(settings(), 2, 3);
    all.aggregate(gradients, new float[3]);
    all.aggregate(gradients, new float[3]);
    measure = Measure.LAST_LAYER;
    SamGs lastLayer = new SamGs(settings(), 2, 3);
    lastLayer.read(in(all));
    lastLayer.aggregate(gradients, new float[3]);
    assertThat(SamGsState.of(lastLayer).momentumSteps()).containsExactly(1, 1);
    assertThat(SamGsState.of(lastLayer).momentum()).hasSize(2);
    measure = Measure.ALL;
    SamGs back = new SamGs(settings(), 2, 3);
    back.read(in(lastLayer));
    back.aggregate(gradients, new float[3]);
    assertThat(SamGsState.of(back).momentumSteps()).containsExactly(1, 1);
    assertThat(SamGsState.of(back).momentum()).hasSize(6);
    assertThat(SamGsState.of(back).steps()).isEqualTo(4);
  }

  @Test
  void settingsThatContradictEachOtherAreRefused() {
    window = 2;
    warmUp = 3;
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(this::settings)
        .satisfies(e -> assertThat(e.setting()).isEqualTo("warmUp"));
  }

  @Test
  void hundredsOfTasksAreEqualisedToTheirMeanNorm() {
    int tasks = 400;
    double[][] rows = new double[tasks][3];
    double mean = 0;
    for (int i = 0; i < tasks; i++) {
      rows[i][i % 3] = 1 + i;
      mean += (1.0 + i) / tasks;
    }
    trigger = Trigger.ANY_PAIR;
    float[] direction = new float[3];
    SurgeryStep step = new SamGs(settings(), tasks, 3).aggregate(Gradients.of(rows), direction);
    assertThat(step.branch()).isEqualTo(Branch.EQUALISED);
    assertThat((double) direction[0]).isCloseTo(134 * mean, within(1e-5 * 134 * mean));
  }
}
