package dev.samgs.surgery;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * Turns the gradients of several tasks over the shared parameters into the one direction that the
 * optimiser receives. Instances may hold state (momentum, loss averages, a random sequence); the
 * state is part of the model and is saved with it. Not safe for use by several threads.
 *
 * <p>Contract of every method: absent tasks take no part and leave their own state untouched;
 * finite gradients give a finite direction; with no task present the direction is zero; the same
 * calls on equal state give the same bits.
 */
public interface GradientAggregator {
  /**
   * Computes the direction of this step.
   *
   * @param gradients {@code tasks × parameters}; only read
   * @param direction receives {@code parameters} numbers, to be descended along (its negative
   *     decreases the losses)
   * @return what was done; the same object each time, valid until the next call
   * @throws IllegalArgumentException if a present task's gradient holds NaN or an infinity; state
   *     is then as before the call
   */
  SurgeryStep aggregate(TaskGradients gradients, float[] direction);

  /** Writes the state that {@link #read} needs to continue bit for bit. */
  void write(StateWriter out) throws IOException;

  /** Replaces the state by one written by an instance of the same method, tasks and parameters. */
  void read(StateReader in) throws IOException;
}
