package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ValueSerializer;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.OptionalLong;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Serializer of commands between two operators of one job. Never part of state. */
final class ResolvedCommandSerializer extends ValueSerializer<ResolvedCommand> {
  private static final long serialVersionUID = 1L;

  @Override
  public void serialize(ResolvedCommand resolved, DataOutputView target) throws IOException {
    StateWriter out = new StateWriter(target);
    ControlCommand command = resolved.command();
    out.writeString(command.model());
    out.writeString(command.action().code());
    out.writeBoolean(command.version().isPresent());
    out.writeLong(command.version().orElse(0));
    out.writeString(command.by());
    out.writeString(command.reason());
    out.writeString(resolved.why());
    out.writeBytes(
        resolved.stored() == null
            ? new byte[0]
            : OnnxEncoder.encode(command.model(), resolved.stored()));
  }

  @Override
  public ResolvedCommand deserialize(DataInputView source) throws IOException {
    StateReader in = new StateReader(source);
    String model = in.readString();
    ControlCommand.Action action = ControlCommand.action(in.readString());
    boolean versioned = in.readBoolean();
    long version = in.readLong();
    ControlCommand command =
        new ControlCommand(
            model,
            action,
            versioned ? OptionalLong.of(version) : OptionalLong.empty(),
            in.readString(),
            in.readString());
    String why = in.readString();
    byte[] onnx = in.readBytes();
    return new ResolvedCommand(command, onnx.length == 0 ? null : OnnxDecoder.decode(onnx), why);
  }

  @Override
  public TypeSerializerSnapshot<ResolvedCommand> snapshotConfiguration() {
    throw new UnsupportedOperationException("commands on their way are never part of state");
  }
}
