package dev.samgs.surgery;

import java.util.Arrays;

/**
 * What an aggregation step did. One instance belongs to one aggregator and is overwritten by each
 * of its steps.
 */
public final class SurgeryStep {
  /** Which way a step took. */
  public enum Branch {
    /** SAM-GS: magnitudes too different, every gradient rescaled to the mean norm. */
    EQUALISED,
    /** SAM-GS: magnitudes similar, every gradient modulated by its momentum. */
    MODULATED,
    /** No surgery: fewer than two tasks had a gradient, or the method has no branches. */
    PLAIN
  }

  private final double[] norms;

  /** What multiplied a task's gradient, or its modulated gradient, before clipping. */
  private final double[] factors;

  /** What the rows of {@link #modulated} tasks were multiplied by, element by element. */
  private TaskMomentum modulation;

  private final boolean[] modulated;
  private TaskGradients gradients;
  private Branch branch = Branch.PLAIN;
  private double meanSimilarity = Double.NaN;
  private double directionNorm;
  private double clipFactor = 1;

  SurgeryStep(int tasks) {
    this.norms = new double[tasks];
    this.factors = new double[tasks];
    this.modulated = new boolean[tasks];
  }

  /** The way this step took. */
  public Branch branch() {
    return branch;
  }

  /**
   * Mean gradient magnitude similarity over pairs of tasks, in (0, 1]; NaN with fewer than two
   * non-zero gradients.
   */
  public double meanSimilarity() {
    return meanSimilarity;
  }

  /**
   * Euclidean norm of a task's gradient, over the parameters that the method measures; NaN where
   * the task was absent.
   */
  public double norm(int task) {
    return norms[task];
  }

  /** Euclidean norm of the direction before clipping. */
  public double directionNorm() {
    return directionNorm;
  }

  /** Factor in (0, 1] that clipping multiplied the direction by. */
  public double clipFactor() {
    return clipFactor;
  }

  /**
   * Effective weight of a task: what its gradient was multiplied by on its way into the direction,
   * clipping included. Where a method treats every parameter differently (momentum modulation,
   * GradDrop) it is the ratio of the norms after and before. 0 where the task added nothing, NaN
   * where it was absent.
   *
   * <p>For a modulated task this is a pass over its gradient, which must still be there, at each
   * call: ask when somebody looks.
   */
  public double weight(int task) {
    if (!(norms[task] > 0)) {
      return norms[task];
    }
    double factor = factors[task] * clipFactor;
    return modulated[task]
        ? factor * modulation.modulatedNorm(task, gradients.row(task), 0) / norms[task]
        : factor;
  }

  /**
   * Begins a new step: measures norms and similarity over the parameters from {@code from} on.
   *
   * @return how many tasks are present with a gradient that is not zero
   * @throws IllegalArgumentException if a present gradient is not finite
   */
  int begin(TaskGradients gradients, int from) {
    branch = Branch.PLAIN;
    this.gradients = gradients;
    Arrays.fill(factors, 0);
    Arrays.fill(modulated, false);
    directionNorm = 0;
    clipFactor = 1;
    int active = 0;
    for (int task = 0; task < norms.length; task++) {
      norms[task] = Double.NaN;
      if (gradients.present(task)) {
        norms[task] = gradients.norm(task, from);
        if (!(norms[task] <= Double.MAX_VALUE)) {
          throw new IllegalArgumentException(
              "the gradient of task "
                  + task
                  + " is not finite; leave the step out before the gradients are aggregated");
        }
        if (norms[task] > 0) {
          active++;
        }
      }
    }
    meanSimilarity = active < 2 ? Double.NaN : meanOverPairs(active);
    return active;
  }

  private double meanOverPairs(int active) {
    double sum = 0;
    for (int i = 0; i < norms.length; i++) {
      if (norms[i] > 0) {
        for (int j = i + 1; j < norms.length; j++) {
          if (norms[j] > 0) {
            sum += Similarity.magnitude(norms[i], norms[j]);
          }
        }
      }
    }
    return sum / (active * (active - 1L) / 2);
  }

  void setBranch(Branch branch) {
    this.branch = branch;
  }

  /** Takes note that a task's gradient was multiplied by a factor. */
  void setFactor(int task, double factor) {
    factors[task] = factor;
  }

  /** Takes note that a task's gradient was multiplied by its momentum's size and a factor. */
  void setModulated(int task, double factor, TaskMomentum momentum) {
    factors[task] = factor;
    modulated[task] = true;
    modulation = momentum;
  }

  void setDirection(double norm, double clipFactor) {
    this.directionNorm = norm;
    this.clipFactor = clipFactor;
  }
}
