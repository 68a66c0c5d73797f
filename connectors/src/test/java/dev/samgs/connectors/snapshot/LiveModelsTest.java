package dev.samgs.connectors.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.LearnerState;
import dev.samgs.predict.GraphScorer;
import dev.samgs.predict.Scorer;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.snapshot.SnapshotFormatException;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LiveModelsTest {
  private static final ModelSpec SPEC =
      new ModelSpec(
          List.of("a", "b"),
          List.of(
              TaskSpec.regression("y"), TaskSpec.binary("fault"), TaskSpec.multiclass("grade", 3)),
          NetworkSpec.defaults(),
          LearningSpec.defaults(),
          SurgeryMethod.all().get(0).defaults(),
          DetectorMethod.all().get(0).defaults());

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final List<Tracked> loaded = Collections.synchronizedList(new ArrayList<>());
  private final LiveModels models =
      new LiveModels(
          onnx -> {
            Tracked scorer = new Tracked(GraphScorer.load(onnx));
            loaded.add(scorer);
            return scorer;
          },
          2,
          registry);

  /** A scorer that knows whether it is closed, as one with native memory would find out. */
  private static final class Tracked implements Scorer {
    private final Scorer scorer;
    private volatile boolean closed;

    Tracked(Scorer scorer) {
      this.scorer = scorer;
    }

    @Override
    public int features() {
      return scorer.features();
    }

    @Override
    public List<Output> outputs() {
      return scorer.outputs();
    }

    @Override
    public int columns() {
      return scorer.columns();
    }

    @Override
    public void score(double[] features, int rows, double[] predictions) {
      if (closed) {
        throw new IllegalStateException("the scorer is closed");
      }
      scorer.score(features, rows, predictions);
      if (closed) {
        throw new IllegalStateException("the scorer was closed while it was in use");
      }
    }

    @Override
    public void close() {
      if (closed) {
        throw new IllegalStateException("the scorer is closed twice");
      }
      closed = true;
    }
  }

  private static SnapshotRecord snapshot(String model, long version) {
    LearnerState state = new LearnerState(SPEC, 0);
    while (state.version() < version - 1) {
      state.nextVersion();
    }
    ModelSnapshot snapshot = ModelSnapshot.take(state);
    return SnapshotRecord.of(model, snapshot, OnnxEncoder.encode(model, snapshot));
  }

  private void publish(String model, long version) throws SnapshotFormatException {
    models.snapshot(snapshot(model, version));
  }

  private static double[] predict(LiveModel model) {
    double[] predictions = new double[model.columns()];
    model.score(new double[] {1, Double.NaN}, 1, predictions);
    return predictions;
  }

  @Test
  void theNewestVersionPredictsAndTheOneBeforeIsKept() throws Exception {
    for (int version = 1; version <= 3; version++) {
      publish("line-1", version);
    }
    try (LiveModel newest = models.acquire("line-1");
        LiveModel before = models.acquire("line-1", 2)) {
      assertThat(newest.version()).isEqualTo(3);
      assertThat(newest.spec().features()).containsExactly("a", "b");
      assertThat(newest.spec().tasks()).isEqualTo(SPEC.tasks());
      assertThat(newest.headers()).containsEntry("samgs.model", "line-1");
      assertThat(predict(newest)).hasSize(5).doesNotContain(Double.NaN);
      assertThat(before.version()).isEqualTo(2);
    }
    assertThat(models.acquire("line-1", 1)).isNull();
    assertThat(models.acquire("line-2")).isNull();
    assertThat(loaded).extracting(s -> s.closed).containsExactly(true, false, false);
    assertThat(registry.get("samgs.predictions").tag("model", "line-1").counter().count())
        .isEqualTo(1);
  }

  @Test
  void aVersionInUseIsUnloadedOnlyAfterItsLastUser() throws Exception {
    publish("line-1", 1);
    LiveModel held = models.acquire("line-1");
    models.removed("line-1");
    assertThat(models.models()).isEmpty();
    assertThat(models.acquire("line-1")).isNull();
    assertThat(predict(held)).hasSize(5);
    assertThat(loaded.get(0).closed).isFalse();
    held.close();
    assertThat(loaded.get(0).closed).isTrue();
  }

  @Test
  void whatCannotPredictIsRefusedAndTheOldVersionGoesOn() throws Exception {
    publish("line-1", 1);
    SnapshotRecord broken =
        new SnapshotRecord("line-1", 2, "no model".getBytes(StandardCharsets.UTF_8), Map.of());
    assertThatThrownBy(() -> models.snapshot(broken)).isInstanceOf(SnapshotFormatException.class);
    try (LiveModel model = models.acquire("line-1")) {
      assertThat(model.version()).isEqualTo(1);
    }
  }

  @Test
  void predictionsNeverFailWhileVersionsAreSwapped() throws Exception {
    List<SnapshotRecord> versions = new ArrayList<>();
    for (int version = 1; version <= 60; version++) {
      versions.add(snapshot("line-1", version));
    }
    models.snapshot(versions.get(0));
    AtomicBoolean done = new AtomicBoolean();
    Callable<Long> user =
        () -> {
          long last = 0;
          do {
            try (LiveModel model = models.acquire("line-1")) {
              assertThat(model.version()).isGreaterThanOrEqualTo(last);
              last = model.version();
              predict(model);
            }
          } while (!done.get() || last < versions.size());
          return last;
        };
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Long>> users = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        users.add(threads.submit(user));
      }
      for (SnapshotRecord version : versions.subList(1, versions.size())) {
        models.snapshot(version);
      }
      done.set(true);
      for (Future<Long> last : users) {
        assertThat(last.get()).isEqualTo(60);
      }
    } finally {
      threads.shutdownNow();
    }
    models.close();
    assertThat(loaded).hasSize(60).allMatch(scorer -> scorer.closed);
  }
}
