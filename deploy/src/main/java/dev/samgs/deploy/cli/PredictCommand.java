package dev.samgs.deploy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Predicts with the published models. */
@Command(
    name = "predict",
    synopsisSubcommandLabel = "COMMAND",
    description = "Predicts with the newest published models, over HTTP or from topic to topic.",
    commandListHeading = "%nCommands:%n")
final class PredictCommand implements Runnable {
  @Spec private CommandSpec command;

  @Override
  public void run() {
    throw new ParameterException(command.commandLine(), "name a command: serve or stream");
  }
}
