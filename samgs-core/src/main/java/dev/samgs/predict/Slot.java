package dev.samgs.predict;

/**
 * Where a value of the graph lies in a {@link Workspace}.
 *
 * @param single whether it is of floats instead of doubles; truth values are doubles 1 and 0
 * @param columns values in a row
 * @param perRow whether it has a row for each row of the input; otherwise it is constant and counts
 *     for all of them
 */
record Slot(int index, boolean single, int columns, boolean perRow) {
  /** How many numbers it holds for so many rows. */
  int length(int rows) {
    return perRow ? rows * columns : columns;
  }

  /** How far apart its rows lie; 0 if all rows have the same. */
  int rowStride() {
    return perRow ? columns : 0;
  }

  /** How far apart the columns lie; 0 if a single one counts for all. */
  int columnStride() {
    return columns == 1 ? 0 : 1;
  }
}
