package dev.samgs.surgery;

import java.util.Arrays;

/**
 * The gradients of all tasks over the shared parameters, for one step: {@code tasks × parameters},
 * one array for each task, reused from step to step. (Loops over arrays that share one index are
 * compiled to vector instructions; over stretches of one flat array they are not.) A task whose
 * label was missing in the whole mini-batch is <em>absent</em>; its row holds stale numbers and
 * must not be read.
 */
public final class TaskGradients {
  private final int tasks;
  private final int parameters;
  private final int lastLayer;
  private final float[][] rows;
  private final boolean[] present;
  private final double[] losses;

  /** Sums of squares that were taken while rows were written, below the last layer and in it. */
  private final double[] squaresBelow;

  private final double[] squaresInLastLayer;
  private final int[] measured;
  private final Vectors vectors = new Vectors();

  /** All tasks absent, all gradients zero; the last shared layer is taken to be everything. */
  public TaskGradients(int tasks, int parameters) {
    this(tasks, parameters, 0);
  }

  /**
   * All tasks absent, all gradients zero.
   *
   * @param lastLayer position of the first parameter of the last shared layer, which reaches to the
   *     end
   */
  public TaskGradients(int tasks, int parameters, int lastLayer) {
    this.tasks = tasks;
    this.parameters = parameters;
    this.lastLayer = lastLayer;
    this.rows = new float[tasks][parameters];
    this.present = new boolean[tasks];
    this.losses = new double[tasks];
    this.squaresBelow = new double[tasks];
    this.squaresInLastLayer = new double[tasks];
    this.measured = new int[tasks];
  }

  public int tasks() {
    return tasks;
  }

  public int parameters() {
    return parameters;
  }

  /**
   * Position of the first parameter of the last shared layer, for methods that measure the
   * gradients there only.
   */
  public int lastLayer() {
    return lastLayer;
  }

  /** A task's gradient, {@code parameters} numbers; the live array, not a copy. */
  public float[] row(int task) {
    return rows[task];
  }

  public boolean present(int task) {
    return present[task];
  }

  /** Mean loss of a present task over its labelled rows of the mini-batch. */
  public double loss(int task) {
    return losses[task];
  }

  /** Marks a task as present in this step, with its loss. Its row must have been filled. */
  public void setPresent(int task, double loss) {
    present[task] = true;
    losses[task] = loss;
  }

  /**
   * Measures the elements {@code from … to − 1} of a task's row, just written and still in the
   * cache, so that {@link #norm} need not read the row again. Takes effect when every element has
   * been measured once; the row must not be changed afterwards. A stretch lies in the last shared
   * layer or below it.
   */
  public void measure(int task, int from, int to) {
    (from >= lastLayer ? squaresInLastLayer : squaresBelow)[task] +=
        vectors.squares(rows[task], from, to);
    measured[task] += to - from;
  }

  /**
   * Euclidean norm of a task's row, within 10⁻⁶ of it.
   *
   * @param from first element that counts: 0, or {@link #lastLayer()}
   */
  double norm(int task, int from) {
    if (measured[task] != parameters) {
      return vectors.norm(rows[task], from, parameters);
    }
    double below = from == 0 ? squaresBelow[task] : 0;
    return Math.sqrt(below + squaresInLastLayer[task]);
  }

  /**
   * Euclidean norm of a task's row, within 10⁻⁶ of it; NaN or infinite if the row is not finite.
   */
  public double norm(int task) {
    return norm(task, 0);
  }

  /** Makes all tasks absent, for the next step. */
  public void clear() {
    Arrays.fill(present, false);
    Arrays.fill(squaresBelow, 0);
    Arrays.fill(squaresInLastLayer, 0);
    Arrays.fill(measured, 0);
  }

  /** How many tasks are present. */
  public int presentTasks() {
    int count = 0;
    for (boolean p : present) {
      if (p) {
        count++;
      }
    }
    return count;
  }
}
