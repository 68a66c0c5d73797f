package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.drift.Adwin;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.surgery.SurgeryMethod;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * The same rows in the same order give the same bits, whether or not the learner was saved and
 * restored in between: parameters, moments, scales, detectors, scores, counters and versions, all
 * of which are in the bytes compared.
 */
class ResumeProperties {
  private static final int ROWS = 300;

  @Property(tries = 60, seed = "1")
  void aLearnerThatWasRestoredGoesOnBitForBit(
      @ForAll("specs") ModelSpec spec,
      @ForAll long seed,
      @ForAll @Size(min = 1, max = 5) Set<@IntRange(max = ROWS - 1) Integer> restarts) {
    List<Row> rows = Rows.make(spec, ROWS, seed);
    OnlineLearner undisturbed = new OnlineLearner(spec, report -> {});
    StoredLearner restored = new StoredLearner(spec);
    RowBatch batch = new RowBatch(spec);
    for (int r = 0; r < ROWS; r++) {
      batch.clear();
      batch.add(rows.get(r));
      undisturbed.arrive(batch);
      undisturbed.release(batch);
      if (restarts.contains(r)) {
        restored.restart();
      }
      restored.learn(rows.get(r));
      if (r % 50 == 49) {
        assertThat(restored.state().nextVersion()).isEqualTo(undisturbed.state().nextVersion());
      }
    }
    assertThat(StoredLearner.bytes(restored.state()))
        .isEqualTo(StoredLearner.bytes(undisturbed.state()));
    assertThat(restored.state().updates()).isPositive();

    undisturbed.finish();
    if (restored.pendingRows() > 0) {
      restored.learnPending();
    }
    assertThat(StoredLearner.bytes(restored.state()))
        .as("after the last, partial mini-batch")
        .isEqualTo(StoredLearner.bytes(undisturbed.state()));
  }

  @Property(tries = 20, seed = "1")
  void theSameRowsGiveTheSameBits(@ForAll("specs") ModelSpec spec, @ForAll long seed) {
    OnlineLearner one = new OnlineLearner(spec, report -> {});
    OnlineLearner other = new OnlineLearner(spec, report -> {});
    List<Row> rows = Rows.make(spec, ROWS, seed);
    Rows.learn(one, rows);
    Rows.learn(other, rows);
    assertThat(StoredLearner.bytes(other.state())).isEqualTo(StoredLearner.bytes(one.state()));
  }

  @Property(tries = 20, seed = "1")
  void aCopySharesNothingWithItsOriginal(@ForAll("specs") ModelSpec spec, @ForAll long seed) {
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    List<Row> rows = Rows.make(spec, ROWS, seed);
    Rows.learn(learner, rows.subList(0, ROWS / 2));
    LearnerState copy = learner.state().copy();
    byte[] then = StoredLearner.bytes(learner.state());
    assertThat(StoredLearner.bytes(copy)).isEqualTo(then);
    Rows.learn(learner, rows.subList(ROWS / 2, ROWS));
    assertThat(StoredLearner.bytes(copy)).isEqualTo(then);
    assertThat(StoredLearner.bytes(learner.state())).isNotEqualTo(then);
  }

  @Provide
  Arbitrary<ModelSpec> specs() {
    Arbitrary<NetworkSpec> network =
        Combinators.combine(
                Arbitraries.integers().between(1, 9).list().ofMinSize(1).ofMaxSize(2),
                Arbitraries.of(Activation.class),
                Arbitraries.integers().between(1, 4).list().ofMaxSize(1),
                Arbitraries.of(true, false))
            .as(NetworkSpec::new);
    Arbitrary<LearningSpec> learning =
        Combinators.combine(
                Arbitraries.integers().between(1, 12),
                Arbitraries.integers().between(1, 3),
                Arbitraries.integers().between(0, 9),
                Arbitraries.integers().between(1, 40),
                Arbitraries.of(OptimizerKind.class),
                Arbitraries.of(0L, 1000L),
                Arbitraries.of(true, false))
            .as(
                (miniBatch, passes, replayRows, capacity, optimizer, gap, mixture) ->
                    new LearningSpec(
                        miniBatch,
                        passes,
                        replayRows,
                        capacity,
                        optimizer,
                        3e-3,
                        0.9,
                        0.999,
                        1e-8,
                        50,
                        gap,
                        5,
                        mixture,
                        1));
    Arbitrary<SurgerySpec> surgery =
        Arbitraries.of(SurgeryMethod.all()).map(SurgeryMethod::defaults);
    Arbitrary<Integer> tasks = Arbitraries.integers().between(1, 3);
    return Combinators.combine(network, learning, surgery, tasks)
        .as(
            (n, l, s, k) ->
                new ModelSpec(
                    List.of("a", "b", "c"),
                    Rows.TASKS.subList(0, k),
                    n,
                    l,
                    s,
                    new Adwin.Settings(0.05, 1, 8)));
  }
}
