package dev.samgs.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.spec.SurgerySpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import dev.samgs.vectors.Allocation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What every gradient aggregator promises. A new method's test class extends this one, names the
 * method and says which of the optional properties it has.
 */
abstract class GradientAggregatorContract {
  private static final int SEED = 7;

  /** The method's name in the registry. */
  abstract String method();

  /** The settings to test; the defaults, unless a property shows without clipping only. */
  SurgerySpec settings() {
    return SurgeryMethod.named(method()).defaults();
  }

  /** Whether the method draws random numbers. */
  boolean random() {
    return false;
  }

  /** Whether the direction does not depend on the order of the tasks. */
  boolean permutationEquivariant() {
    return !random();
  }

  /** Whether every gradient enters the direction as a whole, times one factor. */
  boolean weightedSum() {
    return true;
  }

  /** The p with direction(s·G) = s^p · direction(G), as the method's paper has it. */
  double degree() {
    return 1;
  }

  /** Whether scaling single gradients leaves the orientation of the direction alone. */
  boolean blindToTaskScales() {
    return false;
  }

  private GradientAggregator create(int tasks, int parameters) {
    return SurgeryMethod.create(settings(), tasks, parameters, SEED);
  }

  @Test
  final void finiteGradientsGiveAFiniteDirection() {
    for (double[][] rows : extremes()) {
      for (double loss : new double[] {0, 1e-30, 1, 1e30}) {
        GradientAggregator aggregator = create(rows.length, rows[0].length);
        float[] direction = new float[rows[0].length];
        for (int round = 0; round < 3; round++) {
          TaskGradients gradients = Gradients.of(rows);
          for (int task = 0; task < rows.length; task++) {
            gradients.setPresent(task, task == round ? loss : 0.5 + task);
          }
          SurgeryStep step = aggregator.aggregate(gradients, direction);
          for (float element : direction) {
            assertThat(Float.isFinite(element))
                .as("direction of %s with loss %s", Arrays.deepToString(rows), loss)
                .isTrue();
          }
          assertThat(step.directionNorm()).isFinite();
        }
      }
    }
  }

  private static List<double[][]> extremes() {
    Random random = new Random(SEED);
    List<double[][]> all = new ArrayList<>();
    for (double scale : new double[] {1e-45, 1e-30, 1e-8, 1, 1e8, 1e15, 1e30, 3e38}) {
      all.add(times(scale, matrix(random, 1, 3)));
      all.add(times(scale, matrix(random, 3, 5)));
      all.add(times(scale, matrix(random, 5, 2)));
      double[][] duplicates = matrix(random, 4, 5);
      duplicates[2] = duplicates[0].clone();
      all.add(times(scale, duplicates));
      double[][] opposite = matrix(random, 2, 4);
      opposite[1] = times(-1, new double[][] {opposite[0]})[0];
      all.add(times(scale, opposite));
      double[][] zeroRow = matrix(random, 3, 4);
      zeroRow[1] = new double[4];
      all.add(times(scale, zeroRow));
      double[][] rankOne = matrix(random, 4, 6);
      for (int i = 1; i < 4; i++) {
        rankOne[i] = times(random.nextGaussian(), new double[][] {rankOne[0]})[0];
      }
      all.add(times(scale, rankOne));
    }
    all.add(new double[3][4]);
    double[][] mixed = matrix(random, 4, 6);
    mixed[0] = times(1e-30, mixed)[0];
    mixed[1] = times(1e15, mixed)[1];
    mixed[3] = times(1e-30, mixed)[3];
    all.add(mixed);
    return all;
  }

  private static double[][] matrix(Random random, int tasks, int parameters) {
    double[][] rows = new double[tasks][parameters];
    for (double[] row : rows) {
      for (int j = 0; j < parameters; j++) {
        row[j] = Math.max(-1, Math.min(1, random.nextGaussian() / 2));
      }
    }
    return rows;
  }

  private static double[][] times(double factor, double[][] rows) {
    double[][] scaled = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      scaled[i] = Arrays.stream(rows[i]).map(element -> factor * element).toArray();
    }
    return scaled;
  }

  @Test
  final void anAbsentTaskTakesNoPartWhateverItsRowHolds() {
    Random random = new Random(SEED);
    for (int round = 0; round < 20; round++) {
      int parameters = 1 + random.nextInt(20);
      double[][] rows = matrix(random, 1 + random.nextInt(4), parameters);
      float[] expected = new float[parameters];
      create(rows.length, parameters).aggregate(Gradients.of(rows), expected);

      TaskGradients masked = new TaskGradients(rows.length + 2, parameters);
      for (int task = 0; task < rows.length + 2; task++) {
        Arrays.fill(masked.row(task), Float.NaN);
      }
      int absent = random.nextInt(rows.length + 1);
      for (int task = 0; task < rows.length; task++) {
        Gradients.set(masked, task < absent ? task : task + 2, rows[task]);
      }
      float[] actual = new float[parameters];
      create(rows.length + 2, parameters).aggregate(masked, actual);
      assertThat(actual).isEqualTo(expected);
    }
  }

  @Test
  final void withNoTaskPresentTheDirectionIsZeroAndTheStateStays() throws IOException {
    GradientAggregator aggregator = create(3, 4);
    byte[] before = state(aggregator);
    float[] direction = {1, 2, 3, 4};
    SurgeryStep step = aggregator.aggregate(new TaskGradients(3, 4), direction);
    assertThat(direction).containsOnly(0f);
    assertThat(step.directionNorm()).isZero();
    if (!random()) {
      assertThat(state(aggregator)).isEqualTo(before);
    }
  }

  @Test
  final void aGradientThatIsNotFiniteIsRefusedAndTheStateStays() throws IOException {
    GradientAggregator aggregator = create(2, 2);
    aggregator.aggregate(Gradients.of(new double[][] {{1, 2}, {3, -1}}), new float[2]);
    byte[] before = state(aggregator);
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      TaskGradients gradients = Gradients.of(new double[][] {{1, 2}, {bad, 1}});
      assertThatIllegalArgumentException()
          .isThrownBy(() -> aggregator.aggregate(gradients, new float[2]))
          .withMessageContaining("task 1 is not finite");
    }
    assertThat(state(aggregator)).isEqualTo(before);
  }

  @Test
  final void theOrderOfTheTasksDoesNotMatter() {
    Assumptions.assumeTrue(permutationEquivariant(), "not a property of this method");
    Random random = new Random(SEED);
    for (int round = 0; round < 20; round++) {
      int parameters = 5 + random.nextInt(20);
      int tasks = 2 + random.nextInt(4);
      double[][] rows = matrix(random, tasks, parameters);
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < tasks; i++) {
        order.add(i);
      }
      Collections.shuffle(order, random);
      TaskGradients gradients = new TaskGradients(tasks, parameters);
      TaskGradients shuffled = new TaskGradients(tasks, parameters);
      for (int i = 0; i < tasks; i++) {
        Gradients.set(gradients, i, rows[i]);
        gradients.setPresent(i, 0.5 + i);
        Gradients.set(shuffled, order.get(i), rows[i]);
        shuffled.setPresent(order.get(i), 0.5 + i);
      }
      GradientAggregator one = create(tasks, parameters);
      GradientAggregator other = create(tasks, parameters);
      float[] expected = new float[parameters];
      float[] actual = new float[parameters];
      for (int step = 0; step < 3; step++) {
        one.aggregate(gradients, expected);
        other.aggregate(shuffled, actual);
        assertSame(actual, expected, 1e-5);
      }
    }
  }

  @Test
  final void theSameSeedGivesTheSameBitsAndAnotherSeedOthers() {
    Random random = new Random(SEED);
    GradientAggregator one = SurgeryMethod.create(settings(), 4, 30, 1);
    GradientAggregator same = SurgeryMethod.create(settings(), 4, 30, 1);
    GradientAggregator other = SurgeryMethod.create(settings(), 4, 30, 2);
    boolean differed = false;
    for (int step = 0; step < 10; step++) {
      TaskGradients gradients = Gradients.of(matrix(random, 4, 30));
      float[] a = new float[30];
      float[] b = new float[30];
      float[] c = new float[30];
      one.aggregate(gradients, a);
      same.aggregate(gradients, b);
      other.aggregate(gradients, c);
      assertThat(b).isEqualTo(a);
      differed |= !Arrays.equals(a, c);
    }
    assertThat(differed).isEqualTo(random());
  }

  @Test
  final void aSequenceRestoredInItsMiddleContinuesWithTheSameBits() throws IOException {
    Random random = new Random(SEED);
    GradientAggregator undisturbed = create(4, 12);
    GradientAggregator restored = undisturbed;
    float[] expected = new float[12];
    float[] actual = new float[12];
    for (int step = 0; step < 60; step++) {
      TaskGradients gradients = new TaskGradients(4, 12);
      double[][] rows = matrix(random, 4, 12);
      for (int task = 0; task < 4; task++) {
        if (random.nextInt(4) > 0) {
          Gradients.set(gradients, task, rows[task]);
          gradients.setPresent(task, random.nextDouble());
        }
      }
      undisturbed.aggregate(gradients, expected);
      if (restored != undisturbed) {
        restored.aggregate(gradients, actual);
        assertThat(actual).as("step %d", step).isEqualTo(expected);
        assertThat(state(restored)).isEqualTo(state(undisturbed));
      }
      if (step % 7 == 3) {
        restored = create(4, 12);
        restored.read(
            new StateReader(new DataInputStream(new ByteArrayInputStream(state(undisturbed)))));
      }
    }
  }

  private static byte[] state(GradientAggregator aggregator) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    aggregator.write(new StateWriter(new DataOutputStream(bytes)));
    return bytes.toByteArray();
  }

  @Test
  final void theDirectionGrowsWithAllGradientsAsThePaperHasIt() {
    Random random = new Random(SEED);
    for (int round = 0; round < 20; round++) {
      int parameters = 6 + random.nextInt(20);
      double[][] rows = matrix(random, 2 + random.nextInt(3), parameters);
      float[] plain = new float[parameters];
      float[] scaled = new float[parameters];
      create(rows.length, parameters).aggregate(Gradients.of(rows), plain);
      create(rows.length, parameters).aggregate(Gradients.of(times(1024, rows)), scaled);
      float[] expected = new float[parameters];
      for (int j = 0; j < parameters; j++) {
        expected[j] = (float) (plain[j] * Math.pow(1024, degree()));
      }
      assertSame(scaled, expected, 1e-5);
    }
  }

  @Test
  final void scalesOfSingleTasksDoNotTurnTheDirection() {
    Assumptions.assumeTrue(blindToTaskScales(), "not a property of this method");
    Random random = new Random(SEED);
    for (int round = 0; round < 20; round++) {
      int parameters = 10 + random.nextInt(20);
      double[][] rows = matrix(random, 3, parameters);
      float[] plain = new float[parameters];
      float[] scaled = new float[parameters];
      create(3, parameters).aggregate(Gradients.of(rows), plain);
      rows[1] = times(4096, rows)[1];
      rows[2] = times(1.0 / 256, rows)[2];
      create(3, parameters).aggregate(Gradients.of(rows), scaled);
      double lengths =
          new Vectors().norm(plain, 0, parameters) * new Vectors().norm(scaled, 0, parameters);
      double product = 0;
      for (int j = 0; j < parameters; j++) {
        product += (double) plain[j] * scaled[j];
      }
      // The sum of rows of such different length is rounded at 6·10⁻⁸ of the longest.
      assertThat(Math.abs(product / lengths)).isCloseTo(1, within(1e-5));
    }
  }

  @Test
  final void aStepAllocatesNothingOnceWarm() {
    Random random = new Random(SEED);
    TaskGradients gradients = Gradients.of(matrix(random, 4, 50));
    GradientAggregator aggregator = create(4, 50);
    float[] direction = new float[50];
    assertThat(Allocation.afterWarmUp(() -> aggregator.aggregate(gradients, direction)))
        .as("bytes per step")
        .isZero();
  }

  @Test
  final void theStepTellsNormsAndSimilarity() {
    GradientAggregator aggregator = create(3, 2);
    TaskGradients gradients = new TaskGradients(3, 2);
    Gradients.set(gradients, 0, 0.6, 0.8);
    Gradients.set(gradients, 2, 0, 3);
    float[] direction = new float[2];
    SurgeryStep step = aggregator.aggregate(gradients, direction);
    assertThat(step.norm(0)).isCloseTo(1, within(1e-7));
    assertThat(step.norm(1)).isNaN();
    assertThat(step.norm(2)).isEqualTo(3);
    assertThat(step.meanSimilarity()).isCloseTo(0.6, within(1e-7));
    assertThat(step.directionNorm() * step.clipFactor())
        .isCloseTo(new Vectors().norm(direction, 0, 2), within(1e-6 * step.directionNorm()));
  }

  @Test
  final void theWeightsOfAStepSayWhatEachTaskAddedToTheDirection() {
    Random random = new Random(SEED);
    TaskGradients gradients = new TaskGradients(4, 12);
    GradientAggregator aggregator = create(4, 12);
    float[] direction = new float[12];
    for (int round = 0; round < 5; round++) {
      double[][] rows = matrix(random, 4, 12);
      float[] expected = new float[12];
      gradients.clear();
      for (int task = 0; task < 4; task++) {
        if (task != round) {
          Gradients.set(gradients, task, times(task + 1, rows)[task]);
        }
      }
      SurgeryStep step = aggregator.aggregate(gradients, direction);
      for (int task = 0; task < 4; task++) {
        assertThat(Double.isNaN(step.weight(task))).isEqualTo(task == round);
        if (task != round) {
          for (int j = 0; j < 12; j++) {
            expected[j] += (float) step.weight(task) * gradients.row(task)[j];
          }
        }
      }
      if (weightedSum()) {
        assertSame(direction, expected, 1e-5);
      }
    }
  }

  private static void assertSame(float[] actual, float[] expected, double tolerance) {
    double size = new Vectors().norm(expected, 0, expected.length);
    for (int j = 0; j < expected.length; j++) {
      assertThat((double) actual[j])
          .as("element %d", j)
          .isCloseTo(expected[j], within(tolerance * size + Float.MIN_NORMAL));
    }
  }
}
