package dev.samgs.deploy.demo;

import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Where a demonstration stands.
 *
 * @param phase what it is doing
 * @param elapsed how long the factory has been sending
 * @param planned how long it will
 * @param events sound events sent
 * @param poison spoilt records sent
 * @param deadLetters records that the job has refused
 * @param driftedAt event time at which the factory changed, milliseconds since 1970; 0 before
 * @param metricsPort where metrics are served
 * @param console where the console is; null if there is none
 * @param models every model of which something is known, in alphabetical order
 */
public record DemoStatus(
    Phase phase,
    Duration elapsed,
    Duration planned,
    long events,
    long poison,
    long deadLetters,
    long driftedAt,
    OptionalInt metricsPort,
    URI console,
    List<Model> models) {

  /** What the demonstration is doing. */
  enum Phase {
    STARTING("starting broker and cluster"),
    RUNNING("running"),
    FINISHING("waiting until all is learned and committed");

    private final String text;

    Phase(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /**
   * A model and its predictor.
   *
   * @param tasks newest metrics of each task
   * @param alarms of a risen error of one of its tasks, in order
   * @param predictor all zero before the first snapshot was read
   */
  record Model(
      String name,
      Map<String, TaskMetrics> tasks,
      List<DriftAlarmRecord> alarms,
      DemoPredictor.Standing predictor) {

    /** Optimiser steps, as of the newest metrics. */
    long updates() {
      return tasks.values().stream().mapToLong(TaskMetrics::update).max().orElse(0);
    }

    /** Rows that the model has seen, as of the newest metrics. */
    long rows() {
      return tasks.values().stream().mapToLong(TaskMetrics::rows).max().orElse(0);
    }

    /** Share of steps that equalised the gradients. */
    double equalisedShare() {
      return tasks.values().stream()
          .mapToDouble(TaskMetrics::equalisedShare)
          .findFirst()
          .orElse(Double.NaN);
    }
  }

  /** Whether the factory has changed. */
  boolean drifted() {
    return driftedAt > 0;
  }

  /** Events per second of sending. */
  double eventsPerSecond() {
    return elapsed.isZero() ? 0 : events / (elapsed.toNanos() / 1e9);
  }
}
