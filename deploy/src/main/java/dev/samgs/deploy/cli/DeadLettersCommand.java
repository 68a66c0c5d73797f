package dev.samgs.deploy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at what was refused, and sends it again. */
@Command(
    name = "dead-letters",
    synopsisSubcommandLabel = "COMMAND",
    description = "Looks at records that the job refused, and sends them again.",
    commandListHeading = "%nCommands:%n")
final class DeadLettersCommand implements Runnable {
  @Spec private CommandSpec command;

  @Override
  public void run() {
    throw new ParameterException(
        command.commandLine(),
        "name a command: " + String.join(", ", command.subcommands().keySet()));
  }
}
