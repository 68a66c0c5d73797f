package dev.samgs.surgery;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * A method whose direction is a weighted sum of the tasks' gradients, Σ w_i g_i: it decides the
 * weights, in double, and {@link WeightedAggregator} does the rest. Most methods need no more of
 * the gradients than their inner products.
 */
interface Weighting {
  /**
   * Decides the weights of one step.
   *
   * @param tasks the tasks of this step, at least one
   * @param weights receives {@code tasks.count()} finite numbers
   */
  void weigh(PresentTasks tasks, double[] weights);

  /** Whether {@link #weigh} looks at inner products, which cost a pass over each pair of rows. */
  default boolean usesProducts() {
    return true;
  }

  /** Writes the state that {@link #read} needs to continue bit for bit. */
  default void write(StateWriter out) throws IOException {}

  /** Replaces the state by one written by the same method over the same tasks. */
  default void read(StateReader in) throws IOException {}
}
