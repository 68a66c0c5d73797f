package dev.samgs.connectors.flink;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.Refusal;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

final class DeadLetterSerializer extends ValueSerializer<DeadLetter> {
  private static final SourceRecordSerializer RECORD = new SourceRecordSerializer();
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(DeadLetter letter, DataOutputView out) throws IOException {
    RECORD.serialize(letter.record(), out);
    out.writeBoolean(letter.partly());
    out.writeInt(letter.refusals().size());
    for (Refusal refusal : letter.refusals()) {
      Wire.writeString(refusal.reason().name(), out);
      Wire.writeString(refusal.field(), out);
      Wire.writeString(refusal.sentence(), out);
    }
  }

  @Override
  public DeadLetter deserialize(DataInputView in) throws IOException {
    SourceRecord record = RECORD.deserialize(in);
    boolean partly = in.readBoolean();
    int count = in.readInt();
    List<Refusal> refusals = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      refusals.add(
          new Refusal(
              RefusalReason.valueOf(Wire.readString(in)),
              Wire.readString(in),
              Wire.readString(in)));
    }
    return new DeadLetter(record, refusals, partly);
  }

  @Override
  public TypeSerializerSnapshot<DeadLetter> snapshotConfiguration() {
    return new Snapshot();
  }

  /** What a savepoint notes about this serializer. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<DeadLetter> {
    public Snapshot() {
      super(DeadLetterSerializer::new);
    }
  }
}
