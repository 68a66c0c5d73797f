package dev.samgs.deploy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Measures on the machine at hand; a subcommand says what. */
@Command(
    name = "bench",
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures on this machine what the documentation claims.",
    commandListHeading = "%nCommands:%n")
final class BenchCommand implements Runnable {
  @ParentCommand private Samgs samgs;

  @Spec private CommandSpec spec;

  /** Whether all is to be told that might help to find a fault. */
  boolean debug() {
    return samgs.debug();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name what to measure");
  }
}
