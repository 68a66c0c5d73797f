package dev.samgs.network;

import dev.samgs.nd4j.Gemm;
import dev.samgs.network.NetworkLayout.Dense;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.TaskGradients;
import java.util.Arrays;
import java.util.List;

/**
 * Forward and backward pass of the multi-task network over a batch of rows. Holds work buffers
 * only, which grow to the largest batch seen; parameters are the caller's. Not safe for use by
 * several threads.
 *
 * <p>The trunk runs once for all tasks. On the way back the present tasks' gradients with respect
 * to a layer's output stand side by side in one {@code rows × (tasks · width)} matrix: seen so, one
 * product gives the weight gradients of all tasks; seen as {@code (rows · tasks) × width}, another
 * passes them on to the layer below.
 */
public final class MultiTaskNetwork {
  private final NetworkLayout layout;
  private final List<TaskSpec> tasks;
  private final Activations activation;
  private final TaskLoss[] losses;
  private final Gemm gemm = new Gemm();

  private int capacity;
  private int rows;
  private float[] inputs;

  /** Pre-activations and activations of each trunk layer, {@code rows × width}. */
  private final float[][] trunkSums;

  private final float[][] trunkValues;

  /** Pre-activations and activations of each hidden head layer, by task and layer. */
  private final float[][][] headSums;

  private final float[][][] headValues;

  /**
   * Raw outputs of each task, {@code rows × outputs}, and the loss gradient with respect to them.
   */
  private final float[][] outputs;

  private final float[][] outputGradients;

  /**
   * Gradients with respect to hidden values: of one task's head, and stacked over tasks for the
   * trunk.
   */
  private float[] headBack = new float[0];

  private float[] headBackNext = new float[0];
  private float[] stacked = new float[0];
  private float[] stackedNext = new float[0];

  /** Slopes of one layer, and the same once for each present task. */
  private float[] slopes = new float[0];

  private float[] stackedSlopes = new float[0];

  /** The present tasks' rows of the shared gradients; and the array of the heads' gradients. */
  private final float[][] sharedRows;

  private final float[][] headRows = new float[1][];

  /** The present tasks. */
  private final int[] stackedTask;

  public MultiTaskNetwork(ModelSpec spec, NetworkLayout layout) {
    this.layout = layout;
    this.tasks = spec.tasks();
    this.activation = Activations.of(spec.network().activation());
    this.losses = new TaskLoss[tasks.size()];
    Arrays.setAll(losses, i -> TaskLoss.of(tasks.get(i)));
    this.trunkSums = new float[layout.trunk().size()][];
    this.trunkValues = new float[layout.trunk().size()][];
    this.headSums = new float[tasks.size()][][];
    this.headValues = new float[tasks.size()][][];
    this.outputs = new float[tasks.size()][];
    this.outputGradients = new float[tasks.size()][];
    this.stackedTask = new int[tasks.size()];
    this.sharedRows = new float[tasks.size()][];
  }

  private void ensureCapacity(int needed) {
    if (needed <= capacity) {
      return;
    }
    capacity = Math.max(needed, 2 * capacity);
    int widest = 0;
    for (int l = 0; l < trunkSums.length; l++) {
      int width = layout.trunk().get(l).outputs();
      trunkSums[l] = new float[capacity * width];
      trunkValues[l] = new float[capacity * width];
      widest = Math.max(widest, width);
    }
    int widestHead = layout.trunk().get(trunkSums.length - 1).outputs();
    for (int t = 0; t < tasks.size(); t++) {
      List<Dense> layers = layout.heads().get(t).layers();
      headSums[t] = new float[layers.size() - 1][];
      headValues[t] = new float[layers.size() - 1][];
      for (int l = 0; l < layers.size() - 1; l++) {
        int width = layers.get(l).outputs();
        headSums[t][l] = new float[capacity * width];
        headValues[t][l] = new float[capacity * width];
        widestHead = Math.max(widestHead, width);
      }
      outputs[t] = new float[capacity * tasks.get(t).outputs()];
      outputGradients[t] = new float[capacity * tasks.get(t).outputs()];
    }
    headBack = new float[capacity * widestHead];
    headBackNext = new float[capacity * widestHead];
    stacked = new float[tasks.size() * capacity * widest];
    stackedNext = new float[tasks.size() * capacity * widest];
    stackedSlopes = new float[tasks.size() * capacity * widest];
    slopes = new float[capacity * Math.max(widest, widestHead)];
  }

  /**
   * Computes the raw outputs of all tasks.
   *
   * @param parameters in the order of the {@link NetworkLayout}
   * @param inputs {@code rows × features}, standardised; kept by reference until the backward pass
   */
  public void forward(float[] parameters, float[] inputs, int rows) {
    ensureCapacity(rows);
    this.inputs = inputs;
    this.rows = rows;
    float[] from = inputs;
    for (int l = 0; l < trunkSums.length; l++) {
      apply(layout.trunk().get(l), parameters, from, trunkSums[l]);
      activation.apply(trunkSums[l], trunkValues[l], rows * layout.trunk().get(l).outputs());
      from = trunkValues[l];
    }
    for (int t = 0; t < tasks.size(); t++) {
      Head head = layout.heads().get(t);
      float[] headFrom = from;
      int hidden = head.layers().size() - 1;
      for (int l = 0; l < hidden; l++) {
        apply(head.layers().get(l), parameters, headFrom, headSums[t][l]);
        activation.apply(headSums[t][l], headValues[t][l], rows * head.layers().get(l).outputs());
        headFrom = headValues[t][l];
      }
      apply(head.output(), parameters, headFrom, outputs[t]);
      if (head.skip() != null) {
        Dense skip = head.skip();
        gemm.multiply(
            false,
            true,
            rows,
            skip.outputs(),
            skip.inputs(),
            inputs,
            0,
            parameters,
            skip.weights(),
            1f,
            outputs[t],
            0);
      }
    }
  }

  /** to ← from·Wᵀ + b, {@code rows × outputs}. */
  private void apply(Dense layer, float[] parameters, float[] from, float[] to) {
    int width = layer.outputs();
    for (int r = 0; r < rows; r++) {
      System.arraycopy(parameters, layer.bias(), to, r * width, width);
    }
    gemm.multiply(
        false, true, rows, width, layer.inputs(), from, 0, parameters, layer.weights(), 1f, to, 0);
  }

  /**
   * Raw outputs of a task after {@link #forward}, {@code rows × outputs}: a standardised value, a
   * logit, or class logits. Live array.
   */
  public float[] outputs(int task) {
    return outputs[task];
  }

  /**
   * Back-propagates the mean loss of each task over its labelled rows. A task without a labelled
   * row is left absent.
   *
   * @param parameters those of the preceding {@link #forward}
   * @param targets {@code rows × tasks}, row-major: standardised value or class number; NaN where
   *     the label is unknown
   * @param shared receives the present tasks' losses and gradients over the shared parameters
   * @param gradients receives the gradients of the present tasks' own parameters, in layout order;
   *     the rest is left alone
   */
  public void backward(
      float[] parameters, float[] targets, TaskGradients shared, float[] gradients) {
    shared.clear();
    int present = 0;
    for (int t = 0; t < tasks.size(); t++) {
      double loss =
          losses[t].backward(outputs[t], targets, t, tasks.size(), rows, outputGradients[t]);
      if (!Double.isNaN(loss)) {
        shared.setPresent(t, loss);
        sharedRows[present] = shared.row(t);
        stackedTask[present++] = t;
      }
    }
    if (present > 0) {
      headRows[0] = gradients;
      for (int s = 0; s < present; s++) {
        backwardHead(stackedTask[s], parameters, s, present);
      }
      backwardTrunk(parameters, present);
    }
  }

  private void backwardTrunk(float[] parameters, int present) {
    for (int l = trunkSums.length - 1; l >= 0; l--) {
      Dense layer = layout.trunk().get(l);
      int width = layer.outputs();
      activation.slopes(trunkSums[l], trunkValues[l], slopes, rows * width);
      for (int r = 0; r < rows; r++) {
        for (int s = 0; s < present; s++) {
          System.arraycopy(slopes, r * width, stackedSlopes, (r * present + s) * width, width);
        }
      }
      multiply(stacked, stackedSlopes, rows * present * width);
      float[] from = l == 0 ? inputs : trunkValues[l - 1];
      weightGradients(layer, present, stacked, from, sharedRows);
      if (l > 0) {
        gemm.multiply(
            false,
            false,
            rows * present,
            layer.inputs(),
            width,
            stacked,
            0,
            parameters,
            layer.weights(),
            0f,
            stackedNext,
            0);
        float[] swap = stacked;
        stacked = stackedNext;
        stackedNext = swap;
      }
    }
  }

  /** Writes the gradient with respect to the trunk's output as part {@code s} of the stack. */
  private void backwardHead(int task, float[] parameters, int s, int present) {
    Head head = layout.heads().get(task);
    float[] back = outputGradients[task];
    if (head.skip() != null) {
      weightGradients(head.skip(), 1, back, inputs, headRows);
    }
    for (int l = head.layers().size() - 1; l >= 0; l--) {
      Dense layer = head.layers().get(l);
      if (l < head.layers().size() - 1) {
        int length = rows * layer.outputs();
        activation.slopes(headSums[task][l], headValues[task][l], slopes, length);
        multiply(back, slopes, length);
      }
      float[] from = l == 0 ? trunkValues[trunkValues.length - 1] : headValues[task][l - 1];
      weightGradients(layer, 1, back, from, headRows);
      float[] next = back == headBack ? headBackNext : headBack;
      gemm.multiply(
          false,
          false,
          rows,
          layer.inputs(),
          layer.outputs(),
          back,
          0,
          parameters,
          layer.weights(),
          0f,
          next,
          0);
      back = next;
    }
    int width = layout.trunk().get(trunkSums.length - 1).outputs();
    for (int r = 0; r < rows; r++) {
      System.arraycopy(back, r * width, stacked, (r * present + s) * width, width);
    }
  }

  private static void multiply(float[] gradient, float[] slopes, int length) {
    for (int i = 0; i < length; i++) {
      gradient[i] *= slopes[i];
    }
  }

  /** Gradients of W and b of a layer for {@code count} tasks, at its place in their arrays. */
  private void weightGradients(
      Dense layer, int count, float[] back, float[] from, float[][] gradients) {
    gemm.gradients(
        count,
        layer.outputs(),
        layer.inputs(),
        rows,
        back,
        from,
        gradients,
        layer.weights(),
        layer.bias());
  }
}
