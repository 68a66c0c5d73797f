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
  private Branch branch = Branch.PLAIN;
  private double meanSimilarity = Double.NaN;
  private double directionNorm;
  private double clipFactor = 1;

  SurgeryStep(int tasks) {
    this.norms = new double[tasks];
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

  /** Euclidean norm of a task's gradient; NaN where the task was absent. */
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

  void begin() {
    Arrays.fill(norms, Double.NaN);
    branch = Branch.PLAIN;
    meanSimilarity = Double.NaN;
    directionNorm = 0;
    clipFactor = 1;
  }

  void setNorm(int task, double norm) {
    norms[task] = norm;
  }

  void setBranch(Branch branch, double meanSimilarity) {
    this.branch = branch;
    this.meanSimilarity = meanSimilarity;
  }

  void setDirection(double norm, double clipFactor) {
    this.directionNorm = norm;
    this.clipFactor = clipFactor;
  }
}
