package dev.samgs.reference;

import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Dense;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.spec.Activation;
import dev.samgs.spec.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The multi-task network in double precision, one task after the other: each task's gradient is
 * carried back through the whole trunk by itself.
 */
public final class ReferenceNetwork {
  /**
   * The outcome of a backward pass.
   *
   * @param losses mean loss of each task over its labelled rows, weighted; NaN where the task is
   *     absent
   * @param shared gradients over the shared parameters, {@code tasks × parameters}; zero rows where
   *     absent
   * @param all gradient of each task's loss over its own parameters, in layout order; the shared
   *     part is zero
   */
  public record Gradients(double[] losses, INDArray shared, INDArray all) {}

  private final ModelSpec spec;
  private final NetworkLayout layout;

  public ReferenceNetwork(ModelSpec spec, NetworkLayout layout) {
    this.spec = spec;
    this.layout = layout;
  }

  /**
   * Raw outputs of each task, {@code rows × outputs}.
   *
   * @param parameters vector in the order of the {@link NetworkLayout}
   * @param inputs {@code rows × features}
   */
  public List<INDArray> forward(INDArray parameters, INDArray inputs) {
    INDArray trunkOutput = last(hidden(layout.trunk(), parameters, inputs)).values();
    List<INDArray> outputs = new ArrayList<>();
    for (Head head : layout.heads()) {
      List<Layer> layers = hidden(hiddenOf(head), parameters, trunkOutput);
      outputs.add(output(head, parameters, inputs, last(layers, trunkOutput)));
    }
    return outputs;
  }

  /**
   * Mean losses over the labelled rows and their gradients.
   *
   * @param targets {@code rows × tasks}: value or class number, NaN where the label is unknown
   */
  public Gradients backward(INDArray parameters, INDArray inputs, INDArray targets) {
    int tasks = spec.tasks().size();
    double[] losses = new double[tasks];
    INDArray shared = Nd4j.zeros(DataType.DOUBLE, tasks, layout.sharedLength());
    INDArray all = Nd4j.zeros(DataType.DOUBLE, layout.length());
    List<Layer> trunk = hidden(layout.trunk(), parameters, inputs);
    INDArray trunkOutput = last(trunk).values();
    for (int t = 0; t < tasks; t++) {
      Head head = layout.heads().get(t);
      List<Layer> own = hidden(hiddenOf(head), parameters, trunkOutput);
      INDArray headInput = last(own, trunkOutput);
      ReferenceLoss loss =
          ReferenceLoss.of(
              spec.tasks().get(t),
              output(head, parameters, inputs, headInput),
              targets.getColumn(t));
      losses[t] = loss.value();
      if (loss.gradient() == null) {
        continue;
      }
      INDArray back = loss.gradient();
      if (head.skip() != null) {
        put(all, head.skip().weights(), back.transpose().mmul(inputs));
      }
      back = throughDense(head.output(), parameters, headInput, back, all);
      back = throughHidden(own, parameters, back, all);
      throughHidden(trunk, parameters, back, shared.getRow(t));
    }
    return new Gradients(losses, shared, all);
  }

  /** A hidden layer with what went in, its weighted sums and what came out. */
  private record Layer(Dense dense, INDArray inputs, INDArray sums, INDArray values) {}

  private List<Layer> hidden(List<Dense> layers, INDArray parameters, INDArray inputs) {
    List<Layer> run = new ArrayList<>();
    INDArray from = inputs;
    for (Dense dense : layers) {
      INDArray sums = from.mmul(weights(dense, parameters).transpose());
      sums.addiRowVector(bias(dense, parameters));
      INDArray values = activate(sums);
      run.add(new Layer(dense, from, sums, values));
      from = values;
    }
    return run;
  }

  private static List<Dense> hiddenOf(Head head) {
    return head.layers().subList(0, head.layers().size() - 1);
  }

  private static INDArray output(
      Head head, INDArray parameters, INDArray inputs, INDArray headInput) {
    INDArray output = headInput.mmul(weights(head.output(), parameters).transpose());
    output.addiRowVector(bias(head.output(), parameters));
    return head.skip() == null
        ? output
        : output.addi(inputs.mmul(weights(head.skip(), parameters).transpose()));
  }

  private INDArray throughHidden(
      List<Layer> layers, INDArray parameters, INDArray back, INDArray gradient) {
    INDArray here = back;
    for (int l = layers.size() - 1; l >= 0; l--) {
      Layer layer = layers.get(l);
      here = here.mul(slope(layer.sums()));
      here = throughDense(layer.dense(), parameters, layer.inputs(), here, gradient);
    }
    return here;
  }

  /** Writes the gradient of W and b; returns the gradient with respect to the layer's inputs. */
  private static INDArray throughDense(
      Dense dense, INDArray parameters, INDArray inputs, INDArray back, INDArray gradient) {
    put(gradient, dense.weights(), back.transpose().mmul(inputs));
    put(gradient, dense.bias(), back.sum(0));
    return back.mmul(weights(dense, parameters));
  }

  private static void put(INDArray vector, int at, INDArray values) {
    vector
        .get(NDArrayIndex.interval(at, at + values.length()))
        .assign(values.dup('c').reshape(values.length()));
  }

  private static INDArray weights(Dense dense, INDArray parameters) {
    long length = (long) dense.inputs() * dense.outputs();
    return parameters
        .get(NDArrayIndex.interval(dense.weights(), dense.weights() + length))
        .reshape('c', dense.outputs(), dense.inputs());
  }

  private static INDArray bias(Dense dense, INDArray parameters) {
    return parameters.get(NDArrayIndex.interval(dense.bias(), dense.bias() + dense.outputs()));
  }

  private static Layer last(List<Layer> layers) {
    return layers.get(layers.size() - 1);
  }

  private static INDArray last(List<Layer> layers, INDArray otherwise) {
    return layers.isEmpty() ? otherwise : last(layers).values();
  }

  private INDArray activate(INDArray z) {
    return switch (spec.network().activation()) {
      case RELU -> Transforms.max(z, 0);
      case TANH -> Transforms.tanh(z, true);
      case GELU -> z.mul(geluTanh(z).addi(1)).muli(0.5);
    };
  }

  private INDArray slope(INDArray z) {
    return switch (spec.network().activation()) {
      case RELU -> z.gt(0).castTo(DataType.DOUBLE);
      case TANH -> one().sub(square(Transforms.tanh(z, true)));
      case GELU -> {
        INDArray tanh = geluTanh(z);
        INDArray inner = square(z).muli(3 * GELU_CUBIC).addi(1).muli(GELU_SCALE);
        yield tanh.add(1).muli(0.5).addi(z.mul(one().sub(square(tanh))).muli(inner).muli(0.5));
      }
    };
  }

  /** √(2/π) and the cubic coefficient of {@link Activation#GELU}. */
  private static final double GELU_SCALE = Math.sqrt(2 / Math.PI);

  private static final double GELU_CUBIC = 0.044715;

  private static INDArray geluTanh(INDArray z) {
    return Transforms.tanh(square(z).muli(z).muli(GELU_CUBIC).addi(z).muli(GELU_SCALE), false);
  }

  private static INDArray square(INDArray z) {
    return z.mul(z);
  }

  private static INDArray one() {
    return Nd4j.scalar(DataType.DOUBLE, 1.0);
  }
}
