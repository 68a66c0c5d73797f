package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * FAMO, fast adaptive multitask optimisation: the logarithms of all losses are to fall at the same
 * rate. With z the softmax of learnt logits, the weight of a task is z_i/L_i divided by Σ_j
 * z_j/L_j; after a step the logits are moved, by Adam with weight decay, against the fall of the
 * log-losses. B. Liu, Y. Feng, P. Stone, Q. Liu, <em>FAMO: Fast Adaptive Multitask
 * Optimization</em>, arXiv:2306.03792.
 *
 * <p>The paper measures the fall on the same rows with a second forward pass; here it is the change
 * to the loss of the next step, as in the SAM-GS authors' toy problems, so that the stream is not
 * read twice. State: logits, their Adam moments, each task's latest loss. Losses are taken to have
 * their minimum at zero.
 */
public final class Famo implements Weighting {
  /** Settings of FAMO. */
  public record Settings(
      @Setting(value = "step size of the logits", min = 0, max = 10) double rate,
      @Setting(value = "weight decay of the logits, which pulls the weights together", min = 0)
          double decay,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements WeightedSpec {
    /** As published: step size 0.025, weight decay 0.001; no clipping. */
    public static Settings defaults() {
      return new Settings(0.025, 1e-3, 0);
    }
  }

  /** Added to every loss, as published. */
  private static final double EPSILON = 1e-8;

  private final TaskAdam logits;
  private final double[] shares;
  private double[] latest;

  Famo(Settings settings, int tasks) {
    logits = new TaskAdam(tasks, settings.rate(), settings.decay());
    shares = new double[tasks];
    latest = new double[tasks];
    Arrays.fill(latest, Double.NaN);
  }

  @Override
  public boolean usesProducts() {
    return false;
  }

  @Override
  public void weigh(PresentTasks tasks, double[] weights) {
    learn(tasks);
    takeShares(tasks);
    double sum = 0;
    for (int i = 0; i < tasks.count(); i++) {
      weights[i] = shares[i] / shifted(tasks.loss(i));
      sum += weights[i];
    }
    for (int i = 0; i < tasks.count(); i++) {
      weights[i] /= sum;
      latest[tasks.task(i)] = tasks.loss(i);
    }
  }

  /** One step of the logits along the change of the log-losses since each task's last presence. */
  private void learn(PresentTasks tasks) {
    takeShares(tasks);
    double mean = 0;
    for (int i = 0; i < tasks.count(); i++) {
      mean += shares[i] * fall(tasks, i);
    }
    for (int i = 0; i < tasks.count(); i++) {
      if (!Double.isNaN(latest[tasks.task(i)])) {
        logits.step(tasks.task(i), shares[i] * (fall(tasks, i) - mean));
      }
    }
  }

  /** ln L before − ln L now; zero for a task that is seen for the first time. */
  private double fall(PresentTasks tasks, int i) {
    double before = latest[tasks.task(i)];
    return Double.isNaN(before)
        ? 0
        : StrictMath.log(shifted(before)) - StrictMath.log(shifted(tasks.loss(i)));
  }

  private static double shifted(double loss) {
    return Math.max(0, loss) + EPSILON;
  }

  private void takeShares(PresentTasks tasks) {
    for (int i = 0; i < tasks.count(); i++) {
      shares[i] = logits.value(tasks.task(i));
    }
    Softmax.apply(shares, tasks.count());
  }

  @Override
  public void write(StateWriter out) throws IOException {
    logits.write(out);
    out.writeDoubles(latest);
  }

  @Override
  public void read(StateReader in) throws IOException {
    logits.read(in);
    latest = TaskState.require(in.readDoubles(), latest.length);
  }
}
