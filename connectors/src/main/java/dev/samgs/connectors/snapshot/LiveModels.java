package dev.samgs.connectors.snapshot;

import dev.samgs.predict.Scorer;
import dev.samgs.snapshot.SnapshotFormatException;
import dev.samgs.spec.ModelSpec;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The models that predict: what a {@link SnapshotFollower} brings is loaded and tried out beside
 * the version in use, and takes its place in one step. No prediction waits for that, and none
 * fails: a version is unloaded when its last user is done. The versions before it are kept, as many
 * as asked for. Safe for use by several threads.
 *
 * <pre>{@code
 * try (LiveModel model = models.acquire("line-1")) {
 *   model.score(features, rows, predictions);
 * }
 * }</pre>
 *
 * <p>Metrics: {@code samgs_predictions_total}, rows predicted, by {@code model}, and {@code
 * samgs_models_loaded}.
 */
public final class LiveModels implements SnapshotListener, AutoCloseable {
  private static final int WARM_UP_CALLS = 10;
  private static final int WARM_UP_ROWS = 32;

  /** Stands for all models beyond the limit of series. */
  private static final String OTHER = "other";

  private final Scorer.Loader loader;
  private final int kept;
  private final MeterRegistry registry;

  /** Versions of each model, the newest first; arrays are replaced, never changed. */
  private final Map<String, LiveModel[]> models = new ConcurrentHashMap<>();

  private boolean closed;

  /**
   * Holds no model yet.
   *
   * @param loader makes scorers, {@link dev.samgs.predict.GraphScorer#load} for example
   * @param kept how many versions of a model are kept loaded, at least 1
   */
  public LiveModels(Scorer.Loader loader, int kept, MeterRegistry registry) {
    if (kept < 1) {
      throw new IllegalArgumentException("at least 1 version must be kept, not " + kept);
    }
    this.loader = loader;
    this.kept = kept;
    this.registry = registry;
    Gauge.builder("samgs.models.loaded", models, Map::size)
        .description("Models that can predict")
        .register(registry);
  }

  /**
   * Loads a version, tries it out and puts it in front.
   *
   * @throws IllegalArgumentException if it cannot be loaded or predicts no finite numbers
   * @throws SnapshotFormatException if its metadata do not say what it takes and gives
   */
  @Override
  public void snapshot(SnapshotRecord snapshot) throws SnapshotFormatException {
    ModelSpec spec = PublishedSpec.of(snapshot.onnx());
    Scorer scorer = loader.load(snapshot.onnx());
    try {
      requireSameShape(spec, scorer);
      warmUp(scorer);
    } catch (RuntimeException e) {
      scorer.close();
      throw e;
    }
    put(new LiveModel(snapshot, spec, scorer, predictions(snapshot.model())));
  }

  /** Models beyond the limit of series share one. */
  private Counter predictions(String model) {
    boolean own = models.containsKey(model) || models.size() < FollowerMetrics.MAX_MODELS;
    return Counter.builder("samgs.predictions")
        .description("Rows predicted")
        .tag("model", own ? model : OTHER)
        .register(registry);
  }

  private static void requireSameShape(ModelSpec spec, Scorer scorer) {
    List<Scorer.Output> declared =
        spec.tasks().stream()
            .map(task -> new Scorer.Output(task.outputName(), task.outputs()))
            .toList();
    if (scorer.features() != spec.features().size() || !scorer.outputs().equals(declared)) {
      throw new IllegalArgumentException(
          "its graph takes "
              + scorer.features()
              + " features and gives "
              + scorer.outputs()
              + ", but its metadata name "
              + spec.features().size()
              + " features and "
              + declared);
    }
  }

  /** Rows without any value: a model puts each feature's mean in its place. */
  private static void warmUp(Scorer scorer) {
    double[] features = new double[WARM_UP_ROWS * scorer.features()];
    double[] predictions = new double[WARM_UP_ROWS * scorer.columns()];
    Arrays.fill(features, Double.NaN);
    for (int i = 0; i < WARM_UP_CALLS; i++) {
      scorer.score(features, 1, predictions);
    }
    scorer.score(features, WARM_UP_ROWS, predictions);
    for (double prediction : predictions) {
      if (!Double.isFinite(prediction)) {
        throw new IllegalArgumentException("it predicts " + prediction + " for missing features");
      }
    }
  }

  private synchronized void put(LiveModel loaded) {
    if (closed) {
      loaded.close();
      return;
    }
    LiveModel[] before = models.getOrDefault(loaded.model(), new LiveModel[0]);
    LiveModel[] after = new LiveModel[Math.min(kept, before.length + 1)];
    after[0] = loaded;
    System.arraycopy(before, 0, after, 1, after.length - 1);
    models.put(loaded.model(), after);
    for (int i = after.length - 1; i < before.length; i++) {
      before[i].close();
    }
  }

  @Override
  public synchronized void removed(String model) {
    Counter counter = predictions(model);
    LiveModel[] before = models.remove(model);
    if (before != null) {
      if (!OTHER.equals(counter.getId().getTag("model"))) {
        registry.remove(counter);
      }
      for (LiveModel version : before) {
        version.close();
      }
    }
  }

  /**
   * The newest version of a model, to be closed after use.
   *
   * @return null if there is none
   */
  public LiveModel acquire(String model) {
    while (true) {
      LiveModel[] versions = models.get(model);
      if (versions == null) {
        return null;
      }
      if (versions[0].acquire()) {
        return versions[0];
      }
      // Replaced since; the next look finds what took its place.
    }
  }

  /**
   * A certain version of a model, to be closed after use.
   *
   * @return null if it is not kept
   */
  public LiveModel acquire(String model, long version) {
    LiveModel[] versions = models.getOrDefault(model, new LiveModel[0]);
    for (LiveModel candidate : versions) {
      if (candidate.version() == version && candidate.acquire()) {
        return candidate;
      }
    }
    return null;
  }

  /**
   * All models and their kept versions, the newest first; a copy, models in alphabetical order. For
   * looking at only: to predict, acquire one.
   */
  public Map<String, List<LiveModel>> models() {
    Map<String, List<LiveModel>> copy = new TreeMap<>();
    models.forEach((model, versions) -> copy.put(model, List.of(versions)));
    return copy;
  }

  /** Unloads everything that is not in use; what is, when its users are done. */
  @Override
  public synchronized void close() {
    closed = true;
    List.copyOf(models.keySet()).forEach(this::removed);
  }
}
