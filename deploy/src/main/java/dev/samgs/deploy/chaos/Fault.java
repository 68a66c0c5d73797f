package dev.samgs.deploy.chaos;

import java.util.Locale;

/** What can go wrong. */
public enum Fault {
  /** The task manager is killed. */
  TASK_MANAGER,
  /** The job manager is killed. */
  JOB_MANAGER,
  /** Both are killed at once, and the task manager again while they come back. */
  BOTH,
  /** The broker is killed. */
  BROKER,
  /** The way to the broker, for all its clients, is cut for some seconds. */
  LINK_CUT,
  /** The way to the broker is slow for some seconds. */
  LINK_SLOW,
  /** The store of checkpoints cannot be written to or read for some seconds. */
  STORE,
  /** The job is stopped with a savepoint and goes on from there with another parallelism. */
  RESCALE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
