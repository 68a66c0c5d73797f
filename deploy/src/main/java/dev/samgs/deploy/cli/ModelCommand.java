package dev.samgs.deploy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at the models of a job, and retires them. */
@Command(
    name = "model",
    synopsisSubcommandLabel = "COMMAND",
    description = "Looks at the models that are published, and tells the job to retire one.",
    commandListHeading = "%nCommands:%n")
final class ModelCommand implements Runnable {
  @Spec private CommandSpec command;

  @Override
  public void run() {
    throw new ParameterException(
        command.commandLine(),
        "name a command: " + String.join(", ", command.subcommands().keySet()));
  }
}
