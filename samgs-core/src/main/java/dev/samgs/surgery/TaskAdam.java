package dev.samgs.surgery;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * One learnt number per task, stepped by Adam (arXiv:1412.6980) with each task's own step count:
 * the log-variances of {@link UncertaintyWeighting}, the logits of {@link Famo}. Starts at zero.
 */
final class TaskAdam {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double rate;
  private final double decay;
  private double[] values;
  private double[] first;
  private double[] second;
  private long[] steps;

  /**
   * @param decay added to the gradient as {@code decay · value}
   */
  TaskAdam(int tasks, double rate, double decay) {
    this.rate = rate;
    this.decay = decay;
    values = new double[tasks];
    first = new double[tasks];
    second = new double[tasks];
    steps = new long[tasks];
  }

  double value(int task) {
    return values[task];
  }

  void step(int task, double gradient) {
    double g = gradient + decay * values[task];
    long step = ++steps[task];
    first[task] = BETA1 * first[task] + (1 - BETA1) * g;
    second[task] = BETA2 * second[task] + (1 - BETA2) * g * g;
    double m = first[task] / biasCorrection(BETA1, step);
    double v = second[task] / biasCorrection(BETA2, step);
    values[task] -= rate * m / (Math.sqrt(v) + EPSILON);
  }

  /** 1 − β^step; StrictMath.pow would allocate. */
  private static double biasCorrection(double beta, long step) {
    return -StrictMath.expm1(step * StrictMath.log(beta));
  }

  void write(StateWriter out) throws IOException {
    out.writeDoubles(values);
    out.writeDoubles(first);
    out.writeDoubles(second);
    out.writeLongs(steps);
  }

  void read(StateReader in) throws IOException {
    int tasks = values.length;
    values = TaskState.require(in.readDoubles(), tasks);
    first = TaskState.require(in.readDoubles(), tasks);
    second = TaskState.require(in.readDoubles(), tasks);
    steps = in.readLongs();
    TaskState.requireLength(steps.length, tasks);
  }
}
