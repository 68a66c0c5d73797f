package dev.samgs.deploy.cli;

import dev.samgs.connectors.csv.CsvFileException;
import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.deploy.demo.DemoException;
import dev.samgs.deploy.embedded.TemporaryDirectory;
import dev.samgs.deploy.evaluate.LabelDelay;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.job.config.ConfigurationException;
import dev.samgs.snapshot.SnapshotFormatException;
import dev.samgs.spec.TaskKind;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The samgs command. Exits 0 when all went well, 1 on failure, 2 on bad usage. */
@Command(
    name = "samgs",
    synopsisSubcommandLabel = "COMMAND",
    description = "Trains multi-task networks continuously on labelled event streams, with SAM-GS.",
    commandListHeading = "%nCommands:%n",
    footer = {"", "samgs COMMAND --help describes a command."})
public final class Samgs implements Runnable {
  private static final int FAILURE = 1;
  private static final int BAD_USAGE = 2;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Describe the command and exit.")
  private boolean help;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show warnings and the stack trace of a failure.")
  private boolean debug;

  private Samgs() {}

  /** Runs the command and exits. */
  public static void main(String[] args) {
    String temporary = System.getProperty("samgs.tmpdir");
    if (temporary != null) {
      // Not all libraries remove what they unpack; this goes when the process ends.
      TemporaryDirectory.adopt(Path.of(temporary));
    }
    PrintStream out = utf8(FileDescriptor.out);
    PrintStream err = utf8(FileDescriptor.err);
    // Whatever a library prints must not end up between what the command prints.
    System.setOut(err);
    System.setErr(err);
    System.exit(run(Terminal.standard(out, "out"), Terminal.standard(err, "err"), args));
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(descriptor)), true, StandardCharsets.UTF_8);
  }

  /**
   * Runs the command.
   *
   * @return the exit code
   */
  static int run(Terminal out, Terminal err, String... args) {
    Samgs samgs = new Samgs();
    CommandLine commandLine =
        new CommandLine(samgs)
            .addSubcommand(
                new CommandLine(new BenchCommand())
                    .addSubcommand(new BenchPipelineCommand(out, err))
                    .addSubcommand(new BenchDriftCommand(out, err))
                    .addSubcommand(new BenchReactionsCommand(out, err)))
            .addSubcommand(new ChaosCommand(out, err))
            .addSubcommand(
                new CommandLine(new DeadLettersCommand())
                    .addSubcommand(new DeadLettersListCommand(out))
                    .addSubcommand(new DeadLettersReplayCommand(out, err)))
            .addSubcommand(new ConsoleCommand(err))
            .addSubcommand(new DemoCommand(out, err))
            .addSubcommand(new DoctorCommand(out))
            .addSubcommand(new EvaluateCommand(out, err))
            .addSubcommand(new InitCommand(out, err))
            .addSubcommand(
                new CommandLine(new ModelCommand())
                    .addSubcommand(new ModelListCommand(out))
                    .addSubcommand(controlCommand(ControlCommand.Action.RETIRE, out)))
            .addSubcommand(
                new CommandLine(new PredictCommand())
                    .addSubcommand(new PredictServeCommand(err))
                    .addSubcommand(new PredictStreamCommand(out, err)))
            .addSubcommand(new ReplayCommand(out, err))
            .addSubcommand(new SimulateCommand(err))
            .addSubcommand(snapshotCommand(out, err))
            .addSubcommand(new TrainCommand(out, err))
            .addSubcommand(new ToyCommand(out));
    commandLine
        .registerConverter(TaskKind.class, new TaskKindConverter())
        .registerConverter(Duration.class, new DurationConverter())
        .registerConverter(LabelDelay.class, new LabelDelayConverter())
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUnmatchedOptionsAllowedAsOptionParameters(false)
        .setOut(out.writer())
        .setErr(err.writer())
        .setParameterExceptionHandler((e, words) -> refuse(err, e))
        .setExecutionExceptionHandler((e, command, result) -> samgs.fail(err, e, result));
    return commandLine.execute(args);
  }

  private static CommandLine snapshotCommand(Terminal out, Terminal err) {
    CommandLine snapshot =
        new CommandLine(new SnapshotCommand())
            .addSubcommand(new SnapshotListCommand(out, err))
            .addSubcommand(new SnapshotShowCommand(out))
            .addSubcommand(new SnapshotExportCommand(out))
            .addSubcommand(new SnapshotDiffCommand(out))
            .addSubcommand(new SnapshotVerifyCommand(out));
    for (ControlCommand.Action action : ControlCommand.Action.values()) {
      if (action != ControlCommand.Action.RETIRE) {
        snapshot.addSubcommand(controlCommand(action, out));
      }
    }
    return snapshot;
  }

  private static CommandLine controlCommand(ControlCommand.Action action, Terminal out) {
    SnapshotControlCommand control = new SnapshotControlCommand(action, out);
    CommandLine command = new CommandLine(control).setCommandName(action.code());
    command.getCommandSpec().usageMessage().description(control.description());
    return command;
  }

  /** Whether all is to be told that might help to find a fault. */
  boolean debug() {
    return debug;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }

  private static int refuse(Terminal err, ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    err.print(command + ": " + oneLine(e.getMessage()) + " (see " + command + " --help)");
    return BAD_USAGE;
  }

  private int fail(Terminal err, Exception e, ParseResult result) {
    ParseResult named = result;
    while (named.hasSubcommand()) {
      named = named.subcommand();
    }
    String command = named.commandSpec().qualifiedName();
    if (e instanceof ConfigurationException configuration) {
      configuration.problems().forEach(problem -> err.print(command + ": " + problem));
    } else {
      err.print(command + ": " + explanation(e));
    }
    if (debug) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      err.print(trace.toString());
    }
    return FAILURE;
  }

  /** Our own exceptions are sentences for people; others say at least what they are. */
  private static String explanation(Exception e) {
    if (e instanceof CommandFailure
        || e instanceof DemoException
        || e instanceof CsvFileException
        || e instanceof KafkaAccessException
        || e instanceof SnapshotFormatException) {
      return oneLine(e.getMessage());
    }
    if (e instanceof NoSuchFileException missing) {
      return "there is no file " + missing.getFile();
    }
    Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    return oneLine(cause.toString()) + " (--debug shows where)";
  }

  private static String oneLine(String text) {
    return String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
