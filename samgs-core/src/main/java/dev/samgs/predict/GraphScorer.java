package dev.samgs.predict;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * The built-in scorer: evaluates the graph of a published model in plain Java, without natives and,
 * once warm, without allocating. Its outputs differ from those of ONNX Runtime by float rounding
 * only, and do not depend on how rows are grouped.
 */
public final class GraphScorer implements Scorer {
  /** Rows that are evaluated together: their values stay in the nearest cache. */
  private static final int BLOCK = 32;

  /** Workspaces kept for reuse; more threads than that at once allocate their own. */
  private static final int IDLE_WORKSPACES = 64;

  private final GraphReader graph;
  private final Slot input;
  private final Slot[] outputs;
  private final List<Output> names;
  private final Step[] steps;
  private final int columns;
  private final ArrayBlockingQueue<Workspace> idle = new ArrayBlockingQueue<>(IDLE_WORKSPACES);

  private GraphScorer(GraphReader graph) {
    this.graph = graph;
    this.input = graph.input();
    this.outputs = graph.outputs();
    this.names = graph.outputNames();
    this.steps = graph.steps();
    this.columns = names.stream().mapToInt(Output::columns).sum();
  }

  /**
   * Loads a model.
   *
   * @param onnx the bytes of an ONNX file; not kept
   * @throws IllegalArgumentException if they are none, or have operators that {@link
   *     dev.samgs.snapshot.OnnxEncoder} does not write
   */
  public static GraphScorer load(byte[] onnx) {
    return new GraphScorer(GraphReader.read(onnx));
  }

  @Override
  public int features() {
    return input.columns();
  }

  @Override
  public List<Output> outputs() {
    return names;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public void score(double[] features, int rows, double[] predictions) {
    Scorer.checkLengths(this, features, rows, predictions);
    Workspace workspace = idle.poll();
    if (workspace == null) {
      workspace = graph.workspace(BLOCK);
    }
    for (int row = 0; row < rows; row += BLOCK) {
      score(workspace, features, row, Math.min(BLOCK, rows - row), predictions);
    }
    idle.offer(workspace);
  }

  private void score(
      Workspace workspace, double[] features, int first, int rows, double[] predictions) {
    int width = input.columns();
    System.arraycopy(features, first * width, workspace.doubles[input.index()], 0, rows * width);
    for (Step step : steps) {
      step.run(workspace, rows);
    }
    int at = first * columns;
    for (int r = 0; r < rows; r++) {
      for (Slot output : outputs) {
        double[] values = workspace.doubles[output.index()];
        int from = r * output.rowStride();
        for (int c = 0; c < output.columns(); c++) {
          predictions[at++] = values[from + c];
        }
      }
    }
  }

  /** Nothing to release. */
  @Override
  public void close() {}
}
