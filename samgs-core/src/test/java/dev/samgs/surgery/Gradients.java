package dev.samgs.surgery;

/** Task gradients for tests. */
final class Gradients {
  private Gradients() {}

  /** All tasks present with loss 1, rows rounded to float. */
  static TaskGradients of(double[][] rows) {
    TaskGradients gradients = new TaskGradients(rows.length, rows[0].length);
    for (int task = 0; task < rows.length; task++) {
      set(gradients, task, rows[task]);
    }
    return gradients;
  }

  /** Fills the row of a task, rounded to float, and marks it present with loss 1. */
  static void set(TaskGradients gradients, int task, double... row) {
    for (int j = 0; j < row.length; j++) {
      gradients.row(task)[j] = (float) row[j];
    }
    gradients.setPresent(task, 1);
  }
}
