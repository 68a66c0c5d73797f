package dev.samgs.job.operator;

import dev.samgs.connectors.flink.ValueType;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.snapshot.ModelSnapshot;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A command with the version that it means.
 *
 * @param stored that version, from the store; null if the command names none, or it is not there
 * @param why why it is not there; empty otherwise
 */
public record ResolvedCommand(ControlCommand command, ModelSnapshot stored, String why) {
  /** Type information for streams of commands. */
  public static final TypeInformation<ResolvedCommand> TYPE =
      new ValueType<>(ResolvedCommand.class, new ResolvedCommandSerializer());

  /** Whether the model is to be retired. */
  public boolean retires() {
    return command.action() == ControlCommand.Action.RETIRE;
  }
}
