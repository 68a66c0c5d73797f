package dev.samgs.deploy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at published models, and tells the job which to publish. */
@Command(
    name = "snapshot",
    synopsisSubcommandLabel = "COMMAND",
    description = "Looks at the published models, and tells the job which of them to publish.",
    commandListHeading = "%nCommands:%n")
final class SnapshotCommand implements Runnable {
  @Spec private CommandSpec command;

  @Override
  public void run() {
    throw new ParameterException(
        command.commandLine(),
        "name a command: " + String.join(", ", command.subcommands().keySet()));
  }
}
