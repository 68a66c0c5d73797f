package dev.samgs.bench;

import dev.samgs.surgery.TaskGradients;
import java.util.Random;

/** Gradients of normal numbers, every task present, norms a few times apart. */
final class RandomGradients {
  private final TaskGradients gradients;

  RandomGradients(int tasks, int parameters) {
    gradients = new TaskGradients(tasks, parameters);
    Random random = new Random(1);
    for (int task = 0; task < tasks; task++) {
      float[] row = gradients.row(task);
      float scale = 1 + task % 4;
      for (int j = 0; j < parameters; j++) {
        row[j] = scale * (float) random.nextGaussian();
      }
      gradients.setPresent(task, 1 + task);
    }
  }

  TaskGradients values() {
    return gradients;
  }
}
