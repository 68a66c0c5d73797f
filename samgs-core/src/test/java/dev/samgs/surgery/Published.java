package dev.samgs.surgery;

/** Task views over double matrices, for tests at full precision. */
final class Published {
  private Published() {}

  /** All rows present, each with loss 1. */
  static PresentTasks tasks(double[][] rows) {
    PresentTasks tasks = new PresentTasks(rows.length);
    for (int i = 0; i < rows.length; i++) {
      tasks.add(i, 1, Math.sqrt(dot(rows[i], rows[i])));
      for (int j = 0; j < i; j++) {
        tasks.setProduct(i, j, dot(rows[i], rows[j]));
      }
    }
    return tasks;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
