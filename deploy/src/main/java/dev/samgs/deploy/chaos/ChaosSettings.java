package dev.samgs.deploy.chaos;

import dev.samgs.job.config.ExecutionSettings.StateBackend;
import java.time.Duration;
import java.util.List;

/**
 * What is to be done to the processes.
 *
 * @param duration how long faults are made; each kind once at least
 * @param faults which kinds there are, chosen at random after each came once in this order
 * @param stateBackend where the job keeps its state
 * @param rate events per second, over all models
 * @param models how many models there are
 * @param seed of the choice of faults and times
 */
public record ChaosSettings(
    Duration duration,
    List<Fault> faults,
    StateBackend stateBackend,
    double rate,
    int models,
    long seed) {

  public ChaosSettings {
    faults = List.copyOf(faults);
  }
}
