package dev.samgs.connectors.flink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.Refusal;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.report.TaskMetricsTest;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.learn.Row;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectorTypesTest {
  private static final SourceRecord RECORD =
      new SourceRecord("events", 3, 1L << 40, 1_700_000_000_000L, new byte[] {1}, new byte[9]);

  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of(ConnectorTypes.SOURCE_RECORD, RECORD),
        Arguments.of(
            ConnectorTypes.SOURCE_RECORD, new SourceRecord("events", 0, 0, -1, null, null)),
        Arguments.of(
            ConnectorTypes.LABELLED_EVENT,
            new LabelledEvent(
                "line-1",
                "m7",
                "Prüfling 3",
                new Row(5, new double[] {0.1, Double.NaN, -0.0}, new double[] {Double.NaN, 2}))),
        Arguments.of(
            ConnectorTypes.LABELLED_EVENT,
            new LabelledEvent("line-1", null, null, new Row(5, new double[1], new double[0]))),
        Arguments.of(
            ConnectorTypes.DEAD_LETTER,
            new DeadLetter(
                RECORD,
                List.of(
                    new Refusal(RefusalReason.BAD_LABEL, "labels.x", "is 7"),
                    new Refusal(RefusalReason.UNKNOWN_TASK, "labels.y", "is unknown")),
                true)),
        Arguments.of(
            ConnectorTypes.SNAPSHOT_RECORD,
            new SnapshotRecord("line-1", 1L << 33, new byte[100_000], Map.of("b", "2", "a", "ä"))),
        Arguments.of(ConnectorTypes.TASK_METRICS, TaskMetricsTest.METRICS),
        Arguments.of(ConnectorTypes.DRIFT_ALARM_RECORD, TaskMetricsTest.ALARM));
  }

  @ParameterizedTest
  @MethodSource("values")
  <T> void whatIsWrittenIsReadBack(TypeInformation<T> type, T value) throws IOException {
    TypeSerializer<T> serializer = type.createSerializer(new SerializerConfigImpl());
    DataInputDeserializer in = new DataInputDeserializer(written(serializer, value));
    assertThat(serializer.deserialize(in))
        .isInstanceOf(type.getTypeClass())
        .usingRecursiveComparison()
        .withEqualsForType((a, b) -> a.equals(b), Double.class)
        .isEqualTo(value);
    assertThat(in.available()).isZero();
  }

  @ParameterizedTest
  @MethodSource("values")
  <T> void aCopyIsEqual(TypeInformation<T> type, T value) throws IOException {
    TypeSerializer<T> serializer = type.createSerializer(new SerializerConfigImpl());
    byte[] bytes = written(serializer, value);
    DataOutputSerializer copied = new DataOutputSerializer(16);
    serializer.copy(new DataInputDeserializer(bytes), copied);
    assertThat(copied.getCopyOfBuffer()).isEqualTo(bytes);
    assertThat(serializer.copy(value)).isSameAs(value);
  }

  @ParameterizedTest
  @MethodSource("values")
  <T> void aSavepointFindsTheSerializerAgain(TypeInformation<T> type, T value) throws IOException {
    TypeSerializer<T> serializer = type.createSerializer(new SerializerConfigImpl());
    DataOutputSerializer out = new DataOutputSerializer(16);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    TypeSerializerSnapshot<T> saved =
        TypeSerializerSnapshot.readVersionedSnapshot(
            new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());
    assertThat(
            serializer.snapshotConfiguration().resolveSchemaCompatibility(saved).isCompatibleAsIs())
        .isTrue();
    assertThat(
            saved
                .restoreSerializer()
                .deserialize(new DataInputDeserializer(written(serializer, value))))
        .usingRecursiveComparison()
        .withEqualsForType((a, b) -> a.equals(b), Double.class)
        .isEqualTo(value);
  }

  private static <T> byte[] written(TypeSerializer<T> serializer, T value) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(16);
    serializer.serialize(value, out);
    return out.getCopyOfBuffer();
  }
}
