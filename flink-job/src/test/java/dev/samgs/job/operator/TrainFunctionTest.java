package dev.samgs.job.operator;

import static dev.samgs.job.TestModels.MINI_BATCH;
import static dev.samgs.job.TestModels.PASSES;
import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.job.PlainRun;
import dev.samgs.job.TestModels;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.snapshot.Lineage;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.snapshot.Verdict;
import dev.samgs.snapshot.WarmStart;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.state.StateFormatException;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.throwable.ThrowableClassifier;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainFunctionTest {
  private static final String LINE = "line-1";
  private static final List<Row> ROWS = TestModels.rows(7, 200);

  static Stream<Named<StateBackend>> backends() {
    return Stream.of(
        Named.of("hashmap", new HashMapStateBackend()), Named.of("rocksdb", rocksDb()));
  }

  private static StateBackend rocksDb() {
    EmbeddedRocksDBStateBackend backend = new EmbeddedRocksDBStateBackend();
    backend.getMemoryConfiguration().setFixedMemoryPerSlot(MemorySize.ofMebiBytes(64));
    return backend;
  }

  private static TrainHarness open() throws Exception {
    return TrainHarness.open(TrainHarness.settings(SPEC), new HashMapStateBackend(), null);
  }

  /** How many of the rows fill the first mini-batch. */
  private static int firstMiniBatch() {
    int labelled = 0;
    int rows = 0;
    while (labelled < MINI_BATCH) {
      labelled += ROWS.get(rows++).labelled() ? 1 : 0;
    }
    return rows;
  }

  @Test
  void aMiniBatchIsLearnedWithItsLastLabelledRowAndNotBefore() throws Exception {
    int filled = firstMiniBatch();
    try (TrainHarness harness = open()) {
      harness.take(LINE, ROWS.subList(0, filled - 1));
      assertThat(harness.learner(LINE)).isNull();

      harness.take(LINE, ROWS.subList(filled - 1, filled));
      assertThat(harness.learner(LINE))
          .isEqualTo(new PlainRun(SPEC, 10).take(ROWS.subList(0, filled)).bytes());
    }
  }

  @Test
  void aPauseInEventTimeClosesTheMiniBatchBeforeTheNextRow() throws Exception {
    ModelSpec spec = TestModels.spec(60_000);
    List<Row> early = ROWS.subList(0, 3);
    Row late =
        new Row(ROWS.get(2).timestamp() + 60_001, ROWS.get(3).features(), ROWS.get(3).labels());
    try (TrainHarness harness =
        TrainHarness.open(TrainHarness.settings(spec), new HashMapStateBackend(), null)) {
      harness.take(LINE, early);
      assertThat(harness.learner(LINE)).isNull();

      harness.take(LINE, List.of(late));
      PlainRun plain = new PlainRun(spec, 10).take(early).take(List.of(late));
      assertThat(plain.state().rows()).isEqualTo(3);
      assertThat(harness.learner(LINE)).isEqualTo(plain.bytes());
    }
  }

  @Test
  void theLastPartialMiniBatchIsLearnedAtTheEndOfTheInput() throws Exception {
    try (TrainHarness harness = open()) {
      harness.take(LINE, ROWS).finish();

      PlainRun plain = new PlainRun(SPEC, 10).take(ROWS).finish();
      assertThat(plain.state().rows()).isEqualTo(ROWS.size());
      assertThat(harness.learner(LINE)).isEqualTo(plain.bytes());
    }
  }

  @Test
  void aLearnerInMemoryMakesTheSameModelOfTheSameRows() throws Exception {
    // Labels on every tenth row: some mini-batches close by labels, some by rows.
    List<Row> rows = new ArrayList<>();
    for (Row row : TestModels.rows(9, 1000)) {
      double[] labels = row.labels().clone();
      if (rows.size() % 10 != 0 && rows.size() > 200) {
        Arrays.fill(labels, Double.NaN);
      }
      rows.add(new Row(row.timestamp(), row.features(), labels));
    }
    OnlineLearner learner = new OnlineLearner(SPEC, report -> {});
    RowBatch single = new RowBatch(SPEC);
    for (Row row : rows) {
      single.clear();
      single.add(row);
      learner.arrive(single);
      learner.release(single);
    }
    learner.finish();

    try (TrainHarness harness = open()) {
      byte[] saved = harness.take(LINE, rows).finish().learner(LINE);
      LearnerState job =
          LearnerState.read(SPEC, new DataInputStream(new ByteArrayInputStream(saved)));
      assertThat(job.updates()).isEqualTo(learner.state().updates());
      assertThat(job.parameters()).isEqualTo(learner.state().parameters());
    }
  }

  @Test
  void modelsDoNotTouchEachOther() throws Exception {
    List<Row> others = TestModels.rows(8, 150);
    try (TrainHarness harness = open()) {
      for (int i = 0; i < ROWS.size(); i++) {
        harness.take(LINE, ROWS.subList(i, i + 1));
        if (i < others.size()) {
          harness.take("line-2", others.subList(i, i + 1));
        }
      }
      harness.finish();

      assertThat(harness.learner(LINE))
          .isEqualTo(new PlainRun(SPEC, 10).take(ROWS).finish().bytes());
      assertThat(harness.learner("line-2"))
          .isEqualTo(new PlainRun(SPEC, 10).take(others).finish().bytes());
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aRunInterruptedAnywhereEndsBitForBitAsAnUndisturbedOne(StateBackend backend)
      throws Exception {
    byte[] undisturbed = new PlainRun(SPEC, 10).take(ROWS).finish().bytes();
    TrainSettings settings = TrainHarness.settings(SPEC);
    for (int cut : List.of(1, firstMiniBatch() - 1, firstMiniBatch(), 77, 199, 200)) {
      OperatorSubtaskState saved;
      try (TrainHarness first = TrainHarness.open(settings, backend, null)) {
        saved = first.take(LINE, ROWS.subList(0, cut)).snapshot();
      }
      try (TrainHarness second = TrainHarness.open(settings, backend, saved)) {
        second.take(LINE, ROWS.subList(cut, ROWS.size())).finish();
        assertThat(second.learner(LINE)).as("cut after row %d", cut).isEqualTo(undisturbed);
      }
    }
  }

  @Test
  void whatIsLearnedAfterASnapshotDoesNotReachIntoIt() throws Exception {
    TrainSettings settings = TrainHarness.settings(SPEC);
    OperatorSubtaskState saved;
    try (TrainHarness first = open()) {
      saved = first.take(LINE, ROWS.subList(0, 100)).snapshot();
      first.take(LINE, ROWS.subList(100, 200));
    }
    try (TrainHarness second = TrainHarness.open(settings, new HashMapStateBackend(), saved)) {
      assertThat(second.learner(LINE))
          .isEqualTo(new PlainRun(SPEC, 10).take(ROWS.subList(0, 100)).bytes());
    }
  }

  @Test
  void snapshotsAreTakenEverySoManyUpdatesAndAtTheEndWithGrowingVersions() throws Exception {
    try (TrainHarness harness = open()) {
      harness.take(LINE, ROWS).finish();

      PlainRun plain = new PlainRun(SPEC, 10).take(ROWS).finish();
      List<TakenSnapshot> taken = harness.snapshots();
      assertThat(taken).extracting(TakenSnapshot::model).containsOnly(LINE);
      assertThat(taken)
          .extracting(t -> t.snapshot().version())
          .containsExactlyElementsOf(
              plain.snapshots().stream().map(ModelSnapshot::version).toList());
      assertThat(taken)
          .extracting(t -> t.snapshot().parameters())
          .containsExactlyElementsOf(
              plain.snapshots().stream().map(ModelSnapshot::parameters).toList());
      assertThat(taken.get(0).snapshot().update()).isEqualTo(10);
      assertThat(taken).hasSize((int) plain.state().updates() / 10 + 1);
    }
  }

  @Test
  void scoresAreReportedForEveryTaskEverySoManyUpdates() throws Exception {
    try (TrainHarness harness = open()) {
      harness.take(LINE, ROWS);

      List<TaskMetrics> metrics = harness.metrics();
      long updates = new PlainRun(SPEC, 10).take(ROWS).state().updates();
      assertThat(metrics).hasSize((int) (updates / 4) * SPEC.tasks().size());
      assertThat(metrics.subList(0, 3))
          .extracting(TaskMetrics::task)
          .containsExactly("wear", "leak", "grade");
      assertThat(metrics.get(0).update()).isEqualTo(4);
      assertThat(metrics.get(metrics.size() - 1).labels()).isGreaterThan(90);
    }
  }

  @Test
  void driftAlarmsComeOutWithTheirModel() throws Exception {
    List<Row> rows = TestModels.rows(7, 1500);
    try (TrainHarness harness = open()) {
      harness.take(LINE, rows);

      assertThat(harness.alarms())
          .hasSize(new PlainRun(SPEC, 10).take(rows).alarms())
          .isNotEmpty()
          .allSatisfy(alarm -> assertThat(alarm.model()).isEqualTo(LINE));
    }
  }

  @Test
  void aModelFedFromTwoPartitionsIsCountedOnce() throws Exception {
    try (SharedMetrics.Lease lease = SharedMetrics.lease(TrainHarness.METRICS);
        TrainHarness harness = open()) {
      harness.take("pure", 3, ROWS.subList(0, 20));
      assertThat(lease.registry().get("samgs.scattered.models").counter().count()).isZero();

      harness.take("mixed", 0, ROWS.subList(0, 10));
      harness.take("mixed", 1, ROWS.subList(10, 20));
      harness.take("mixed", 0, ROWS.subList(20, 30));
      assertThat(lease.registry().get("samgs.scattered.models").counter().count()).isEqualTo(1);
    }
  }

  @Test
  void seriesOfAModelLiveAsLongAsItsSubtask() throws Exception {
    try (SharedMetrics.Lease lease = SharedMetrics.lease(TrainHarness.METRICS)) {
      try (TrainHarness harness = open()) {
        harness.take(LINE, ROWS);
        assertThat(lease.registry().get("samgs.mini.batches").tag("model", LINE).counter().count())
            .isEqualTo((double) new PlainRun(SPEC, 10).take(ROWS).state().updates() / PASSES);
      }
      assertThat(lease.registry().find("samgs.mini.batches").counters()).isEmpty();
    }
  }

  private static ModelSpec with(LearningSpec learning, NetworkSpec network) {
    return new ModelSpec(
        SPEC.features(), SPEC.tasks(), network, learning, SPEC.surgery(), SPEC.drift());
  }

  private static OperatorSubtaskState savedAfter(int rows) throws Exception {
    try (TrainHarness first = open()) {
      return first.take(LINE, ROWS.subList(0, rows)).snapshot();
    }
  }

  @Test
  void aRestoredModelTakesOnANewLearningRateAndALargerReplay() throws Exception {
    LearningSpec faster =
        new LearningSpec(
            MINI_BATCH,
            PASSES,
            6,
            64,
            OptimizerKind.ADAM,
            5e-2,
            0.9,
            0.999,
            1e-8,
            500,
            0,
            5,
            true,
            3);
    OperatorSubtaskState saved = savedAfter(100);
    byte[] unchanged;
    try (TrainHarness harness =
        TrainHarness.open(TrainHarness.settings(SPEC), new HashMapStateBackend(), saved)) {
      unchanged = harness.take(LINE, ROWS.subList(100, 200)).learner(LINE);
    }
    try (TrainHarness harness =
        TrainHarness.open(
            TrainHarness.settings(with(faster, SPEC.network())),
            new HashMapStateBackend(),
            saved)) {
      assertThat(harness.take(LINE, ROWS.subList(100, 200)).learner(LINE))
          .hasSameSizeAs(unchanged)
          .isNotEqualTo(unchanged);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void stateOfAnotherModelIsRefusedWithASentenceAndNotRetried(StateBackend backend)
      throws Exception {
    TrainSettings settings = TrainHarness.settings(SPEC);
    OperatorSubtaskState saved;
    try (TrainHarness first = TrainHarness.open(settings, backend, null)) {
      saved = first.take(LINE, ROWS.subList(0, 50)).snapshot();
    }
    ModelSpec wider =
        with(
            SPEC.learning(),
            new NetworkSpec(List.of(9, 4), SPEC.network().activation(), List.of(), true));

    assertThatThrownBy(() -> TrainHarness.open(TrainHarness.settings(wider), backend, saved))
        .satisfies(
            e ->
                assertThat(
                        ThrowableClassifier.findThrowableOfThrowableType(
                            e, ThrowableType.NonRecoverableError))
                    .isPresent())
        .rootCause()
        .isInstanceOf(StateFormatException.class)
        .hasMessageStartingWith("the savepoint is of another model: it has features=")
        .hasMessageContaining("trunk=[8, 4]")
        .hasMessageContaining("trunk=[9, 4]")
        .hasMessageEndingWith(
            "start without the savepoint: with snapshots.start-from models keep what both have");
  }

  @Test
  void aFreshModelBeginsAboveAllThatTheTopicHolds() throws Exception {
    VersionFloor floor = VersionFloor.above(Map.of("a", 2L << 32 | 17, LINE, 1L << 32 | 9), false);
    try (TrainHarness harness =
        TrainHarness.open(TrainHarness.settings(SPEC, floor), new HashMapStateBackend(), null)) {
      harness.take(LINE, ROWS);
      assertThat(harness.snapshots().get(0).snapshot().version()).isEqualTo(3L << 32 | 1);
    }
  }

  @Test
  void aModelThatTheTopicIsAheadOfIsRefused() throws Exception {
    OperatorSubtaskState saved = savedAfter(200);
    long version = new PlainRun(SPEC, 10).take(ROWS).state().version();
    VersionFloor same = VersionFloor.above(Map.of(LINE, version), false);
    VersionFloor ahead = VersionFloor.above(Map.of(LINE, version + 1), false);

    try (TrainHarness harness =
        TrainHarness.open(TrainHarness.settings(SPEC, same), new HashMapStateBackend(), saved)) {
      harness.take(LINE, ROWS);
      assertThat(harness.snapshots().get(0).snapshot().version()).isEqualTo(version + 1);
    }
    try (TrainHarness harness =
        TrainHarness.open(TrainHarness.settings(SPEC, ahead), new HashMapStateBackend(), saved)) {
      assertThatThrownBy(() -> harness.take(LINE, ROWS))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessage(
              "the restored state of model 'line-1' is at version "
                  + version
                  + ", but version "
                  + (version + 1)
                  + " is already published; restore the newest savepoint or checkpoint, or set"
                  + " snapshots.new-incarnation: true to go on from this one above it");
      assertThat(harness.snapshots()).isEmpty();
    }
  }

  @Test
  void aNewIncarnationGoesOnAboveTheTopicWithTheSameParameters() throws Exception {
    OperatorSubtaskState saved = savedAfter(100);
    VersionFloor floor = VersionFloor.above(Map.of(LINE, 500L), true);
    try (TrainHarness harness =
        TrainHarness.open(TrainHarness.settings(SPEC, floor), new HashMapStateBackend(), saved)) {
      harness.take(LINE, ROWS.subList(100, 200)).finish();

      PlainRun plain = new PlainRun(SPEC, 10).take(ROWS).finish();
      List<TakenSnapshot> taken = harness.snapshots();
      assertThat(taken.get(0).snapshot().version()).isEqualTo(1L << 32 | 1);
      assertThat(taken.get(taken.size() - 1).snapshot().parameters())
          .isEqualTo(plain.state().parameters());
      // The next failure restores a checkpoint of this run, under the same floor.
      OperatorSubtaskState checkpoint = harness.snapshot();
      try (TrainHarness restarted =
          TrainHarness.open(
              TrainHarness.settings(SPEC, floor), new HashMapStateBackend(), checkpoint)) {
        restarted.take(LINE, ROWS);
        assertThat(restarted.snapshots().get(0).snapshot().version())
            .isEqualTo((1L << 32 | 1) + taken.size());
      }
    }
  }

  private static ControlCommand command(ControlCommand.Action action, long... version) {
    return new ControlCommand(
        LINE,
        action,
        version.length == 0 ? OptionalLong.empty() : OptionalLong.of(version[0]),
        "anna",
        "");
  }

  private static Verdict verdict(TakenSnapshot taken) {
    return taken.snapshot().lineage().verdict();
  }

  @Test
  void theOffsetsOfASnapshotSayHowFarThePartitionWasLearned() throws Exception {
    try (TrainHarness harness = open()) {
      harness.take(LINE, 3, ROWS.subList(0, 60));

      Lineage first = harness.snapshots().get(0).snapshot().lineage();
      assertThat(first.topic()).isEqualTo("events");
      assertThat(first.offsets()).containsOnlyKeys(3);
      long learned = harness.snapshots().get(0).snapshot().rows();
      assertThat(first.offsets().get(3)).isEqualTo(learned);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aRollbackThatIsAskedForBringsTheParentBackAlsoAfterARestore(StateBackend backend)
      throws Exception {
    TrainSettings settings = TrainHarness.settings(SPEC);
    OperatorSubtaskState saved;
    List<TakenSnapshot> before;
    try (TrainHarness first = TrainHarness.open(settings, backend, null)) {
      saved = first.take(LINE, ROWS).snapshot();
      before = first.snapshots().stream().filter(t -> verdict(t).published()).toList();
    }
    TakenSnapshot newest = before.get(before.size() - 1);
    TakenSnapshot parent = before.get(before.size() - 2);
    try (TrainHarness second = TrainHarness.open(settings, backend, saved)) {
      second.command(command(ControlCommand.Action.ROLLBACK), null);

      TakenSnapshot back = second.snapshots().get(0);
      assertThat(verdict(back)).isEqualTo(Verdict.ROLLBACK);
      assertThat(back.reason()).isEqualTo("rollback asked for by anna");
      assertThat(back.snapshot().version()).isEqualTo(newest.snapshot().version() + 1);
      assertThat(back.snapshot().lineage().parent()).isEqualTo(parent.snapshot().version());
      assertThat(back.snapshot().parameters()).isEqualTo(parent.snapshot().parameters());

      second.command(command(ControlCommand.Action.PIN), null).take(LINE, ROWS);
      assertThat(second.snapshots().stream().skip(1))
          .isNotEmpty()
          .allMatch(t -> verdict(t) == Verdict.HELD_BY_PIN);
      assertThat(second.metrics()).anyMatch(m -> m.gate().pinned());
      second.command(command(ControlCommand.Action.PROMOTE), null);
      List<TakenSnapshot> all = second.snapshots();
      assertThat(verdict(all.get(all.size() - 1))).isEqualTo(Verdict.PROMOTED);
    }
  }

  @Test
  void aVersionFromTheStoreIsPinnedUnderANewOne() throws Exception {
    ModelSnapshot stored = new PlainRun(SPEC, 10).take(ROWS).snapshots().get(0);
    try (TrainHarness harness = open()) {
      harness.take(LINE, ROWS);
      int before = harness.snapshots().size();

      harness.command(command(ControlCommand.Action.PIN, stored.version()), stored);

      ModelSnapshot pinned = harness.snapshots().get(before).snapshot();
      assertThat(pinned.lineage().verdict()).isEqualTo(Verdict.PINNED);
      assertThat(pinned.lineage().parent()).isEqualTo(stored.version());
      assertThat(pinned.parameters()).isEqualTo(stored.parameters());
      assertThat(pinned.featureMeans()).isEqualTo(stored.featureMeans());
    }
  }

  @Test
  void aCommandThatCannotBeDoneIsCountedAndChangesNothing() throws Exception {
    try (SharedMetrics.Lease lease = SharedMetrics.lease(TrainHarness.METRICS);
        TrainHarness harness = open()) {
      harness.command(command(ControlCommand.Action.ROLLBACK), null).take(LINE, ROWS);
      byte[] learner = harness.learner(LINE);
      int before = harness.snapshots().size();

      harness.command(command(ControlCommand.Action.PIN, 12345), null);

      assertThat(harness.snapshots()).hasSize(before);
      assertThat(harness.learner(LINE)).isEqualTo(learner);
      assertThat(lease.registry().get("samgs.commands.refused").counter().count()).isEqualTo(2);
      assertThat(lease.registry().get("samgs.commands").counter().count()).isZero();
    }
  }

  @Test
  void aModelBeginsWithTheSnapshotThatItShallStartFrom(@TempDir Path directory) throws Exception {
    ModelSnapshot old = new PlainRun(SPEC, 10).take(ROWS).finish().snapshots().get(0);
    Path file = directory.resolve("old.onnx");
    Files.write(file, OnnxEncoder.encode("elsewhere", old));
    TrainSettings plain = TrainHarness.settings(SPEC);
    TrainSettings warm =
        new TrainSettings(
            SPEC,
            plain.publishing(),
            plain.topic(),
            file.toUri().toString(),
            plain.metrics(),
            plain.floor());
    PlainRun expected = new PlainRun(SPEC, 10);
    expected.state().bringBack(WarmStart.of(OnnxDecoder.decode(Files.readAllBytes(file)), SPEC));
    try (TrainHarness harness = TrainHarness.open(warm, new HashMapStateBackend(), null)) {
      harness.take(LINE, ROWS);
      assertThat(harness.learner(LINE)).isEqualTo(expected.take(ROWS).bytes());
    }
    Files.write(file, new byte[] {1, 2, 3});
    try (TrainHarness harness = TrainHarness.open(warm, new HashMapStateBackend(), null)) {
      assertThatThrownBy(() -> harness.take(LINE, ROWS))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .hasMessageContaining("model 'line-1' cannot start from file:");
    }
  }

  @Test
  void aRetiredModelLeavesNothingAndBeginsAgainAboveItself() throws Exception {
    List<Row> rows = TestModels.rows(3, 64);
    OperatorSubtaskState saved;
    try (TrainHarness harness =
        TrainHarness.open(TrainHarness.settings(SPEC), new HashMapStateBackend(), null)) {
      harness.take("line-1", rows).take("line-2", rows);
      byte[] other = harness.learner("line-2");
      TakenSnapshot last = harness.snapshots().get(harness.snapshots().size() / 2 - 1);
      assertThat(last.model()).isEqualTo("line-1");
      harness.command(retire("line-1"), null).command(retire("nobody"), null);

      TakenSnapshot removal = harness.snapshots().get(harness.snapshots().size() - 1);
      assertThat(removal).isEqualTo(TakenSnapshot.removal("line-1", last.snapshot().version()));
      assertThat(harness.learner("line-1")).isNull();
      assertThat(harness.learner("line-2")).isEqualTo(other);
      saved = harness.snapshot();
    }
    try (TrainHarness harness =
        TrainHarness.open(TrainHarness.settings(SPEC), new HashMapStateBackend(), saved)) {
      harness.take("line-1", rows).finish();

      PlainRun anew = new PlainRun(SPEC, 10, new LearnerState(SPEC, 1), Map.of(), List.of());
      anew.take(rows).finish();
      assertThat(harness.learner("line-1")).isEqualTo(anew.bytes());
      assertThat(harness.snapshots())
          .filteredOn(taken -> taken.model().equals("line-1"))
          .extracting(taken -> taken.snapshot().version() >>> 32)
          .isNotEmpty()
          .containsOnly(1L);
    }
  }

  private static ControlCommand retire(String model) {
    return new ControlCommand(
        model, ControlCommand.Action.RETIRE, OptionalLong.empty(), "a person", "");
  }
}
