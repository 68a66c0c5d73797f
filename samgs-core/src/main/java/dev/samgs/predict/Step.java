package dev.samgs.predict;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** One operator of the graph: computes a slot from others, allocates nothing. */
@FunctionalInterface
interface Step {
  /** Computes the first {@code rows} rows. */
  void run(Workspace workspace, int rows);

  /** Value by value; a float value is widened and the result rounded. */
  static Step unary(DoubleUnaryOperator operator, Slot from, Slot to) {
    return (workspace, rows) -> {
      double[] wideFrom = workspace.doubles[from.index()];
      float[] singleFrom = workspace.floats[from.index()];
      double[] wideTo = workspace.doubles[to.index()];
      float[] singleTo = workspace.floats[to.index()];
      int length = to.length(rows);
      for (int i = 0; i < length; i++) {
        double result = operator.applyAsDouble(from.single() ? singleFrom[i] : wideFrom[i]);
        if (to.single()) {
          singleTo[i] = (float) result;
        } else {
          wideTo[i] = result;
        }
      }
    };
  }

  /**
   * Value by value, of one type; a single row counts for all rows, a single column for all columns.
   * Sums, differences, products and quotients of floats come out as if computed in float: double
   * has more than twice their digits.
   */
  static Step binary(DoubleBinaryOperator operator, Slot left, Slot right, Slot to) {
    return (workspace, rows) -> {
      double[] wideLeft = workspace.doubles[left.index()];
      double[] wideRight = workspace.doubles[right.index()];
      double[] wideTo = workspace.doubles[to.index()];
      float[] singleLeft = workspace.floats[left.index()];
      float[] singleRight = workspace.floats[right.index()];
      float[] singleTo = workspace.floats[to.index()];
      int columns = to.columns();
      int lines = to.perRow() ? rows : 1;
      for (int r = 0; r < lines; r++) {
        for (int c = 0; c < columns; c++) {
          int l = r * left.rowStride() + c * left.columnStride();
          int k = r * right.rowStride() + c * right.columnStride();
          if (to.single()) {
            singleTo[r * columns + c] =
                (float) operator.applyAsDouble(singleLeft[l], singleRight[k]);
          } else {
            wideTo[r * columns + c] = operator.applyAsDouble(wideLeft[l], wideRight[k]);
          }
        }
      }
    };
  }

  /** Where the condition is true the one, elsewhere the other; all in double. */
  static Step choose(Slot condition, Slot ifTrue, Slot otherwise, Slot to) {
    return (workspace, rows) -> {
      double[] conditions = workspace.doubles[condition.index()];
      double[] trues = workspace.doubles[ifTrue.index()];
      double[] others = workspace.doubles[otherwise.index()];
      double[] chosen = workspace.doubles[to.index()];
      int columns = to.columns();
      int lines = to.perRow() ? rows : 1;
      for (int r = 0; r < lines; r++) {
        for (int c = 0; c < columns; c++) {
          boolean yes = conditions[r * condition.rowStride() + c * condition.columnStride()] != 0;
          chosen[r * columns + c] =
              yes
                  ? trues[r * ifTrue.rowStride() + c * ifTrue.columnStride()]
                  : others[r * otherwise.rowStride() + c * otherwise.columnStride()];
        }
      }
    };
  }

  /** Each row's exponentials as shares of their sum; in double. */
  static Step softmax(Slot from, Slot to) {
    return (workspace, rows) -> {
      double[] logits = workspace.doubles[from.index()];
      double[] shares = workspace.doubles[to.index()];
      int columns = to.columns();
      int end = to.length(rows);
      for (int row = 0; row < end; row += columns) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < columns; c++) {
          largest = Math.max(largest, logits[row + c]);
        }
        double sum = 0;
        for (int c = 0; c < columns; c++) {
          shares[row + c] = Math.exp(logits[row + c] - largest);
          sum += shares[row + c];
        }
        for (int c = 0; c < columns; c++) {
          shares[row + c] /= sum;
        }
      }
    };
  }

  /**
   * from·W + addend in float.
   *
   * @param weights W, {@code inputs × outputs}, row-major: the innermost loop runs over outputs,
   *     which the compiler vectorises
   */
  static Step product(Slot from, float[] weights, Slot addend, Slot to) {
    return (workspace, rows) -> {
      float[] inputs = workspace.floats[from.index()];
      float[] addends = workspace.floats[addend.index()];
      float[] sums = workspace.floats[to.index()];
      int width = from.columns();
      int columns = to.columns();
      for (int r = 0; r < rows; r++) {
        int at = r * columns;
        for (int c = 0; c < columns; c++) {
          sums[at + c] = addends[r * addend.rowStride() + c * addend.columnStride()];
        }
        for (int i = 0; i < width; i++) {
          float input = inputs[r * width + i];
          int row = i * columns;
          for (int c = 0; c < columns; c++) {
            sums[at + c] += input * weights[row + c];
          }
        }
      }
    };
  }

  /** The same in double. */
  static Step product(Slot from, double[] weights, Slot addend, Slot to) {
    return (workspace, rows) -> {
      double[] inputs = workspace.doubles[from.index()];
      double[] addends = workspace.doubles[addend.index()];
      double[] sums = workspace.doubles[to.index()];
      int width = from.columns();
      int columns = to.columns();
      for (int r = 0; r < rows; r++) {
        int at = r * columns;
        for (int c = 0; c < columns; c++) {
          sums[at + c] = addends[r * addend.rowStride() + c * addend.columnStride()];
        }
        for (int i = 0; i < width; i++) {
          double input = inputs[r * width + i];
          int row = i * columns;
          for (int c = 0; c < columns; c++) {
            sums[at + c] += input * weights[row + c];
          }
        }
      }
    };
  }
}
