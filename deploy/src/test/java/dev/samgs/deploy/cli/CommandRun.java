package dev.samgs.deploy.cli;

import dev.samgs.deploy.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One run of the command inside this JVM, as seen from outside. */
record CommandRun(int exit, String out, String err) {
  static CommandRun of(Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Samgs.run(
            terminal(out),
            terminal(err),
            List.of(args).stream().map(String::valueOf).toArray(String[]::new));
    return new CommandRun(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static Terminal terminal(ByteArrayOutputStream bytes) {
    return new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, false);
  }
}
