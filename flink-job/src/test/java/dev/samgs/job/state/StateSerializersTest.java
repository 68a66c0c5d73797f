package dev.samgs.job.state;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.job.PlainRun;
import dev.samgs.job.TestModels;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.Row;
import dev.samgs.state.StateFormatException;
import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;

class StateSerializersTest {
  private static final LearnerStateSerializer LEARNERS =
      new LearnerStateSerializer(SPEC.structure());

  private static LearnerState trained() {
    return new PlainRun(SPEC, 10).take(TestModels.rows(5, 120)).state();
  }

  private static <T> byte[] write(TypeSerializer<T> serializer, T value) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(value, out);
    return out.getCopyOfBuffer();
  }

  private static <T> T read(TypeSerializer<T> serializer, byte[] bytes) throws IOException {
    return serializer.deserialize(new DataInputDeserializer(bytes));
  }

  /** The serializer that a savepoint of this one would be read with. */
  private static <T> TypeSerializerSnapshot<T> throughSavepoint(TypeSerializer<T> serializer)
      throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    return TypeSerializerSnapshot.readVersionedSnapshot(
        new DataInputDeserializer(out.getCopyOfBuffer()),
        StateSerializersTest.class.getClassLoader());
  }

  @Test
  void aLearnerReadBackIsEqualBitForBit() throws IOException {
    LearnerState state = trained();

    StoredLearner back =
        read(
            throughSavepoint(LEARNERS).restoreSerializer(),
            write(LEARNERS, StoredLearner.of(state)));

    assertThat(PlainRun.bytes(back.live(SPEC))).isEqualTo(PlainRun.bytes(state));
    assertThat(back.live(SPEC)).isSameAs(back.live(SPEC));
  }

  @Test
  void aCopyDoesNotFollowTheOriginal() throws IOException {
    LearnerState state = trained();
    byte[] before = PlainRun.bytes(state);

    StoredLearner copy = LEARNERS.copy(StoredLearner.of(state));
    state.parameters()[0] += 1;
    state.nextVersion();

    assertThat(LEARNERS.isImmutableType()).isFalse();
    assertThat(PlainRun.bytes(copy.live(SPEC))).isEqualTo(before);
  }

  @Test
  void aLearnerIsCopiedBetweenStreamsWithoutBeingRead() throws IOException {
    byte[] bytes = write(LEARNERS, StoredLearner.of(trained()));
    DataOutputSerializer out = new DataOutputSerializer(64);

    LEARNERS.copy(new DataInputDeserializer(bytes), out);

    assertThat(out.getCopyOfBuffer()).isEqualTo(bytes);
  }

  @Test
  void aSavepointOfAnotherStructureIsRefusedWithASentence() throws IOException {
    TypeSerializerSnapshot<StoredLearner> saved =
        throughSavepoint(new LearnerStateSerializer("features=a tasks=b"));

    assertThat(
            LEARNERS
                .snapshotConfiguration()
                .resolveSchemaCompatibility(throughSavepoint(LEARNERS))
                .isCompatibleAsIs())
        .isTrue();
    assertThatThrownBy(() -> LEARNERS.snapshotConfiguration().resolveSchemaCompatibility(saved))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(StateFormatException.class)
        .hasMessageStartingWith(
            "the savepoint is of another model: it has features=a tasks=b, the configuration"
                + " features=temperature,vibration,pressure");
  }

  @Test
  void aSavepointOfANewerFormatIsRefusedWithASentence() {
    LearnerStateSerializer.Snapshot snapshot = new LearnerStateSerializer.Snapshot();

    assertThatThrownBy(
            () ->
                snapshot.readSnapshot(
                    2, new DataInputDeserializer(new byte[4]), getClass().getClassLoader()))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .hasMessage(
            "the savepoint holds learners in format 2, and this version reads format 1; run the"
                + " version that wrote it, or a newer one");
  }

  @Test
  void rowsKeepEveryBit() throws IOException {
    double oddNan = Double.longBitsToDouble(0x7ff8dead0000beefL);
    Row row = new Row(-5, new double[] {1e300, -0.0, oddNan}, new double[] {Double.NaN, 4});
    TypeSerializer<Row> restored = throughSavepoint(new RowSerializer()).restoreSerializer();

    Row back = read(restored, write(new RowSerializer(), row));

    assertThat(back.timestamp()).isEqualTo(-5);
    assertThat(bits(back.features())).isEqualTo(bits(row.features()));
    assertThat(bits(back.labels())).isEqualTo(bits(row.labels()));
  }

  private static long[] bits(double[] values) {
    return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
  }

  @Test
  void whatIsKnownOfAnOpenMiniBatchKeepsItsComponents() throws IOException {
    Pending pending = Pending.first(3).with(17, true, 3).with(5, false, 4);
    TypeSerializer<Pending> restored =
        throughSavepoint(new PendingSerializer()).restoreSerializer();

    assertThat(read(restored, write(new PendingSerializer(), pending)))
        .isEqualTo(new Pending(2, 1, 17, 3, true));
    assertThat(pending.emptied()).isEqualTo(new Pending(0, 0, Long.MIN_VALUE, 3, true));
  }

  @Test
  void theSizeOfAModelsStateIsThatOfItsLearnerAndItsRows() throws IOException {
    StateSize size = StateSize.of(SPEC);

    assertThat(size.learner()).isEqualTo(PlainRun.bytes(new LearnerState(SPEC, 0)).length);
    int row = write(new RowSerializer(), TestModels.rows(1, 1).get(0)).length;
    assertThat(size.rows())
        .isEqualTo((long) row * (SPEC.learning().replayCapacity() + SPEC.learning().miniBatch()));
    assertThat(size.bytes()).isEqualTo(size.learner() + size.rows());
  }
}
