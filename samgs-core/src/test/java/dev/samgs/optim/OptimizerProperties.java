package dev.samgs.optim;

import static dev.samgs.vectors.Closeness.assertClose;
import static dev.samgs.vectors.Closeness.widened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.reference.ReferenceOptimizer;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OptimizerProperties {
  private static final int[] BLOCKS = {0, 5, 6, 19};
  private static final int LENGTH = BLOCKS[3];

  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs().withoutEdgeCases();
  }

  private static LearningSpec spec(OptimizerKind kind) {
    return new LearningSpec(1, 1, 0, 0, kind, 1e-3, 0.9, 0.999, 1e-8, 2, 0, 1, false, 1);
  }

  /**
   * Thirty steps, each rounding the moments and the parameter by 6·10⁻⁸; a step of Adam is at most
   * some rates long.
   */
  @Property(tries = 100, seed = "1")
  void theStepsEqualTheReference(@ForAll OptimizerKind kind, @ForAll("seeds") long seed) {
    Random random = new Random(seed);
    Optimizer optimizer = new Optimizer(spec(kind), LENGTH, 3);
    ReferenceOptimizer reference = new ReferenceOptimizer(spec(kind), LENGTH, 3);
    float[] parameters = new float[LENGTH];
    INDArray expected = Nd4j.createFromArray(new double[LENGTH]);
    double rate = 1e-3 * (1 + random.nextInt(10));
    double scale = Math.pow(10, random.nextInt(9) - 4);
    double largest = kind == OptimizerKind.ADAM ? rate : rate * scale * 10;
    for (int step = 0; step < 30; step++) {
      for (int block = 0; block < 3; block++) {
        if (random.nextInt(3) > 0) {
          int from = BLOCKS[block];
          int to = BLOCKS[block + 1];
          float[] gradient = gradient(random, scale, LENGTH);
          optimizer.step(block, parameters, from, to, gradient, rate);
          float[] own = Arrays.copyOfRange(gradient, from, to);
          reference.step(block, expected, from, Nd4j.createFromArray(widened(own)), rate);
        }
      }
    }
    assertClose(kind.name(), widened(parameters), expected.toDoubleVector(), 1e-6, 30 * largest);
  }

  @Property(tries = 50, seed = "1")
  void aSequenceThatWasSavedAndRestoredInItsMiddleContinuesWithTheSameBits(
      @ForAll OptimizerKind kind, @ForAll("seeds") long seed) throws IOException {
    Random random = new Random(seed);
    Optimizer undisturbed = new Optimizer(spec(kind), LENGTH, 3);
    float[] expected = new float[LENGTH];
    for (int step = 0; step < 5; step++) {
      int block = random.nextInt(3);
      stepBlock(undisturbed, block, expected, gradient(random, 1, LENGTH));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    undisturbed.write(new StateWriter(new DataOutputStream(bytes)));
    Optimizer restored = new Optimizer(spec(kind), LENGTH, 3);
    restored.read(
        new StateReader(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));
    float[] actual = expected.clone();
    for (int step = 0; step < 10; step++) {
      int block = random.nextInt(3);
      float[] gradient = gradient(random, 1, LENGTH);
      stepBlock(undisturbed, block, expected, gradient);
      stepBlock(restored, block, actual, gradient);
      assertThat(actual).isEqualTo(expected);
    }
  }

  private static void stepBlock(
      Optimizer optimizer, int block, float[] parameters, float[] gradient) {
    optimizer.step(block, parameters, BLOCKS[block], BLOCKS[block + 1], gradient, 1e-2);
  }

  private static float[] gradient(Random random, double scale, int length) {
    float[] gradient = new float[length];
    for (int i = 0; i < length; i++) {
      gradient[i] = (float) (scale * random.nextGaussian());
    }
    return gradient;
  }
}
