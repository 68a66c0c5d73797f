package dev.samgs.deploy.evaluate;

import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.TaskScore;
import dev.samgs.learn.WaitingRows;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskKind;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Test-then-train over a recorded stream with one model. Rows are taken in blocks by their position
 * in the stream: all rows of a block are predicted before any label of the block is used. The last
 * block may be partial.
 *
 * <p>With a {@link LabelDelay}, the end of a block releases the labels whose time has come by then;
 * the others wait with the rows and predictions that they belong to. What waits at the end of the
 * stream is released there, so that the figures are over the same labels whatever the delay.
 */
public final class Evaluation {
  /** Rows that may wait for late labels at the same time, besides those of the present block. */
  public static final int MAX_WAITING_ROWS = 65_536;

  /** Labels on their way. */
  private record Coming(long due, long position, double[] labels) {}

  private final ModelSpec spec;
  private final int labelBlock;
  private final LabelDelay labelDelay;
  private final OnlineLearner learner;
  private final RowBatch block;
  private long[] positions = new long[0];
  private final WaitingRows waiting;
  private final PriorityQueue<Coming> coming =
      new PriorityQueue<>(
          Comparator.comparingLong(Coming::due).thenComparingLong(Coming::position));
  private final RowBatch released;
  private final AveragePrecision[] averagePrecisions;
  private final long[] labels;
  private long rows;
  private long rejected;

  /** Null where nobody has asked for it. */
  private Course course;

  /**
   * @param labelBlock rows whose labels are released together, at least 1
   * @param labelDelay how late they are
   */
  public Evaluation(ModelSpec spec, int labelBlock, LabelDelay labelDelay) {
    if (labelBlock < 1) {
      throw new IllegalArgumentException("a label block needs at least 1 row, not " + labelBlock);
    }
    this.spec = spec;
    this.labelBlock = labelBlock;
    this.labelDelay = labelDelay;
    this.learner = new OnlineLearner(spec, this::learned);
    this.block = new RowBatch(spec);
    this.waiting =
        new WaitingRows(
            spec, (int) Math.min(Integer.MAX_VALUE, (long) MAX_WAITING_ROWS + labelBlock));
    this.released = new RowBatch(spec);
    this.averagePrecisions = new AveragePrecision[spec.tasks().size()];
    this.labels = new long[spec.tasks().size()];
    for (int t = 0; t < averagePrecisions.length; t++) {
      if (spec.tasks().get(t).kind() == TaskKind.BINARY) {
        averagePrecisions[t] = new AveragePrecision();
      }
    }
  }

  /** Follows the course of the evaluation from here on; costs some time for each mini-batch. */
  public void follow() {
    course = new Course(spec);
  }

  /** How the evaluation went; null if it was not followed. */
  public Course course() {
    return course;
  }

  private void learned(StepReport report) {
    if (course != null) {
      course.learned(rows - 1, report, learner.state());
    }
  }

  /** Takes the next row of the stream. */
  public void add(Row row) {
    if (positions.length == block.size()) {
      positions = Arrays.copyOf(positions, Math.max(32, 2 * positions.length));
    }
    positions[block.size()] = rows;
    block.add(row);
    advance();
  }

  /** Passes over a row that was refused; it keeps its place in its block. */
  public void reject() {
    rejected++;
    advance();
  }

  /** Learns what is left at the end of the stream. */
  public void finish() {
    predict();
    release(Long.MAX_VALUE);
    learner.finish();
  }

  private void advance() {
    rows++;
    if (rows % labelBlock == 0) {
      predict();
      release(labelDelay.now(rows - 1, learner.state().latestTimestamp()));
    }
  }

  /** Predicts the rows of the block; those whose labels will come wait for them. */
  private void predict() {
    learner.arrive(block);
    for (int r = 0; r < block.size(); r++) {
      Row row = block.row(r);
      if (row.labelled()) {
        waiting.add(Long.toString(positions[r]), block, r);
        long due = labelDelay.due(positions[r], row.timestamp());
        coming.add(new Coming(due, positions[r], row.labels()));
      }
    }
    block.clear();
  }

  /** Scores and learns the labels that have come by now. */
  private void release(long now) {
    while (!coming.isEmpty() && coming.peek().due <= now) {
      Coming labels = coming.remove();
      waiting.release(Long.toString(labels.position), labels.labels, released);
    }
    collectProbabilities();
    learner.release(released);
    released.clear();
  }

  private void collectProbabilities() {
    for (int r = 0; r < released.size(); r++) {
      int at = r * released.stride();
      for (int t = 0; t < averagePrecisions.length; t++) {
        double label = released.row(r).labels()[t];
        if (averagePrecisions[t] != null && !Double.isNaN(label)) {
          labels[t]++;
          if (labels[t] > TaskScore.UNSCORED) {
            averagePrecisions[t].add(released.predictions()[at], label == 1);
          }
        }
        at += spec.tasks().get(t).outputs();
      }
    }
  }

  /** Rows of the stream so far, refused ones included. */
  public long rows() {
    return rows;
  }

  /** Rows that were refused. */
  public long rejected() {
    return rejected;
  }

  /** Rows so far whose labels came when they had already given way to later rows. */
  public long lostLabels() {
    return waiting.unmatched();
  }

  /** Optimiser steps so far. */
  public long updates() {
    return learner.state().updates();
  }

  /** Optimiser steps so far that equalised the gradients. */
  public long equalisedUpdates() {
    return learner.state().equalisedUpdates();
  }

  /** Figures of every task so far, in the order of the tasks, under their names. */
  public Map<String, TaskFigures> figures() {
    Map<String, TaskFigures> figures = new LinkedHashMap<>();
    for (int t = 0; t < averagePrecisions.length; t++) {
      figures.put(
          spec.tasks().get(t).name(),
          TaskFigures.of(
              spec.tasks().get(t).kind(),
              learner.state().score(t),
              averagePrecisions[t] == null ? Double.NaN : averagePrecisions[t].value()));
    }
    return figures;
  }
}
