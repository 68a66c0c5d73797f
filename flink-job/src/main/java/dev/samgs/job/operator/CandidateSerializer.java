package dev.samgs.job.operator;

import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.flink.ConnectorTypes;
import dev.samgs.connectors.flink.ValueSerializer;
import java.io.IOException;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializer of candidates: row, event id and record, the last two after a flag each. */
final class CandidateSerializer extends ValueSerializer<Candidate> {
  private static final long serialVersionUID = 1L;

  private final TrainingRowSerializer rows = new TrainingRowSerializer();
  private final TypeSerializer<SourceRecord> records =
      ConnectorTypes.SOURCE_RECORD.createSerializer(new SerializerConfigImpl());

  @Override
  public void serialize(Candidate candidate, DataOutputView out) throws IOException {
    rows.serialize(candidate.row(), out);
    out.writeBoolean(candidate.eventId() != null);
    if (candidate.eventId() != null) {
      out.writeUTF(candidate.eventId());
    }
    out.writeBoolean(candidate.record() != null);
    if (candidate.record() != null) {
      records.serialize(candidate.record(), out);
    }
  }

  @Override
  public Candidate deserialize(DataInputView in) throws IOException {
    TrainingRow row = rows.deserialize(in);
    String eventId = in.readBoolean() ? in.readUTF() : null;
    return new Candidate(row, eventId, in.readBoolean() ? records.deserialize(in) : null);
  }

  @Override
  public TypeSerializerSnapshot<Candidate> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Candidate> {
    public Snapshot() {
      super(CandidateSerializer::new);
    }
  }
}
