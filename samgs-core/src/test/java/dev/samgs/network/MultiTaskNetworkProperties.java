package dev.samgs.network;

import static dev.samgs.vectors.Closeness.assertClose;
import static dev.samgs.vectors.Closeness.largest;
import static dev.samgs.vectors.Closeness.widened;
import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.reference.ReferenceNetwork;
import dev.samgs.spec.Activation;
import dev.samgs.spec.ModelSpec;
import dev.samgs.surgery.TaskGradients;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The batched float network against the reference, and the reference against finite differences.
 */
class MultiTaskNetworkProperties {
  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs().withoutEdgeCases();
  }

  /**
   * Some sixty float products and sums lie between an input and a gradient, each rounding by
   * 6·10⁻⁸; errors are judged against the largest element of the same array.
   */
  private static final double TOLERANCE = 2e-5;

  @Property(tries = 150, seed = "1")
  void forwardAndBackwardEqualTheReference(@ForAll("seeds") long seed) {
    Random random = new Random(seed);
    ModelSpec spec = RandomModels.spec(random, Activation.values());
    NetworkLayout layout = new NetworkLayout(spec);
    MultiTaskNetwork network = new MultiTaskNetwork(spec, layout);
    ReferenceNetwork reference = new ReferenceNetwork(spec, layout);
    // Rows shrink and grow, so that buffers are reused.
    for (int rows : new int[] {1 + random.nextInt(8), 1 + random.nextInt(40), 3}) {
      RandomModels.Batch batch = RandomModels.batch(random, spec, rows);
      float[] parameters = RandomModels.dyadicParameters(random, layout);
      INDArray wideParameters = Nd4j.createFromArray(widened(parameters));
      INDArray inputs = batch.wideInputs();

      network.forward(parameters, batch.inputs(), rows);
      List<INDArray> outputs = reference.forward(wideParameters, inputs);
      for (int t = 0; t < spec.tasks().size(); t++) {
        double[] expected = outputs.get(t).dup('c').reshape(-1).toDoubleVector();
        double[] actual = Arrays.copyOf(widened(network.outputs(t)), expected.length);
        // A sum may cancel; its terms are of the order of one.
        assertClose(
            "outputs of task " + t, actual, expected, TOLERANCE, Math.max(1, largest(expected)));
      }

      TaskGradients shared = new TaskGradients(spec.tasks().size(), layout.sharedLength());
      float[] own = new float[layout.length()];
      network.backward(batch.targets(), shared, own);
      ReferenceNetwork.Gradients expected =
          reference.backward(wideParameters, inputs, batch.wideTargets());
      double[] expectedOwn = expected.all().toDoubleVector();
      for (int t = 0; t < spec.tasks().size(); t++) {
        double loss = expected.losses()[t];
        assertThat(shared.present(t)).isEqualTo(!Double.isNaN(loss));
        if (shared.present(t)) {
          // Outputs are off by their rounding, and so are small errors: d(e²) = 2e·de.
          double size = largest(outputs.get(t).dup('c').reshape(-1).toDoubleVector());
          assertClose(
              "loss of task " + t,
              new double[] {shared.loss(t)},
              new double[] {loss},
              TOLERANCE,
              Math.max(Math.abs(loss), Math.sqrt(Math.abs(loss)) * Math.max(1, size)));
          Head head = layout.heads().get(t);
          double[] ownGradient = Arrays.copyOfRange(expectedOwn, head.from(), head.to());
          assertClose(
              "own gradient of task " + t,
              widened(Arrays.copyOfRange(own, head.from(), head.to())),
              ownGradient,
              TOLERANCE,
              scale(ownGradient, size));
          double[] sharedGradient = expected.shared().getRow(t).toDoubleVector();
          assertClose(
              "shared gradient of task " + t,
              widened(shared.row(t)),
              sharedGradient,
              TOLERANCE,
              scale(sharedGradient, size));
        }
      }
    }
  }

  /**
   * A gradient may cancel over the rows of the batch, or all but vanish where a row is learnt; the
   * rounding of the outputs stays.
   */
  private static double scale(double[] gradient, double outputs) {
    return Math.max(largest(gradient), Math.min(1, outputs));
  }

  @Property(tries = 40, seed = "1")
  void theReferenceGradientIsTheSlopeOfTheLoss(@ForAll("seeds") long seed) {
    Random random = new Random(seed);
    // Without kinks, so that differences converge.
    ModelSpec spec = RandomModels.spec(random, Activation.TANH, Activation.GELU);
    NetworkLayout layout = new NetworkLayout(spec);
    ReferenceNetwork reference = new ReferenceNetwork(spec, layout);
    RandomModels.Batch batch = RandomModels.batch(random, spec, 1 + random.nextInt(6));
    double[] values = new double[layout.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.4 * random.nextGaussian();
    }
    INDArray parameters = Nd4j.createFromArray(values);
    INDArray inputs = batch.wideInputs();
    INDArray targets = batch.wideTargets();
    ReferenceNetwork.Gradients gradients = reference.backward(parameters, inputs, targets);
    for (int t = 0; t < spec.tasks().size(); t++) {
      if (Double.isNaN(gradients.losses()[t])) {
        continue;
      }
      Head head = layout.heads().get(t);
      INDArray gradient = Nd4j.zeros(gradients.all().dataType(), layout.length());
      gradient
          .get(NDArrayIndex.interval(0, layout.sharedLength()))
          .assign(gradients.shared().getRow(t));
      gradient
          .get(NDArrayIndex.interval(head.from(), head.to()))
          .assign(gradients.all().get(NDArrayIndex.interval(head.from(), head.to())));
      for (int direction = 0; direction < 3; direction++) {
        double[] along = new double[layout.length()];
        for (int i = 0; i < along.length; i++) {
          along[i] = random.nextGaussian() / Math.sqrt(along.length);
        }
        INDArray move = Nd4j.createFromArray(along);
        double step = 1e-5;
        double ahead =
            reference.backward(parameters.add(move.mul(step)), inputs, targets).losses()[t];
        double behind =
            reference.backward(parameters.sub(move.mul(step)), inputs, targets).losses()[t];
        double slope = (ahead - behind) / (2 * step);
        // The third derivative leaves 10⁻¹⁰ of its size, rounding of the losses 10⁻¹⁰.
        double expected = gradient.mul(move).sumNumber().doubleValue();
        double scale = Math.max(gradient.norm2Number().doubleValue(), gradients.losses()[t]);
        assertThat(slope).isCloseTo(expected, org.assertj.core.api.Assertions.within(1e-6 * scale));
      }
    }
  }
}
