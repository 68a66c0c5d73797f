package dev.samgs.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.FrozenModel;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.ReplayRows;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.Trainer;
import dev.samgs.snapshot.Publisher.Outcome;
import dev.samgs.spec.GateSpec;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.PublishingSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import dev.samgs.surgery.SurgeryMethod;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublisherTest {
  private static final int BATCH = 32;
  private static final GateSpec GATE = new GateSpec(true, 0.05, Map.of(), 32, 1e6, 3);

  /** A candidate is due after every fourth mini-batch of one pass. */
  private static final PublishingSpec EVERY_4 = new PublishingSpec(4, 0, 0, GATE);

  private static ModelSpec spec(boolean mixture) {
    LearningSpec l = LearningSpec.defaults();
    return new ModelSpec(
        List.of("a", "b"),
        List.of(TaskSpec.regression("wear"), TaskSpec.binary("fault")),
        new NetworkSpec(List.of(8), NetworkSpec.defaults().activation(), List.of(), true),
        new LearningSpec(
            BATCH,
            1,
            0,
            0,
            l.optimizer(),
            1e-2,
            l.beta1(),
            l.beta2(),
            l.epsilon(),
            l.scaleWindow(),
            0,
            l.guardPatience(),
            mixture,
            1),
        SurgeryMethod.all().get(0).defaults(),
        DetectorMethod.all().get(0).defaults());
  }

  /** A learner and what is published of it, fed with rows of a linear process. */
  private static final class Line {
    final ModelSpec spec;
    final LearnerState state;
    final Publication publication;
    final Publisher publisher;
    final Trainer trainer;
    final RowBatch batch;
    final SplittableRandom random = new SplittableRandom(3);
    final List<Outcome> outcomes = new ArrayList<>();
    PublishedModel published;
    double slope = 2;
    private long clock = 1_000_000;

    Line(ModelSpec spec, PublishingSpec policy) {
      this.spec = spec;
      this.state = new LearnerState(spec, 1);
      this.publication = new Publication(spec.tasks().size());
      this.trainer = new Trainer(spec);
      this.publisher = new Publisher(spec, policy, trainer, "events");
      this.batch = new RowBatch(spec);
    }

    /** One mini-batch; the learner is tampered with before. */
    Line learn(Consumer<LearnerState> tampering) {
      tampering.accept(state);
      batch.clear();
      for (int r = 0; r < BATCH; r++) {
        double a = random.nextGaussian();
        double b = random.nextGaussian();
        double signal = slope * a - b + 0.3 * random.nextGaussian();
        clock += 1000;
        batch.add(
            new Row(clock, new double[] {a, b}, new double[] {10 * signal, signal > 0 ? 1 : 0}));
      }
      long before = state.updates();
      long timeBefore = state.latestTimestamp();
      trainer.predict(state, batch);
      publisher.judge(publication, published, batch);
      StepReport report = trainer.learn(state, batch, NONE);
      for (Outcome outcome :
          publisher.decide(state, publication, published, report, before, timeBefore, false)) {
        announced(outcome);
      }
      return this;
    }

    Outcome announced(Outcome outcome) {
      outcomes.add(outcome);
      if (outcome.verdict().published()) {
        published = new PublishedModel(outcome.snapshot().version(), outcome.frozen());
      }
      return outcome;
    }

    Line learn(int miniBatches) {
      for (int i = 0; i < miniBatches; i++) {
        learn(state -> {});
      }
      return this;
    }

    List<Verdict> verdicts() {
      return outcomes.stream().map(Outcome::verdict).toList();
    }

    Outcome newest() {
      return outcomes.get(outcomes.size() - 1);
    }
  }

  private static final ReplayRows NONE =
      new ReplayRows() {
        @Override
        public Row get(int slot) {
          throw new AssertionError("there is no replay");
        }

        @Override
        public void put(int slot, Row row) {
          throw new AssertionError("there is no replay");
        }
      };

  /** Turns the sign of everything that the network has learned. */
  private static void poison(LearnerState state) {
    float[] parameters = state.parameters();
    for (int i = state.layout().sharedLength(); i < parameters.length; i++) {
      parameters[i] = -Math.abs(parameters[i]) - 0.5f;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLearnerThatLearnsPassesTheGateAndEachVersionNamesTheOneBefore(boolean mixture) {
    Line line = new Line(spec(mixture), EVERY_4).learn(40);
    assertThat(line.verdicts()).hasSize(10).startsWith(Verdict.FIRST);
    assertThat(line.verdicts().subList(1, 10)).containsOnly(Verdict.PASSED);
    for (int i = 0; i < 10; i++) {
      ModelSnapshot snapshot = line.outcomes.get(i).snapshot();
      assertThat(snapshot.version()).isEqualTo((1L << 32) + 1 + i);
      assertThat(snapshot.lineage().parent())
          .isEqualTo(i == 0 ? Lineage.NO_PARENT : (1L << 32) + i);
      assertThat(snapshot.lineage().topic()).isEqualTo("events");
    }
    Lineage.Comparison wear = line.outcomes.get(1).snapshot().lineage().comparisons().get(0);
    assertThat(wear.labels()).isEqualTo(4 * BATCH);
    assertThat(wear.candidateLoss()).isLessThan(wear.publishedLoss());
  }

  @Test
  void aPoisonedModelIsWithheldAndAfterThreeInARowThePublishedOneComesBack() {
    Line line = new Line(spec(false), EVERY_4).learn(40);
    PublishedModel good = line.published;
    int before = line.outcomes.size();

    for (int i = 0; i < 12; i++) {
      line.learn(PublisherTest::poison);
    }

    List<Outcome> since = line.outcomes.subList(before, line.outcomes.size());
    assertThat(since)
        .extracting(Outcome::verdict)
        .containsExactly(Verdict.WORSE, Verdict.WORSE, Verdict.WORSE, Verdict.ROLLBACK);
    assertThat(since.get(0).reason())
        .startsWith("on the last 128 labels of wear its loss is ")
        .contains("that of published version " + good.version() + " is ");
    Outcome rollback = since.get(3);
    assertThat(rollback.reason()).isEqualTo("3 candidates in a row were withheld");
    assertThat(rollback.snapshot().version()).isEqualTo(good.version() + 1);
    assertThat(rollback.snapshot().lineage().parent()).isEqualTo(good.version());
    assertThat(bytes(FrozenModel.of(line.state))).isEqualTo(bytes(good.model()));
    assertThat(line.publication.withheld()).isEqualTo(3);
    assertThat(line.publication.rollbacks()).isEqualTo(1);

    line.learn(4);
    assertThat(line.newest().verdict()).isEqualTo(Verdict.PASSED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAbruptDriftWithholdsNothingForLongAndBringsNothingBack(boolean mixture) {
    Line line = new Line(spec(mixture), EVERY_4).learn(80);
    double lossBefore = line.newest().snapshot().lineage().comparisons().get(0).candidateLoss();
    int before = line.outcomes.size();

    line.slope = -2;
    line.learn(4);

    // Both got much worse on the same rows: that is drift, and the candidate goes out.
    Lineage drifted = line.newest().snapshot().lineage();
    assertThat(drifted.verdict()).isEqualTo(Verdict.PASSED);
    assertThat(drifted.comparisons().get(0).candidateLoss()).isGreaterThan(3 * lossBefore);
    assertThat(drifted.comparisons().get(0).publishedLoss()).isGreaterThan(3 * lossBefore);
    line.learn(80);
    assertThat(line.publication.rollbacks()).isZero();
    assertThat(line.verdicts().subList(before, line.outcomes.size())).containsOnly(Verdict.PASSED);
  }

  @Test
  void numbersThatAreNotFiniteAndNormsAboveTheBoundAreWithheld() {
    // A parameter that learns would be caught by the numerical guard; its average only predicts.
    Line line = new Line(spec(true), EVERY_4).learn(4);
    line.learn(3).learn(state -> state.averagedParameters()[2] = Float.NaN);
    assertThat(line.newest().verdict()).isEqualTo(Verdict.NON_FINITE);
    assertThat(line.newest().reason()).isEqualTo("an averaged parameter is NaN");

    GateSpec narrow = new GateSpec(true, 0.05, Map.of(), 32, 1, 3);
    Line large = new Line(spec(false), new PublishingSpec(4, 0, 0, narrow)).learn(4);
    assertThat(large.verdicts()).containsExactly(Verdict.TOO_LARGE_NORM);
    assertThat(large.newest().reason()).contains("above 1.0");
    assertThat(large.publication.version()).isEqualTo(Lineage.NO_PARENT);
  }

  @Test
  void aToleranceOfItsOwnLetsATaskBecomeWorse() {
    GateSpec lenient = new GateSpec(true, 0.05, Map.of("wear", 1e6, "fault", 1e6), 32, 1e6, 3);
    Line line = new Line(spec(false), new PublishingSpec(4, 0, 0, lenient)).learn(40);
    for (int i = 0; i < 8; i++) {
      line.learn(PublisherTest::poison);
    }
    assertThat(line.verdicts().subList(1, line.outcomes.size())).containsOnly(Verdict.PASSED);
  }

  @Test
  void withoutAGateEverythingGoesOut() {
    GateSpec off = new GateSpec(false, 0.05, Map.of(), 32, 1e6, 3);
    Line line = new Line(spec(false), new PublishingSpec(4, 0, 0, off)).learn(20);
    for (int i = 0; i < 8; i++) {
      line.learn(PublisherTest::poison);
    }
    assertThat(line.verdicts()).hasSize(7).containsOnly(Verdict.UNGATED);
  }

  @Test
  void candidatesAreDueByEventTime() {
    // A mini-batch spans 32 s; so every second one passes a multiple of 64 s.
    Line line = new Line(spec(true), new PublishingSpec(0, 64_000, 0, GATE)).learn(41);
    assertThat(line.outcomes).hasSize(20);
    List<Long> minutes =
        line.outcomes.stream().map(o -> o.snapshot().latestTimestamp() / 64_000).toList();
    assertThat(minutes).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void candidatesAreDueByImprovement() {
    Line line = new Line(spec(true), new PublishingSpec(1_000_000, 0, 0.2, GATE));
    line.announced(line.publisher.promote(line.state, line.publication, "to begin with"));
    line.learn(60);
    assertThat(line.outcomes.size()).isBetween(3, 20);
    for (Outcome outcome : line.outcomes.subList(1, line.outcomes.size())) {
      assertThat(outcome.verdict()).isEqualTo(Verdict.PASSED);
      assertThat(outcome.snapshot().lineage().comparisons())
          .anyMatch(c -> c.candidateLoss() < 0.8 * c.publishedLoss());
    }
  }

  @Test
  void aPinHoldsEverythingBackWhileTheLearnerLearnsOn() {
    Line line = new Line(spec(true), EVERY_4).learn(8);
    PublishedModel old = line.published;
    line.learn(8);
    long updates = line.state.updates();

    Outcome pinned =
        line.announced(line.publisher.pin(line.state, line.publication, old, "asked for by anna"));
    assertThat(pinned.verdict()).isEqualTo(Verdict.PINNED);
    assertThat(pinned.snapshot().lineage().parent()).isEqualTo(old.version());
    assertThat(pinned.snapshot().version()).isEqualTo(old.version() + 3);
    assertThat(bytes(pinned.frozen())).isEqualTo(bytes(old.model()));
    line.learn(16);
    assertThat(line.verdicts().subList(5, 9)).containsOnly(Verdict.HELD_BY_PIN);
    assertThat(line.publication.rollbacks()).isZero();
    assertThat(line.state.updates()).isEqualTo(updates + 16);

    line.publisher.unpin(line.publication);
    line.learn(4);
    assertThat(line.newest().verdict()).isEqualTo(Verdict.PASSED);
  }

  @Test
  void aPromotionGoesPastTheGateButNotWithoutNumbers() {
    Line line = new Line(spec(false), EVERY_4).learn(20);
    poison(line.state);
    long version = line.publication.version();
    assertThat(line.publisher.promote(line.state, line.publication, "").snapshot().version())
        .isEqualTo(version + 1);
    line.state.parameters()[0] = Float.POSITIVE_INFINITY;
    assertThatThrownBy(() -> line.publisher.promote(line.state, line.publication, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the model cannot be published, for a parameter is Infinity");
  }

  @Test
  void whatWasSavedAndReadBackDecidesTheSame() throws IOException {
    Line undisturbed = new Line(spec(true), EVERY_4).learn(26);
    Line restored = new Line(spec(true), EVERY_4).learn(13);
    restored.publication.readUpTo(3, 17);
    Publication read = Publication.read(reader(bytes(restored.publication::write)));
    assertThat(read).usingRecursiveComparison().isEqualTo(restored.publication);
    assertThat(read.copy()).usingRecursiveComparison().isEqualTo(read);
    FrozenModel frozen =
        FrozenModel.read(restored.spec, reader(bytes(restored.published.model()::write)));
    restored.published = new PublishedModel(restored.published.version(), frozen);
    restored.learn(13);
    assertThat(OnnxEncoder.encode("m", plain(restored.newest().snapshot())))
        .isEqualTo(OnnxEncoder.encode("m", plain(undisturbed.newest().snapshot())));
  }

  /** The same but for the offsets, which only one of the two lines was told. */
  private static ModelSnapshot plain(ModelSnapshot snapshot) {
    Lineage l = snapshot.lineage();
    return snapshot.published(
        snapshot.version(),
        new Lineage(l.parent(), "", new java.util.TreeMap<>(), l.verdict(), l.comparisons()));
  }

  @Test
  void aModelReadBackFromItsOnnxGraphPredictsTheSame() throws Exception {
    Line line = new Line(spec(true), EVERY_4).learn(40);
    ModelSnapshot snapshot = line.newest().snapshot();
    FrozenModel read = OnnxDecoder.decode(line.spec, OnnxEncoder.encode("m", snapshot)).frozen();
    RowBatch expected = rows(line.spec);
    RowBatch actual = rows(line.spec);
    line.trainer.predict(line.published.model(), expected);
    line.trainer.predict(read, actual);
    for (int i = 0; i < expected.size() * expected.stride(); i++) {
      // The prior's counts come back as shares: a rounding apart.
      assertThat(actual.predictions()[i])
          .isCloseTo(
              expected.predictions()[i],
              org.assertj.core.api.Assertions.within(
                  1e-6 * Math.max(1, Math.abs(expected.predictions()[i]))));
    }
  }

  private static RowBatch rows(ModelSpec spec) {
    RowBatch batch = new RowBatch(spec);
    double[] unknown = new double[spec.tasks().size()];
    Arrays.fill(unknown, Double.NaN);
    batch.add(new Row(1, new double[] {0.5, -1}, unknown));
    batch.add(new Row(2, new double[] {Double.NaN, 100}, unknown));
    return batch;
  }

  private interface Part {
    void write(StateWriter out) throws IOException;
  }

  private static byte[] bytes(FrozenModel model) {
    return bytes(model::write);
  }

  private static byte[] bytes(Part part) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      part.write(new StateWriter(new DataOutputStream(bytes)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static StateReader reader(byte[] bytes) {
    return new StateReader(new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
