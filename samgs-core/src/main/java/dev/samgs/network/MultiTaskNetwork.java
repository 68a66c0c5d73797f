package dev.samgs.network;

import dev.samgs.nd4j.Matrix;
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
 * <p>The trunk runs once for all tasks, and what the heads do with one input, the trunk's output or
 * the features, is one product. On the way back the present tasks' gradients with respect to a
 * layer's output stand side by side in one {@code rows × (tasks · width)} matrix: seen so, one
 * product gives the weight gradients of all tasks; seen as {@code (rows · tasks) × width}, another
 * passes them on to the layer below.
 */
public final class MultiTaskNetwork {
  private final NetworkLayout layout;
  private final int tasks;
  private final Activations activation;
  private final TaskLoss[] losses;
  private final Block[] trunk;

  /** The heads' layers of one depth side by side, the outputs last. */
  private final Block[] heads;

  /** Weights of the linear paths from the features, below each other; null without them. */
  private final Matrix skips;

  private final Matrix inputs = new Matrix();
  private final Matrix gradient = new Matrix();
  private final Matrix biasGradient = new Matrix();
  private final Matrix ones = new Matrix();

  private int capacity;
  private int rows;

  /** Raw outputs of each task, {@code rows × outputs}, and the loss gradient by them. */
  private final float[][] outputs;

  private final float[][] outputGradients;

  /** The present tasks. */
  private final int[] present;

  private int presentTasks;

  /** The present tasks' rows of the shared gradients. */
  private final float[][] sharedRows;

  /** Layers of the same depth, of one task or several, side by side. */
  private static final class Block {
    /** One for the trunk, one for each task for the heads. */
    final List<Dense> layers;

    /** First column of each layer's outputs, and the end of them all. */
    final int[] columns;

    /** Below each other. */
    final Matrix weights = new Matrix();

    final Matrix values = new Matrix();

    /** Gradients by the outputs before activation, of the present tasks side by side. */
    final Matrix back = new Matrix();

    float[] sums;
    float[] activated;
    float[] slopes;

    /** Gradients by the outputs, in the order of {@link #back}. */
    float[] gradients;

    float[] stackedSlopes;

    Block(List<Dense> layers) {
      this.layers = layers;
      this.columns = new int[layers.size() + 1];
      for (int i = 0; i < layers.size(); i++) {
        columns[i + 1] = columns[i] + layers.get(i).outputs();
      }
    }

    int width() {
      return columns[layers.size()];
    }

    int inputs() {
      return layers.get(0).inputs();
    }

    void load(float[] parameters) {
      weights.shape(width(), inputs());
      for (int i = 0; i < layers.size(); i++) {
        Dense layer = layers.get(i);
        weights.put(columns[i], parameters, layer.weights(), layer.outputs() * layer.inputs());
      }
    }

    /** Puts the biases into each row of the sums. */
    void beginSums(float[] parameters, int rows) {
      for (int i = 0; i < layers.size(); i++) {
        Dense layer = layers.get(i);
        System.arraycopy(parameters, layer.bias(), sums, columns[i], layer.outputs());
      }
      int length = rows * width();
      for (int filled = width(); filled < length; filled *= 2) {
        System.arraycopy(sums, 0, sums, filled, Math.min(filled, length - filled));
      }
      values.shape(rows, width()).put(sums);
    }
  }

  public MultiTaskNetwork(ModelSpec spec, NetworkLayout layout) {
    this.layout = layout;
    List<TaskSpec> all = spec.tasks();
    this.tasks = all.size();
    this.activation = Activations.of(spec.network().activation());
    this.losses = new TaskLoss[tasks];
    Arrays.setAll(losses, i -> TaskLoss.of(all.get(i)));
    this.trunk =
        layout.trunk().stream().map(layer -> new Block(List.of(layer))).toArray(Block[]::new);
    this.heads = new Block[layout.heads().get(0).layers().size()];
    Arrays.setAll(
        heads, l -> new Block(layout.heads().stream().map(head -> head.layers().get(l)).toList()));
    this.skips = layout.heads().get(0).skip() == null ? null : new Matrix();
    this.outputs = new float[tasks][];
    this.outputGradients = new float[tasks][];
    this.present = new int[tasks];
    this.sharedRows = new float[tasks][];
  }

  private void ensureCapacity(int needed) {
    if (needed <= capacity) {
      return;
    }
    capacity = Math.max(needed, 2 * capacity);
    ones.shape(capacity, 1).fillOnes();
    for (Block block : trunk) {
      allocate(block, tasks * block.width());
    }
    for (Block block : heads) {
      allocate(block, block.width());
    }
    for (int t = 0; t < tasks; t++) {
      int width = output().layers.get(t).outputs();
      outputs[t] = new float[capacity * width];
      outputGradients[t] = new float[capacity * width];
    }
  }

  private void allocate(Block block, int stacked) {
    block.sums = new float[capacity * block.width()];
    block.activated = new float[capacity * block.width()];
    block.slopes = new float[capacity * block.width()];
    block.gradients = new float[capacity * stacked];
    block.stackedSlopes = new float[capacity * stacked];
  }

  private Block output() {
    return heads[heads.length - 1];
  }

  /**
   * Computes the raw outputs of all tasks.
   *
   * @param parameters in the order of the {@link NetworkLayout}
   * @param features {@code rows × features}, standardised
   */
  public void forward(float[] parameters, float[] features, int rows) {
    ensureCapacity(rows);
    this.rows = rows;
    inputs.shape(rows, layout.inputs()).put(features);
    Matrix from = inputs;
    for (Block block : trunk) {
      block.load(parameters);
      block.beginSums(parameters, rows);
      block.values.multiplyTransposed(from, block.weights, 1f);
      activate(block);
      from = block.values;
    }
    for (int l = 0; l < heads.length; l++) {
      Block block = heads[l];
      block.load(parameters);
      block.beginSums(parameters, rows);
      if (l == 0) {
        block.values.multiplyTransposed(from, block.weights, 1f);
      } else {
        for (int t = 0; t < tasks; t++) {
          block.values.multiplyTransposed(
              heads[l - 1].values,
              heads[l - 1].columns[t],
              block.weights,
              block.columns[t],
              block.layers.get(t).outputs(),
              1f,
              block.columns[t]);
        }
      }
      if (l < heads.length - 1) {
        activate(block);
      }
    }
    addSkips(parameters);
    Block out = output();
    out.values.get(out.sums);
    for (int t = 0; t < tasks; t++) {
      copyColumns(
          out.sums,
          out.width(),
          out.columns[t],
          outputs[t],
          out.layers.get(t).outputs(),
          0,
          out.layers.get(t).outputs());
    }
  }

  private void activate(Block block) {
    block.values.get(block.sums);
    activation.apply(block.sums, block.activated, rows * block.width());
    block.values.put(block.activated);
  }

  private void addSkips(float[] parameters) {
    if (skips != null) {
      Block out = output();
      skips.shape(out.width(), layout.inputs());
      for (int t = 0; t < tasks; t++) {
        Dense skip = layout.heads().get(t).skip();
        skips.put(out.columns[t], parameters, skip.weights(), skip.outputs() * skip.inputs());
      }
      out.values.multiplyTransposed(inputs, skips, 1f);
    }
  }

  /** Copies {@code count} columns of each row from one row-major array to another. */
  private void copyColumns(
      float[] from, int strideFrom, int at, float[] to, int strideTo, int atTo, int count) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < count; c++) {
        to[r * strideTo + atTo + c] = from[r * strideFrom + at + c];
      }
    }
  }

  /**
   * Raw outputs of a task after {@link #forward}, {@code rows × outputs}: a standardised value, a
   * logit, or class logits. Live array.
   */
  public float[] outputs(int task) {
    return outputs[task];
  }

  /**
   * Back-propagates the mean loss of each task over its labelled rows, after {@link #forward}. A
   * task without a labelled row is left absent.
   *
   * @param targets {@code rows × tasks}, row-major: standardised value or class number; NaN where
   *     the label is unknown
   * @param shared receives the present tasks' losses and gradients over the shared parameters
   * @param gradients receives the gradients of the present tasks' own parameters, in layout order;
   *     the rest is left alone
   */
  public void backward(float[] targets, TaskGradients shared, float[] gradients) {
    shared.clear();
    presentTasks = 0;
    for (int t = 0; t < tasks; t++) {
      double loss = losses[t].backward(outputs[t], targets, t, tasks, rows, outputGradients[t]);
      if (!Double.isNaN(loss)) {
        shared.setPresent(t, loss);
        sharedRows[presentTasks] = shared.row(t);
        present[presentTasks++] = t;
      }
    }
    if (presentTasks > 0) {
      backwardHeads(gradients);
      backwardTrunk(shared);
    }
  }

  private void backwardHeads(float[] gradients) {
    beginOutputGradients();
    if (skips != null) {
      skipGradients(gradients);
    }
    for (int l = heads.length - 1; l >= 0; l--) {
      Block block = heads[l];
      if (l < heads.length - 1) {
        applySlopes(block);
      }
      biasGradient.shape(1, block.back.columns()).sumColumns(block.back, ones);
      Matrix below = l == 0 ? trunk[trunk.length - 1].values : heads[l - 1].values;
      Block to = l == 0 ? trunk[trunk.length - 1] : heads[l - 1];
      to.back.shape(rows, l == 0 ? presentTasks * to.width() : presentWidth(to));
      if (l == 0) {
        gradient.shape(block.back.columns(), block.inputs());
        gradient.multiplyTransposing(block.back, 0, below, 0);
      }
      int column = 0;
      int columnTo = 0;
      for (int s = 0; s < presentTasks; s++) {
        int t = present[s];
        Dense layer = block.layers.get(t);
        biasGradient.getColumns(column, gradients, layer.bias(), layer.outputs());
        int length = layer.outputs() * layer.inputs();
        if (l == 0) {
          gradient.get(column, gradients, layer.weights(), length);
        } else {
          gradient.shape(layer.outputs(), layer.inputs());
          gradient.multiplyTransposing(block.back, column, below, to.columns[t]);
          gradient.get(0, gradients, layer.weights(), length);
        }
        to.back.multiply(
            block.back, column, layer.outputs(), block.weights, block.columns[t], columnTo);
        column += layer.outputs();
        columnTo += layer.inputs();
      }
    }
  }

  /** Puts the present tasks' loss gradients side by side. */
  private void beginOutputGradients() {
    Block out = output();
    int width = presentWidth(out);
    int column = 0;
    for (int s = 0; s < presentTasks; s++) {
      int own = out.layers.get(present[s]).outputs();
      copyColumns(outputGradients[present[s]], own, 0, out.gradients, width, column, own);
      column += own;
    }
    out.back.shape(rows, width).put(out.gradients);
  }

  private int presentWidth(Block block) {
    int width = 0;
    for (int s = 0; s < presentTasks; s++) {
      width += block.layers.get(present[s]).outputs();
    }
    return width;
  }

  private void skipGradients(float[] gradients) {
    Block out = output();
    gradient.shape(out.back.columns(), layout.inputs());
    gradient.multiplyTransposing(out.back, 0, inputs, 0);
    int row = 0;
    for (int s = 0; s < presentTasks; s++) {
      Head head = layout.heads().get(present[s]);
      Dense skip = head.skip();
      gradient.get(row, gradients, skip.weights(), skip.outputs() * skip.inputs());
      row += skip.outputs();
    }
  }

  private void backwardTrunk(TaskGradients shared) {
    for (int l = trunk.length - 1; l >= 0; l--) {
      Block block = trunk[l];
      int width = block.width();
      applySlopes(block);
      gradient
          .shape(presentTasks * width, block.inputs())
          .multiplyTransposing(block.back, 0, l == 0 ? inputs : trunk[l - 1].values, 0);
      biasGradient.shape(1, presentTasks * width).sumColumns(block.back, ones);
      Dense layer = block.layers.get(0);
      for (int s = 0; s < presentTasks; s++) {
        gradient.get(s * width, sharedRows[s], layer.weights(), width * layer.inputs());
        biasGradient.getColumns(s * width, sharedRows[s], layer.bias(), width);
        shared.measure(present[s], layer.weights(), layer.bias() + width);
      }
      if (l > 0) {
        trunk[l - 1].back.shape(rows, presentTasks * layer.inputs());
        trunk[l - 1].back.multiplyRows(block.back, block.weights);
      }
    }
  }

  /**
   * Multiplies the gradients by the slopes of the activation. The trunk's one layer has as many
   * gradients in a row as there are present tasks; a layer of heads one for each.
   */
  private void applySlopes(Block block) {
    activation.slopes(block.sums, block.activated, block.slopes, rows * block.width());
    int columns = block.back.columns();
    int at = 0;
    for (int r = 0; r < rows; r++) {
      for (int s = 0; s < presentTasks; s++) {
        int i = block.layers.size() == 1 ? 0 : present[s];
        int width = block.layers.get(i).outputs();
        System.arraycopy(
            block.slopes, r * block.width() + block.columns[i], block.stackedSlopes, at, width);
        at += width;
      }
    }
    block.back.get(block.gradients);
    multiply(block.gradients, block.stackedSlopes, rows * columns);
    block.back.put(block.gradients);
  }

  private static void multiply(float[] gradients, float[] slopes, int length) {
    for (int i = 0; i < length; i++) {
      gradients[i] *= slopes[i];
    }
  }
}
