package dev.samgs.learn;

import dev.samgs.surgery.PairwiseSimilarity;
import dev.samgs.surgery.SurgeryStep;
import dev.samgs.surgery.TaskGradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one mini-batch did to a model. One instance belongs to a {@link Trainer} and is overwritten
 * by each mini-batch.
 */
public final class StepReport {
  private final long[] labels;
  private final double[] losses;
  private final double[] gradientNorms;
  private final long[] delays;
  private final List<DriftAlarm> alarms = new ArrayList<>();
  private int rows;
  private int updates;
  private int refused;
  private int equalised;
  private int modulated;
  private double similaritySum;
  private int similarities;
  private boolean restored;

  private final TaskGradients gradients;
  private final PairwiseSimilarity pairs;
  private boolean pairsMeasured;

  /** Of the last step, while its gradients are still there; null otherwise. */
  private SurgeryStep lastStep;

  /**
   * @param gradients where the trainer keeps the gradients of its last step
   */
  StepReport(TaskGradients gradients) {
    this.gradients = gradients;
    int tasks = gradients.tasks();
    pairs = new PairwiseSimilarity(tasks);
    labels = new long[tasks];
    losses = new double[tasks];
    gradientNorms = new double[tasks];
    delays = new long[tasks];
  }

  void begin(int rows) {
    this.rows = rows;
    updates = 0;
    refused = 0;
    equalised = 0;
    modulated = 0;
    similaritySum = 0;
    similarities = 0;
    restored = false;
    lastStep = null;
    pairsMeasured = false;
    alarms.clear();
    Arrays.fill(labels, 0);
    Arrays.fill(losses, 0);
    Arrays.fill(delays, 0);
    Arrays.fill(gradientNorms, Double.NaN);
  }

  void scored(int task, double loss, long delay) {
    labels[task]++;
    losses[task] += loss;
    delays[task] += delay;
  }

  void stepped(SurgeryStep step) {
    updates++;
    lastStep = step;
    switch (step.branch()) {
      case EQUALISED -> equalised++;
      case MODULATED -> modulated++;
      case PLAIN -> {}
    }
    if (!Double.isNaN(step.meanSimilarity())) {
      similaritySum += step.meanSimilarity();
      similarities++;
    }
    for (int t = 0; t < gradientNorms.length; t++) {
      gradientNorms[t] = step.norm(t);
    }
  }

  void refusedStep() {
    refused++;
    lastStep = null;
  }

  void restored() {
    restored = true;
  }

  void alarm(DriftAlarm alarm) {
    alarms.add(alarm);
  }

  /** Rows of the mini-batch. */
  public int rows() {
    return rows;
  }

  /** Optimiser steps that were applied. */
  public int updates() {
    return updates;
  }

  /** Steps that were not applied because they were non-finite or exploding. */
  public int refused() {
    return refused;
  }

  /** Whether the last good parameters were brought back. */
  public boolean parametersRestored() {
    return restored;
  }

  /** Steps that equalised the gradients. */
  public int equalised() {
    return equalised;
  }

  /** Steps that modulated the gradients by momentum. */
  public int modulated() {
    return modulated;
  }

  /** Mean gradient magnitude similarity of the steps; NaN if no step had two tasks. */
  public double meanSimilarity() {
    return similarities == 0 ? Double.NaN : similaritySum / similarities;
  }

  /** Labels of a task in the mini-batch. */
  public long labels(int task) {
    return labels[task];
  }

  /**
   * Mean prequential loss of a task over the mini-batch (absolute error, or log-loss); NaN without
   * a label.
   */
  public double loss(int task) {
    return labels[task] == 0 ? Double.NaN : losses[task] / labels[task];
  }

  /**
   * How far the model's newest row was ahead of a task's labelled rows when they were learned, in
   * event time, on average over the mini-batch; NaN without a label.
   */
  public double labelDelay(int task) {
    return labels[task] == 0 ? Double.NaN : (double) delays[task] / labels[task];
  }

  /**
   * Norm of a task's gradient over the shared parameters in the last step; NaN if it was absent.
   */
  public double gradientNorm(int task) {
    return gradientNorms[task];
  }

  /**
   * Effective weight of a task's gradient after surgery in the last step, clipping included ({@link
   * SurgeryStep#weight}); NaN if the task was absent or the step was refused. May cost a pass over
   * the gradient.
   */
  public double weight(int task) {
    return lastStep == null ? Double.NaN : lastStep.weight(task);
  }

  /**
   * Magnitude similarity, cosine and curvature measure of every pair of tasks in the last step,
   * over the shared parameters; no pair is comparable if that step was refused. Measured at the
   * first call after a mini-batch, at the cost of one pass over each pair of gradients; valid, like
   * this report, until the next.
   */
  public PairwiseSimilarity similarity() {
    if (!pairsMeasured) {
      if (lastStep == null) {
        pairs.clear();
      } else {
        pairs.measure(gradients);
      }
      pairsMeasured = true;
    }
    return pairs;
  }

  /** Alarms raised by the mini-batch's rows and labels; valid until the next mini-batch. */
  public List<DriftAlarm> alarms() {
    return alarms;
  }
}
