package dev.samgs.deploy.predict;

import ai.onnxruntime.OrtException;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Predicts events with the newest published model of each key: follows the snapshot topic, and
 * replaces a model as soon as a newer one has come. Safe for use by several threads.
 */
public final class LivePredictor implements AutoCloseable {
  private final Map<String, OnnxModel> models = new HashMap<>();
  private final Map<String, Standing> standings = new HashMap<>();
  private final SnapshotFollower follower;

  /**
   * What a model has been through here.
   *
   * @param version of the newest snapshot
   * @param snapshots how many were read
   * @param loadedNanos when the newest was, by {@link System#nanoTime}
   * @param predictions rows predicted so far
   */
  public record Standing(long version, long snapshots, long loadedNanos, long predictions) {
    /** Before the first snapshot. */
    public static final Standing NONE = new Standing(0, 0, 0, 0);

    private Standing loaded(long newVersion) {
      return new Standing(newVersion, snapshots + 1, System.nanoTime(), predictions);
    }

    private Standing predicted(int rows) {
      return new Standing(version, snapshots, loadedNanos, predictions + rows);
    }
  }

  private LivePredictor(KafkaConnection connection, String topic) {
    this.follower = SnapshotFollower.start(connection, topic, this::load);
  }

  /** Begins to follow the snapshots on a topic. */
  public static LivePredictor follow(KafkaConnection connection, String topic) {
    return new LivePredictor(connection, topic);
  }

  private void load(SnapshotRecord snapshot) throws OrtException {
    OnnxModel loaded = OnnxModel.load(snapshot.onnx());
    synchronized (models) {
      OnnxModel replaced = models.put(snapshot.model(), loaded);
      standings.put(
          snapshot.model(),
          standings.getOrDefault(snapshot.model(), Standing.NONE).loaded(snapshot.version()));
      if (replaced != null) {
        replaced.close();
      }
    }
  }

  /**
   * Predicts events of one model.
   *
   * @return predictions by task, see {@link OnnxModel#predict}; empty while no model of that name
   *     has been published
   */
  public Optional<Map<String, double[][]>> predict(String model, List<LabelledEvent> events)
      throws OrtException {
    double[][] features =
        events.stream().map(event -> event.row().features()).toArray(double[][]::new);
    synchronized (models) {
      OnnxModel current = models.get(model);
      if (current == null || features.length == 0) {
        return Optional.empty();
      }
      Map<String, double[][]> predictions = current.predict(features);
      standings.compute(model, (name, standing) -> standing.predicted(features.length));
      return Optional.of(predictions);
    }
  }

  /** Version of the newest model of each name. */
  public Map<String, Long> versions() {
    return follower.versions();
  }

  /** Where each model that was published stands; a copy. */
  public Map<String, Standing> standings() {
    synchronized (models) {
      return Map.copyOf(standings);
    }
  }

  /** Why no more models are taken up; empty while they are. */
  public Optional<Throwable> failure() {
    return follower.failure();
  }

  @Override
  public void close() throws OrtException {
    follower.close();
    synchronized (models) {
      for (OnnxModel model : models.values()) {
        model.close();
      }
      models.clear();
    }
  }
}
