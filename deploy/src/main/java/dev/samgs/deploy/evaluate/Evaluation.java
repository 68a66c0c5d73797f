package dev.samgs.deploy.evaluate;

import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.TaskScore;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskKind;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Test-then-train over a recorded stream with one model. Rows are taken in blocks by their position
 * in the stream: all rows of a block are predicted before any label of the block is used. The last
 * block may be partial.
 */
public final class Evaluation {
  private final ModelSpec spec;
  private final int labelBlock;
  private final OnlineLearner learner;
  private final RowBatch block;
  private final AveragePrecision[] averagePrecisions;
  private final long[] labels;
  private long rows;
  private long rejected;

  /**
   * @param labelBlock rows whose labels are released together, at least 1
   */
  public Evaluation(ModelSpec spec, int labelBlock) {
    if (labelBlock < 1) {
      throw new IllegalArgumentException("a label block needs at least 1 row, not " + labelBlock);
    }
    this.spec = spec;
    this.labelBlock = labelBlock;
    this.learner = new OnlineLearner(spec, report -> {});
    this.block = new RowBatch(spec);
    this.averagePrecisions = new AveragePrecision[spec.tasks().size()];
    this.labels = new long[spec.tasks().size()];
    for (int t = 0; t < averagePrecisions.length; t++) {
      if (spec.tasks().get(t).kind() == TaskKind.BINARY) {
        averagePrecisions[t] = new AveragePrecision();
      }
    }
  }

  /** Takes the next row of the stream. */
  public void add(Row row) {
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
    release();
    learner.finish();
  }

  private void advance() {
    rows++;
    if (rows % labelBlock == 0) {
      release();
    }
  }

  private void release() {
    learner.arrive(block);
    collectProbabilities();
    learner.release(block);
    block.clear();
  }

  private void collectProbabilities() {
    for (int r = 0; r < block.size(); r++) {
      int at = r * block.stride();
      for (int t = 0; t < averagePrecisions.length; t++) {
        double label = block.row(r).labels()[t];
        if (averagePrecisions[t] != null && !Double.isNaN(label)) {
          labels[t]++;
          if (labels[t] > TaskScore.UNSCORED) {
            averagePrecisions[t].add(block.predictions()[at], label == 1);
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
