package dev.samgs.deploy.demo;

import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.LiveModel;
import dev.samgs.connectors.snapshot.LiveModels;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.connectors.snapshot.SnapshotListener;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.predict.OnnxRuntimeScorer;
import dev.samgs.snapshot.SnapshotFormatException;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The demonstration's predictor, a stranger to the job: it knows the snapshot topic only. Keeps
 * count, and measures how long a snapshot takes from the newest event that it has learned, whose
 * time is the clock's here, until it predicts.
 */
final class DemoPredictor implements SnapshotListener, AutoCloseable {
  private final LiveModels models =
      new LiveModels(OnnxRuntimeScorer::load, 1, new CompositeMeterRegistry());
  private final Map<String, Standing> standings = new HashMap<>();
  private final List<Long> latencies = new ArrayList<>();
  private final SnapshotFollower follower;
  private boolean measuring = true;

  /**
   * What a model has been through here.
   *
   * @param version of the newest snapshot
   * @param snapshots how many were read
   * @param loadedNanos when the newest was, by {@link System#nanoTime}
   * @param predictions rows predicted so far
   */
  record Standing(long version, long snapshots, long loadedNanos, long predictions) {
    /** Before the first snapshot. */
    static final Standing NONE = new Standing(0, 0, 0, 0);

    private Standing loaded(long newVersion) {
      return new Standing(newVersion, snapshots + 1, System.nanoTime(), predictions);
    }

    private Standing predicted(int rows) {
      return new Standing(version, snapshots, loadedNanos, predictions + rows);
    }
  }

  /** Begins to follow the snapshots on a topic. */
  DemoPredictor(KafkaConnection connection, String topic) {
    this.follower = SnapshotFollower.start(connection, topic, this);
  }

  @Override
  public void snapshot(SnapshotRecord snapshot) throws SnapshotFormatException {
    models.snapshot(snapshot);
    long learned = Long.parseLong(snapshot.headers().get(SnapshotHeaders.WATERMARK));
    long latency = System.currentTimeMillis() - learned;
    synchronized (this) {
      standings.put(
          snapshot.model(),
          standings.getOrDefault(snapshot.model(), Standing.NONE).loaded(snapshot.version()));
      if (measuring) {
        latencies.add(latency);
      }
    }
  }

  /**
   * Predicts events of one model.
   *
   * @return whether a model of that name has been published
   */
  boolean predict(String name, List<LabelledEvent> events) {
    try (LiveModel model = models.acquire(name)) {
      if (model == null) {
        return false;
      }
      int width = model.spec().features().size();
      double[] features = new double[events.size() * width];
      for (int r = 0; r < events.size(); r++) {
        System.arraycopy(events.get(r).row().features(), 0, features, r * width, width);
      }
      model.score(features, events.size(), new double[events.size() * model.columns()]);
    }
    synchronized (this) {
      standings.compute(name, (n, s) -> (s == null ? Standing.NONE : s).predicted(events.size()));
    }
    return true;
  }

  /** Measures no more: what the end of the job publishes has waited for it. */
  synchronized void measured() {
    measuring = false;
  }

  /** Milliseconds of each snapshot that was measured; a copy, in ascending order. */
  synchronized long[] latencies() {
    return latencies.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  /** Version of the newest model of each name. */
  Map<String, Long> versions() {
    return follower.versions();
  }

  /** Where each model that was published stands; a copy. */
  synchronized Map<String, Standing> standings() {
    return Map.copyOf(standings);
  }

  /** Why no more models are taken up; empty while they are. */
  Optional<Throwable> failure() {
    return follower.failure();
  }

  @Override
  public void close() {
    follower.close();
    models.close();
  }
}
