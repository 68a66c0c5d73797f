package dev.samgs.surgery;

/**
 * What a {@link Weighting} sees of a step: the present tasks, numbered 0 … {@code count} − 1, with
 * their losses, gradient norms and inner products. Reused from step to step.
 */
final class PresentTasks {
  private final int[] tasks;
  private final double[] losses;
  private final double[] norms;
  private final double[] products;
  private int count;

  /** Room for {@code capacity} tasks, none present. */
  PresentTasks(int capacity) {
    tasks = new int[capacity];
    losses = new double[capacity];
    norms = new double[capacity];
    products = new double[capacity * capacity];
  }

  /** Takes in the present tasks of a step whose norms have been measured. */
  void take(TaskGradients gradients, SurgeryStep step, boolean withProducts) {
    clear();
    for (int task = 0; task < gradients.tasks(); task++) {
      if (gradients.present(task)) {
        int last = count;
        add(task, gradients.loss(task), step.norm(task));
        if (withProducts) {
          for (int i = 0; i < last; i++) {
            setProduct(i, last, Vectors.dot(gradients.row(tasks[i]), gradients.row(task)));
          }
        }
      }
    }
  }

  void clear() {
    count = 0;
  }

  void add(int task, double loss, double norm) {
    tasks[count] = task;
    losses[count] = loss;
    norms[count] = norm;
    setProduct(count, count, norm * norm);
    count++;
  }

  void setProduct(int i, int j, double product) {
    products[i * tasks.length + j] = product;
    products[j * tasks.length + i] = product;
  }

  /** How many tasks are present. */
  int count() {
    return count;
  }

  /** The task's number in the model, under which a method keeps its state. */
  int task(int i) {
    return tasks[i];
  }

  double loss(int i) {
    return losses[i];
  }

  /** ‖g_i‖. */
  double norm(int i) {
    return norms[i];
  }

  /** ⟨g_i, g_j⟩. */
  double product(int i, int j) {
    return products[i * tasks.length + j];
  }

  /** Cosine of the angle between two gradients that are not zero; exactly 1 for i = j. */
  double cosine(int i, int j) {
    return i == j ? 1 : Similarity.cosine(product(i, j), norms[i], norms[j]);
  }

  /** Σ_i ‖g_i‖², the trace of the Gramian. */
  double trace() {
    double trace = 0;
    for (int i = 0; i < count; i++) {
      trace += product(i, i);
    }
    return trace;
  }
}
