package dev.samgs.surgery;

import java.util.Arrays;

/**
 * The largest group of tasks whose gradients are pairwise similar in magnitude. Similarity falls
 * with the ratio of the norms, so in the order of the norms a group is an unbroken run whose ends
 * are similar.
 */
final class SimilarGroup {
  private final int[] order;
  private final boolean[] members;
  private final boolean[] louder;
  private int size;

  SimilarGroup(int tasks) {
    order = new int[tasks];
    members = new boolean[tasks];
    louder = new boolean[tasks];
  }

  /**
   * Finds the group; of equally large ones that whose extreme norms are most alike.
   *
   * @return its size
   */
  int find(SurgeryStep step, double gamma) {
    int active = sortByNorm(step);
    size = 0;
    int best = 0;
    double bestSimilarity = 0;
    int from = 0;
    for (int to = 0; to < active; to++) {
      while (similarity(step, from, to) < gamma) {
        from++;
      }
      int length = to - from + 1;
      double similarity = similarity(step, from, to);
      if (length > size || (length == size && similarity > bestSimilarity)) {
        size = length;
        best = from;
        bestSimilarity = similarity;
      }
    }
    Arrays.fill(members, false);
    Arrays.fill(louder, false);
    for (int i = best; i < active; i++) {
      (i < best + size ? members : louder)[order[i]] = true;
    }
    return size;
  }

  private double similarity(SurgeryStep step, int from, int to) {
    return Similarity.magnitude(step.norm(order[from]), step.norm(order[to]));
  }

  private int sortByNorm(SurgeryStep step) {
    int active = 0;
    for (int task = 0; task < order.length; task++) {
      if (step.norm(task) > 0) {
        int at = active++;
        while (at > 0 && step.norm(order[at - 1]) > step.norm(task)) {
          order[at] = order[at - 1];
          at--;
        }
        order[at] = task;
      }
    }
    return active;
  }

  boolean contains(int task) {
    return members[task];
  }

  /** Whether the group's norms are all below this task's. */
  boolean isBelow(int task) {
    return louder[task];
  }

  int size() {
    return size;
  }
}
