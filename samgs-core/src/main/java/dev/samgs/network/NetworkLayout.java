package dev.samgs.network;

import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Where every weight of the network stands in one flat array: first the shared trunk, layer by
 * layer, then each task's own parameters in task order (head layers, then the skip path). Weights
 * of a layer are {@code outputs × inputs}, row-major, followed by its biases.
 */
public final class NetworkLayout {
  /**
   * A dense layer y = W·x + b.
   *
   * @param weights position of W, {@code outputs × inputs} row-major
   * @param bias position of b, or −1 if the layer has none
   */
  public record Dense(int inputs, int outputs, int weights, int bias) {
    int end() {
      return bias >= 0 ? bias + outputs : weights + inputs * outputs;
    }
  }

  /**
   * One task's own parameters.
   *
   * @param layers hidden layers of the head and its output layer, first to last
   * @param skip the linear path from the inputs to the outputs, without bias; null if there is none
   * @param from first parameter of the task
   * @param to end of the task's parameters (exclusive)
   */
  public record Head(List<Dense> layers, Dense skip, int from, int to) {
    /** The layer that makes the task's outputs. */
    public Dense output() {
      return layers.get(layers.size() - 1);
    }
  }

  private final int inputs;
  private final List<Dense> trunk;
  private final List<Head> heads;
  private final int sharedLength;
  private final int length;

  public NetworkLayout(ModelSpec spec) {
    this.inputs = spec.features().size();
    int at = 0;
    int width = inputs;
    List<Dense> layers = new ArrayList<>();
    for (int outputs : spec.network().trunk()) {
      Dense layer = dense(width, outputs, at);
      layers.add(layer);
      at = layer.end();
      width = outputs;
    }
    trunk = List.copyOf(layers);
    sharedLength = at;
    List<Head> all = new ArrayList<>();
    for (TaskSpec task : spec.tasks()) {
      int from = at;
      int headWidth = width;
      List<Dense> own = new ArrayList<>();
      for (int outputs : spec.network().head()) {
        Dense layer = dense(headWidth, outputs, at);
        own.add(layer);
        at = layer.end();
        headWidth = outputs;
      }
      Dense output = dense(headWidth, task.outputs(), at);
      own.add(output);
      at = output.end();
      Dense skip = null;
      if (spec.network().skip()) {
        skip = new Dense(inputs, task.outputs(), at, -1);
        at = skip.end();
      }
      all.add(new Head(List.copyOf(own), skip, from, at));
    }
    heads = List.copyOf(all);
    length = at;
  }

  private static Dense dense(int inputs, int outputs, int at) {
    return new Dense(inputs, outputs, at, at + Math.multiplyExact(inputs, outputs));
  }

  public int inputs() {
    return inputs;
  }

  /** Layers of the shared trunk, first to last. */
  public List<Dense> trunk() {
    return trunk;
  }

  /** The tasks' own parameters, in task order. */
  public List<Head> heads() {
    return heads;
  }

  /** Number of shared parameters; they stand first. */
  public int sharedLength() {
    return sharedLength;
  }

  /** Position of the first parameter of the last shared layer, which ends the shared ones. */
  public int lastSharedLayer() {
    return trunk.get(trunk.size() - 1).weights();
  }

  /** Number of all parameters. */
  public int length() {
    return length;
  }

  /**
   * Fresh parameters: hidden layers uniform in ±√(6/inputs) (He et al., arXiv:1502.01852); output
   * layers, skip paths and biases zero, so that an untrained model predicts the prior.
   */
  public float[] initialParameters(long seed) {
    float[] parameters = new float[length];
    SplittableRandom random = new SplittableRandom(seed);
    for (Dense layer : trunk) {
      fillUniform(parameters, layer, random);
    }
    for (Head head : heads) {
      for (Dense layer : head.layers().subList(0, head.layers().size() - 1)) {
        fillUniform(parameters, layer, random);
      }
    }
    return parameters;
  }

  private static void fillUniform(float[] parameters, Dense layer, SplittableRandom random) {
    double bound = Math.sqrt(6.0 / layer.inputs());
    for (int i = layer.weights(); i < layer.bias(); i++) {
      parameters[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
  }
}
