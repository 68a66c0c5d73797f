package dev.samgs.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.reference.ReferenceSamGs;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import dev.samgs.surgery.SamGs.Scale;
import dev.samgs.surgery.SamGs.Trigger;
import dev.samgs.surgery.SurgeryStep.Branch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The fused float code against the reference, on whatever gradients there may be. */
class SamGsProperties {
  @Provide
  Arbitrary<SamGs.Settings> settings() {
    return Combinators.combine(
            Arbitraries.of(Trigger.values()),
            Arbitraries.of(Scale.values()),
            Arbitraries.of(0.0, 0.1, 0.3, 0.7, 0.9, 1.0),
            Arbitraries.of(0.0, 0.5, 0.9, 0.99),
            Arbitraries.of(0.5, 0.9, 0.99),
            Arbitraries.of(0.0, 1e-3, 1.0))
        .as(SamGs.Settings::published);
  }

  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs().withoutEdgeCases();
  }

  /** How far the scales of the tasks lie apart. */
  @Provide
  Arbitrary<Spread> spreads() {
    return Arbitraries.of(Spread.values());
  }

  enum Spread {
    ALIKE(-0.3, 0.3),
    ORDINARY(-4, 3),
    EXTREME(-30, 15);

    final double low;
    final double high;

    Spread(double low, double high) {
      this.low = low;
      this.high = high;
    }

    double draw(Random random) {
      return Math.pow(10, low + (high - low) * random.nextDouble());
    }
  }

  @Property(tries = 400, seed = "1")
  void theFusedStepEqualsTheReference(
      @ForAll("settings") SamGs.Settings settings,
      @ForAll("spreads") Spread spread,
      @ForAll @IntRange(min = 1, max = 9) int tasks,
      @ForAll @IntRange(min = 1, max = 70) int parameters,
      @ForAll("seeds") long seed) {
    Random random = new Random(seed);
    SamGs fused = new SamGs(settings, tasks, parameters);
    ReferenceSamGs reference = new ReferenceSamGs(settings, tasks, parameters);
    double[] largestMomentum = new double[tasks];
    for (int round = 0; round < 5; round++) {
      TaskGradients gradients = draw(random, spread, tasks, parameters);
      boolean[] present = new boolean[tasks];
      INDArray rows = Nd4j.zeros(DataType.DOUBLE, tasks, parameters);
      for (int task = 0; task < tasks; task++) {
        present[task] = gradients.present(task);
        for (int j = 0; j < parameters; j++) {
          rows.putScalar(task, j, gradients.row(task)[j]);
        }
      }
      float[] direction = new float[parameters];
      SurgeryStep step = fused.aggregate(gradients, direction);
      ReferenceSamGs.Step expected = reference.step(rows, present);

      if (Math.abs(closest(settings, expected) - settings.gamma()) < 1e-12) {
        return; // a tie that rounding decides
      }
      assertThat(step.branch()).isEqualTo(expected.branch());
      assertSimilarity(step.meanSimilarity(), expected.meanSimilarity());
      double tolerance = 4e-6 * size(settings, rows, expected, largestMomentum);
      for (int j = 0; j < parameters; j++) {
        assertThat(Float.isFinite(direction[j])).isTrue();
        assertThat((double) direction[j])
            .isCloseTo(expected.direction().getDouble(j), within(tolerance + Float.MIN_NORMAL));
      }
    }
  }

  /**
   * Long rows are summed in stretches and added in blocks. Where the norms are summed in float
   * first they are within 10⁻⁶, and so is the direction.
   */
  @Property(tries = 30, seed = "1")
  void theFusedStepEqualsTheReferenceWhereRowsAreLong(
      @ForAll("settings") SamGs.Settings settings,
      @ForAll("lengths") int parameters,
      @ForAll("seeds") long seed) {
    Random random = new Random(seed);
    int tasks = 3;
    SamGs fused = new SamGs(settings, tasks, parameters);
    ReferenceSamGs reference = new ReferenceSamGs(settings, tasks, parameters);
    double[] largestMomentum = new double[tasks];
    for (int round = 0; round < 3; round++) {
      TaskGradients gradients = draw(random, Spread.ORDINARY, tasks, parameters);
      boolean[] present = new boolean[tasks];
      double[][] rows = new double[tasks][parameters];
      for (int task = 0; task < tasks; task++) {
        present[task] = gradients.present(task);
        for (int j = 0; j < parameters; j++) {
          rows[task][j] = gradients.row(task)[j];
        }
      }
      INDArray matrix = Nd4j.createFromArray(rows);
      float[] direction = new float[parameters];
      SurgeryStep step = fused.aggregate(gradients, direction);
      ReferenceSamGs.Step expected = reference.step(matrix, present);
      if (Math.abs(closest(settings, expected) - settings.gamma()) < 1e-6) {
        return; // a tie that rounding decides
      }
      assertThat(step.branch()).isEqualTo(expected.branch());
      double tolerance = 4e-6 * size(settings, matrix, expected, largestMomentum);
      double[] exact = expected.direction().toDoubleVector();
      for (int j = 0; j < parameters; j++) {
        if (!(Math.abs(direction[j] - exact[j]) <= tolerance + Float.MIN_NORMAL)) {
          assertThat((double) direction[j])
              .as("element %d", j)
              .isCloseTo(exact[j], within(tolerance));
        }
      }
    }
  }

  /** Around the lengths of a partial sum, a stretch and a block. */
  @Provide
  Arbitrary<Integer> lengths() {
    return Arbitraries.of(511, 512, 513, 1500, 8191, 8192, 8193, 20_000);
  }

  private static double closest(SamGs.Settings settings, ReferenceSamGs.Step expected) {
    if (expected.branch() == Branch.PLAIN) {
      return Double.POSITIVE_INFINITY;
    }
    return settings.trigger() == Trigger.MEAN
        ? expected.meanSimilarity()
        : expected.similarities().minNumber().doubleValue();
  }

  private static void assertSimilarity(double actual, double expected) {
    if (Double.isNaN(expected)) {
      assertThat(actual).isNaN();
    } else {
      assertThat(actual).isCloseTo(expected, within(1e-12));
    }
  }

  /**
   * The size of what is added up in an element of the direction, where nothing cancels: float
   * rounds each of these by 6·10⁻⁸, some ten times on the way.
   */
  private static double size(
      SamGs.Settings settings,
      INDArray rows,
      ReferenceSamGs.Step expected,
      double[] largestMomentum) {
    double sum = 0;
    for (int task = 0; task < rows.rows(); task++) {
      double gradient = rows.getRow(task).amaxNumber().doubleValue();
      sum += expected.adjusted().getRow(task).amaxNumber().doubleValue();
      if (expected.branch() == Branch.MODULATED) {
        // m̂ may have cancelled over the steps
        double momentum = expected.correctedMomentum().getRow(task).amaxNumber().doubleValue();
        largestMomentum[task] = Math.max(largestMomentum[task], momentum);
        sum += gradient * largestMomentum[task] / Math.sqrt(expected.correctedV());
      } else if (expected.correctedMomentum() != null) {
        double momentum = expected.correctedMomentum().getRow(task).amaxNumber().doubleValue();
        largestMomentum[task] = Math.max(largestMomentum[task], momentum);
      }
    }
    double norm = expected.sum().norm2Number().doubleValue();
    double after = expected.direction().norm2Number().doubleValue();
    return norm > 0 ? sum * (after / norm) : sum * Math.max(1, settings.maxNorm());
  }

  private static TaskGradients draw(Random random, Spread spread, int tasks, int parameters) {
    TaskGradients gradients = new TaskGradients(tasks, parameters);
    double common = spread.draw(random);
    for (int task = 0; task < tasks; task++) {
      double scale = random.nextInt(3) == 0 ? common : spread.draw(random);
      boolean zero = random.nextInt(8) == 0;
      for (int j = 0; j < parameters; j++) {
        gradients.row(task)[j] = zero ? 0f : (float) (scale * random.nextGaussian());
      }
      if (random.nextInt(5) > 0) {
        gradients.setPresent(task, random.nextDouble());
      }
    }
    return gradients;
  }

  @Property(tries = 100, seed = "1")
  void aSequenceThatWasSavedAndRestoredInItsMiddleContinuesWithTheSameBits(
      @ForAll("settings") SamGs.Settings settings,
      @ForAll @IntRange(min = 1, max = 6) int tasks,
      @ForAll @IntRange(min = 1, max = 40) int parameters,
      @ForAll("seeds") long seed)
      throws IOException {
    Random random = new Random(seed);
    SamGs undisturbed = new SamGs(settings, tasks, parameters);
    SamGs restored = undisturbed;
    float[] expected = new float[parameters];
    float[] actual = new float[parameters];
    for (int round = 0; round < 6; round++) {
      TaskGradients gradients = draw(random, Spread.ORDINARY, tasks, parameters);
      undisturbed.aggregate(gradients, expected);
      if (restored != undisturbed) {
        restored.aggregate(gradients, actual);
        assertThat(actual).isEqualTo(expected);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      undisturbed.write(new StateWriter(new DataOutputStream(bytes)));
      restored = new SamGs(settings, tasks, parameters);
      restored.read(
          new StateReader(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));
    }
  }

  @Property(tries = 300, seed = "1")
  void finiteGradientsGiveAFiniteDirection(
      @ForAll("settings") SamGs.Settings settings,
      @ForAll @IntRange(min = 1, max = 5) int tasks,
      @ForAll @IntRange(min = 1, max = 9) int parameters,
      @ForAll("seeds") long seed) {
    Random random = new Random(seed);
    SamGs samGs = new SamGs(settings, tasks, parameters);
    float[] direction = new float[parameters];
    for (int round = 0; round < 4; round++) {
      TaskGradients gradients = new TaskGradients(tasks, parameters);
      for (int task = 0; task < tasks; task++) {
        for (int j = 0; j < parameters; j++) {
          float any = Float.intBitsToFloat(random.nextInt());
          gradients.row(task)[j] = Float.isFinite(any) ? any : 0;
        }
        gradients.setPresent(task, 1);
      }
      SurgeryStep step = samGs.aggregate(gradients, direction);
      for (float element : direction) {
        assertThat(Float.isFinite(element)).isTrue();
      }
      assertThat(step.directionNorm()).isFinite();
    }
  }
}
