package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.drift.Adwin;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.spec.Activation;
import dev.samgs.spec.DetectorSpec;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.surgery.LinearScalarisation;
import dev.samgs.surgery.SamGs;
import dev.samgs.surgery.SurgeryMethod;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LearnerStateTest {
  private static final String FIXTURE = "learner-state-format-1.bin";

  private final ModelSpec spec = Rows.spec();
  private final byte[] saved = StoredLearner.bytes(learned(spec));

  @Test
  void versionsCountUpwardsInsideAnIncarnation() {
    LearnerState state = new LearnerState(spec, 3);
    assertThat(state.version()).isEqualTo(3L << 32);
    assertThat(state.nextVersion()).isEqualTo((3L << 32) + 1);
    assertThat(state.nextVersion()).isEqualTo((3L << 32) + 2);
    assertThat(state.version()).isEqualTo((3L << 32) + 2);
  }

  @Test
  void aNewIncarnationIsAboveAllVersionsBefore() {
    LearnerState state = new LearnerState(spec, 3);
    state.nextVersion();
    state.reincarnate(4);
    assertThat(state.nextVersion()).isEqualTo((4L << 32) + 1);
    assertThatThrownBy(() -> state.reincarnate(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("incarnation 4 is not above the present one, 4");
  }

  @Test
  void stateThatEndsTooEarlyIsRefusedWhereverItEnds() {
    for (int length = 0; length < saved.length; length++) {
      byte[] cut = Arrays.copyOf(saved, length);
      assertThatThrownBy(() -> read(spec, cut))
          .as("the first %d of %d bytes", length, saved.length)
          .isInstanceOf(StateFormatException.class)
          .hasMessage("the state is damaged: it ends too early");
    }
  }

  /** A flipped bit in a number cannot be seen, but one in a length or a count is never an Error. */
  @Test
  void flippedBitsAreReadOrRefusedAndNeverAnythingElse() {
    SplittableRandom random = new SplittableRandom(5);
    int refused = 0;
    for (int flips = 0; flips < 4000; flips++) {
      byte[] damaged = saved.clone();
      int bit = flips < 800 ? flips : random.nextInt(8 * saved.length);
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        read(spec, damaged);
      } catch (IOException e) {
        assertThat(e).isInstanceOf(StateFormatException.class);
        assertThat(e.getMessage()).matches("[^\\n]{20,}");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(700);
  }

  @Test
  void bytesThatAreNoLearnerAreRefused() {
    assertThatThrownBy(() -> read(spec, new byte[1000]))
        .isInstanceOf(StateFormatException.class)
        .hasMessage("this is not the state of a learner, or it is damaged");
  }

  @Test
  void aNewerFormatIsRefusedByItsNumber() {
    byte[] newer = ByteBuffer.wrap(saved.clone()).putInt(4, 99).array();
    assertThatThrownBy(() -> read(spec, newer))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("format 99")
        .hasMessageContaining("run the version that wrote it, or a newer one");
  }

  @Test
  void theStateOfAnotherModelIsRefusedWithBothStructures() {
    ModelSpec other = Rows.spec(List.of(TaskSpec.regression("height")), Rows.learning());
    assertThatThrownBy(() -> read(other, saved))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("of another model")
        .hasMessageContaining(spec.structure())
        .hasMessageContaining(other.structure());
  }

  @Test
  void aLearningRateMayChange() throws IOException {
    LearningSpec l = spec.learning();
    LearningSpec faster =
        new LearningSpec(
            l.miniBatch(),
            l.passes(),
            l.replayRows(),
            l.replayCapacity(),
            l.optimizer(),
            0.01,
            l.beta1(),
            l.beta2(),
            l.epsilon(),
            l.scaleWindow(),
            l.gapMillis(),
            l.guardPatience(),
            l.mixture(),
            l.seed());
    assertThat(StoredLearner.bytes(read(Rows.spec(Rows.TASKS, faster), saved))).isEqualTo(saved);
  }

  @Test
  void anotherOptimiserSurgeryOrDetectorStartsAfreshAndTheRestGoesOn() throws IOException {
    LearningSpec l = spec.learning();
    LearningSpec momentum =
        new LearningSpec(
            l.miniBatch(),
            l.passes(),
            l.replayRows(),
            l.replayCapacity(),
            OptimizerKind.MOMENTUM,
            l.learningRate(),
            l.beta1(),
            l.beta2(),
            l.epsilon(),
            l.scaleWindow(),
            l.gapMillis(),
            l.guardPatience(),
            l.mixture(),
            l.seed());
    ModelSpec changed =
        new ModelSpec(
            spec.features(),
            spec.tasks(),
            spec.network(),
            momentum,
            LinearScalarisation.Settings.defaults(),
            spec.drift());
    LearnerState before = read(spec, saved);
    LearnerState after = read(changed, saved);
    assertThat(after.parameters()).isEqualTo(before.parameters());
    assertThat(after.updates()).isEqualTo(before.updates());
    assertThat(after.version()).isEqualTo(before.version());
    assertThat(after.score(0).meanAbsoluteError()).isEqualTo(before.score(0).meanAbsoluteError());
    OnlineLearner fresh = new OnlineLearner(changed, report -> {});
    Rows.learn(fresh, Rows.make(changed, 200, 42));
    assertThat(StoredLearner.bytes(after)).hasSameSizeAs(StoredLearner.bytes(fresh.state()));
  }

  /** What version 0.1 saved is read for ever, byte for byte. */
  @Test
  void theFrozenStateOfFormat1IsStillRead() throws IOException {
    byte[] now = StoredLearner.bytes(learned(frozenSpec()));
    Files.write(Path.of("target", FIXTURE), now);
    byte[] frozen = fixture();
    LearnerState state = read(frozenSpec(), frozen);
    assertThat(state.rows()).isEqualTo(200);
    assertThat(state.labelledRows()).isEqualTo(176);
    assertThat(state.updates()).isEqualTo(44);
    assertThat(state.version()).isEqualTo((7L << 32) + 1);
    assertThat(state.latestTimestamp()).isEqualTo(1_057_578);
    assertThat(state.score(0).labels()).isEqualTo(134);
    assertThat(state.parameters()).hasSize(35);
    byte[] rewritten = StoredLearner.bytes(state);
    assertThat(ByteBuffer.wrap(rewritten).getInt(4)).isEqualTo(2);
    assertThat(Arrays.copyOfRange(rewritten, 8, frozen.length))
        .as("all that format 1 holds goes on in format 2")
        .isEqualTo(Arrays.copyOfRange(frozen, 8, frozen.length));
    assertThat(state.drift(0).alarms()).isZero();
    assertThat(state.score(0).windowedLoss()).isNaN();
  }

  @Test
  void aFrozenLearnerLearnsOn() throws IOException {
    StoredLearner learner = new StoredLearner(frozenSpec(), read(frozenSpec(), fixture()));
    long updates = learner.state().updates();
    Rows.make(frozenSpec(), 50, 99).forEach(learner::learn);
    assertThat(learner.state().updates()).isGreaterThan(updates);
    assertThat(learner.state().score(0).meanAbsoluteError()).isFinite();
  }

  /** Whatever the model keeps, a copy shares no array with it: each can learn on alone. */
  @Test
  void aCopyIsEqualBitForBitAndLearnsOnAlone() {
    List<ModelSpec> specs = new ArrayList<>();
    for (SurgeryMethod method : SurgeryMethod.all()) {
      specs.add(with(method.defaults(), spec.drift()));
    }
    for (DetectorMethod method : DetectorMethod.all()) {
      specs.add(with(spec.surgery(), method.defaults()));
    }
    specs.add(frozenSpec());
    for (ModelSpec each : specs) {
      LearnerState original = learned(each);
      byte[] before = StoredLearner.bytes(original);
      LearnerState copy = original.copy();
      assertThat(StoredLearner.bytes(copy)).as("%s", each).isEqualTo(before);
      StoredLearner learner = new StoredLearner(each, copy);
      Rows.make(each, 40, 7).forEach(learner::learn);
      assertThat(StoredLearner.bytes(original)).as("%s", each).isEqualTo(before);
      assertThat(StoredLearner.bytes(copy)).as("%s", each).isNotEqualTo(before);
    }
  }

  private ModelSpec with(SurgerySpec surgery, DetectorSpec drift) {
    LearningSpec alone =
        new LearningSpec(8, 1, 0, 0, OptimizerKind.ADAM, 3e-3, 0.9, 0.999, 1e-8, 50, 0, 5, true, 1);
    return new ModelSpec(
        spec.features(), spec.tasks(), spec.network(), alone, surgery, drift, spec.shift());
  }

  private static ModelSpec frozenSpec() {
    return new ModelSpec(
        List.of("a", "b"),
        List.of(TaskSpec.regression("width"), TaskSpec.binary("scrap")),
        new NetworkSpec(List.of(3), Activation.TANH, List.of(2), true),
        new LearningSpec(8, 2, 0, 0, OptimizerKind.ADAM, 3e-3, 0.9, 0.999, 1e-8, 50, 0, 5, true, 1),
        SamGs.Settings.published(SamGs.Trigger.MEAN, SamGs.Scale.TASKS, 0.7, 0.9, 0.99, 1.0),
        new Adwin.Settings(0.002, 4, 16));
  }

  private static LearnerState learned(ModelSpec spec) {
    StoredLearner learner = new StoredLearner(spec, new LearnerState(spec, 7));
    Rows.make(spec, 200, 42).forEach(learner::learn);
    learner.state().nextVersion();
    return learner.state();
  }

  private static LearnerState read(ModelSpec spec, byte[] bytes) throws IOException {
    return LearnerState.read(spec, new DataInputStream(new ByteArrayInputStream(bytes)));
  }

  private static byte[] fixture() throws IOException {
    try (InputStream in = LearnerStateTest.class.getResourceAsStream(FIXTURE)) {
      return in.readAllBytes();
    }
  }
}
