package dev.samgs.connectors.snapshot;

import dev.samgs.predict.Scorer;
import dev.samgs.spec.ModelSpec;
import io.micrometer.core.instrument.Counter;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One version of a model, loaded and ready to predict. Whoever got it from {@link LiveModels} holds
 * it until it is closed: a version that is replaced meanwhile is unloaded only when its last user
 * is done.
 */
public final class LiveModel implements AutoCloseable {
  private final String model;
  private final long version;
  private final ModelSpec spec;
  private final Map<String, String> headers;
  private final Scorer scorer;
  private final Counter predictions;

  /** Users, and one more while {@link LiveModels} keeps it. */
  private final AtomicInteger users = new AtomicInteger(1);

  LiveModel(SnapshotRecord snapshot, ModelSpec spec, Scorer scorer, Counter predictions) {
    this.model = snapshot.model();
    this.version = snapshot.version();
    this.headers = snapshot.headers();
    this.spec = spec;
    this.scorer = scorer;
    this.predictions = predictions;
  }

  public String model() {
    return model;
  }

  public long version() {
    return version;
  }

  /** Features and tasks as they were published; all else in it are defaults. */
  public ModelSpec spec() {
    return spec;
  }

  /** The headers of the record that brought it, see {@link SnapshotHeaders}. */
  public Map<String, String> headers() {
    return headers;
  }

  /** Columns of a row of predictions: those of all tasks. */
  public int columns() {
    return scorer.columns();
  }

  /**
   * Predicts rows, see {@link Scorer#score}; the columns of a row are the tasks' in the order of
   * {@link #spec}, one for a regression or binary task and one for each class otherwise.
   */
  public void score(double[] features, int rows, double[] to) {
    scorer.score(features, rows, to);
    predictions.increment(rows);
  }

  /** Takes one more hold, unless the version is unloaded already. */
  boolean acquire() {
    int before;
    do {
      before = users.get();
      if (before == 0) {
        return false;
      }
    } while (!users.compareAndSet(before, before + 1));
    return true;
  }

  /** Gives up one hold; the last one unloads it. */
  @Override
  public void close() {
    if (users.decrementAndGet() == 0) {
      scorer.close();
    }
  }
}
