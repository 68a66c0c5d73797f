package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.drift.Adwin;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.Reaction;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReactionTest {
  private static final int CAPACITY = 256;
  private static final int CHANGE = 1500;
  private static final int ROWS = 3000;

  private final List<Row> rows = rows();

  @ParameterizedTest
  @EnumSource(value = Reaction.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void changesNothingBeforeTheAlarmAndSomethingAfterIt(Reaction reaction) {
    StoredLearner without = new StoredLearner(spec(Reaction.NONE));
    StoredLearner with = new StoredLearner(spec(reaction));
    boolean alarmed = false;
    for (int r = 0; r < ROWS; r++) {
      without.learn(rows.get(r));
      with.learn(rows.get(r));
      alarmed |= with.state().drift(0).alarms() > 0;
      if (!alarmed) {
        assertThat(with.state().parameters()).isEqualTo(without.state().parameters());
      }
    }
    assertThat(alarmed).as("the stream drifts").isTrue();
    assertThat(with.state().parameters()).isNotEqualTo(without.state().parameters());
  }

  @ParameterizedTest
  @EnumSource(Reaction.class)
  void goesOnBitForBitAfterRestarts(Reaction reaction) {
    StoredLearner undisturbed = new StoredLearner(spec(reaction));
    StoredLearner restarted = new StoredLearner(spec(reaction));
    for (int r = 0; r < ROWS; r++) {
      undisturbed.learn(rows.get(r));
      if (r % 97 == 0) {
        restarted.restart();
      }
      restarted.learn(rows.get(r));
    }
    assertThat(StoredLearner.bytes(restarted.state()))
        .isEqualTo(StoredLearner.bytes(undisturbed.state()));
  }

  @Test
  void replayOfRecentRowsLeavesOutThoseBeforeTheChange() {
    StoredLearner learner = new StoredLearner(spec(Reaction.REPLAY_RECENT));
    for (Row row : rows) {
      learner.learn(row);
      if (learner.state().drift(0).drifting()) {
        assertThat(learner.state().replayFilled()).isLessThan(CAPACITY);
        assertThat(learner.state().replayed - learner.state().replayFilled())
            .as("the first row that is drawn")
            .isBetween(CHANGE - 40L, CHANGE + 40L);
        return;
      }
    }
    throw new AssertionError("the stream drifts, but no alarm was given");
  }

  @Test
  void aDriftEndsWhenHalfOfTheRiseIsGone() {
    StoredLearner learner = new StoredLearner(spec(Reaction.NONE));
    long began = -1;
    for (Row row : rows) {
      learner.learn(row);
      if (learner.state().drift(0).drifting()) {
        began = learner.state().drift(0).began();
      }
    }
    assertThat(began).isBetween(CHANGE - 40L, CHANGE + 40L);
    assertThat(learner.state().drift(0).drifting()).as("the learner has caught up").isFalse();
    assertThat(learner.state().drift(0).alarms()).isPositive();
  }

  private static ModelSpec spec(Reaction reaction) {
    return new ModelSpec(
        List.of("a", "b"),
        List.of(TaskSpec.regression("y").withReaction(reaction), TaskSpec.binary("z")),
        NetworkSpec.defaults(),
        new LearningSpec(
            16, 4, 32, CAPACITY, OptimizerKind.ADAM, 3e-3, 0.9, 0.999, 1e-8, 1000, 0, 5, true, 1),
        SamGs.Settings.defaults(),
        new Adwin.Settings(0.002, 8, 64));
  }

  /** The first label turns its sign. */
  private static List<Row> rows() {
    SplittableRandom random = new SplittableRandom(9);
    List<Row> rows = new ArrayList<>();
    for (int r = 0; r < ROWS; r++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      double y = (r < CHANGE ? 5 : -5) * a + b + 0.1 * random.nextGaussian();
      rows.add(new Row(r, new double[] {a, b}, new double[] {y, a + b > 0 ? 1 : 0}));
    }
    return rows;
  }
}
