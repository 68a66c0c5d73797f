package dev.samgs.deploy.demo;

import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.deploy.demo.DemoPredictor.Standing;
import dev.samgs.deploy.demo.DemoStatus.Model;
import dev.samgs.deploy.demo.DemoStatus.Phase;
import dev.samgs.deploy.embedded.TopicReader;
import dev.samgs.deploy.simulator.Traffic;
import dev.samgs.job.metrics.SharedMetrics;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.flink.runtime.jobmaster.JobResult;

/** Waits for what has to happen, and meanwhile tells how things stand and finds what has failed. */
final class Supervision {
  /** How long each step of starting up and of finishing may take. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final long TICK_MILLIS = 250;

  private final DemoSettings settings;
  private final Consumer<DemoStatus> watcher;
  private final Traffic traffic;
  private final DemoPredictor predictor;
  private final List<TopicReader> readers;
  private final Results results;
  private final CompletableFuture<JobResult> job;
  private final URI console;
  private Phase phase = Phase.STARTING;
  private boolean jobMayEnd;

  /**
   * @param job completes when the job ends
   * @param console where the console is; null if there is none
   */
  Supervision(
      DemoSettings settings,
      Consumer<DemoStatus> watcher,
      Traffic traffic,
      DemoPredictor predictor,
      List<TopicReader> readers,
      Results results,
      CompletableFuture<JobResult> job,
      URI console) {
    this.settings = settings;
    this.watcher = watcher;
    this.traffic = traffic;
    this.predictor = predictor;
    this.readers = readers;
    this.results = results;
    this.job = job;
    this.console = console;
  }

  /** What is said to be going on from now on. */
  void enter(Phase newPhase) {
    phase = newPhase;
  }

  /** From now on the job may end. */
  void jobIsToEnd() {
    jobMayEnd = true;
  }

  /** Waits as long as it takes. */
  void watch(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      throwIfFailed();
      watcher.accept(status());
      Thread.sleep(TICK_MILLIS);
    }
    throwIfFailed();
  }

  /**
   * Waits, but not for ever.
   *
   * @param otherwise what is wrong if it takes too long, the beginning of a sentence
   */
  void await(String otherwise, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    watch(
        () -> {
          if (condition.call()) {
            return true;
          }
          if (System.nanoTime() - deadline > 0) {
            throw new DemoException(
                otherwise + " after " + PATIENCE.toSeconds() + " s; try a lower --rate", null);
          }
          return false;
        });
  }

  private void throwIfFailed() throws DemoException {
    if (traffic.failure().isPresent()) {
      throw failed("the factory cannot send", traffic.failure().get());
    }
    if (predictor.failure().isPresent()) {
      throw failed("the predictor cannot follow the snapshots", predictor.failure().get());
    }
    for (TopicReader reader : readers) {
      if (reader.failure().isPresent()) {
        throw failed("a topic cannot be read", reader.failure().get());
      }
    }
    if (!jobMayEnd && job.isDone()) {
      throw failed(
          "the job has ended",
          job.join()
              .getSerializedThrowable()
              .map(Throwable.class::cast)
              .orElseGet(() -> new IllegalStateException("nobody stopped it")));
    }
  }

  private static DemoException failed(String what, Throwable cause) {
    Throwable innermost = cause;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return new DemoException(what + ": " + innermost.getMessage(), cause);
  }

  /** How things stand. */
  DemoStatus status() {
    Map<String, Map<String, TaskMetrics>> metrics = results.metrics();
    Map<String, Standing> standings = predictor.standings();
    return new DemoStatus(
        phase,
        traffic.elapsed(),
        settings.duration(),
        traffic.events(),
        traffic.poison(),
        results.deadLetters(),
        traffic.driftedAt(),
        SharedMetrics.port(),
        console,
        metrics.entrySet().stream()
            .map(
                model ->
                    new Model(
                        model.getKey(),
                        model.getValue(),
                        results.alarms(model.getKey()),
                        standings.getOrDefault(model.getKey(), Standing.NONE)))
            .toList());
  }
}
