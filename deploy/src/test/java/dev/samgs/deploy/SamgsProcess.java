package dev.samgs.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged command in a process of its own, with its own directory for temporary files. */
public final class SamgsProcess implements AutoCloseable {
  private static final Path MODULE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();

  /**
   * What a shell starts in the background ignores SIGINT, and so do all its descendants, this test
   * run and its processes among them: env puts it right before the command is executed in its
   * place.
   */
  private static final List<String> HEARING_INTERRUPTS = List.of("env", "--default-signal=INT");

  private final Process process;
  private final Path directory;

  private SamgsProcess(Process process, Path directory) {
    this.process = process;
    this.directory = directory;
  }

  /**
   * Starts the command as the launcher does.
   *
   * @param directory where it works and its output goes; it has to be empty
   */
  public static SamgsProcess java(Path directory, Object... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    // Most of what a short run does is to start: the compiler that takes its time does not pay.
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    command.add(
        "-Dorg.bytedeco.javacpp.cachedir="
            + System.getProperty("org.bytedeco.javacpp.cachedir", directory + "/javacpp"));
    command.add("-XX:-UsePerfData");
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-Dsamgs.tmpdir=" + temporary);
    command.add("-cp");
    command.add(MODULE.resolve("target/lib") + "/*");
    command.add("dev.samgs.deploy.cli.Samgs");
    return start(directory, command, Map.of(), args);
  }

  /** Starts the launcher script through that path. */
  public static SamgsProcess script(
      Path script, Path directory, Map<String, String> environment, Object... args)
      throws IOException {
    return start(directory, new ArrayList<>(List.of(script.toString())), environment, args);
  }

  /** The launcher script of this tree. */
  public static Path launcher() {
    return MODULE.resolveSibling("samgs");
  }

  private static SamgsProcess start(
      Path directory, List<String> command, Map<String, String> environment, Object... args)
      throws IOException {
    for (Object arg : args) {
      command.add(arg.toString());
    }
    if (System.getProperty("os.name").equals("Linux")) {
      command.addAll(0, HEARING_INTERRUPTS);
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("stdout").toFile())
            .redirectError(directory.resolve("stderr").toFile());
    builder.environment().putAll(environment);
    return new SamgsProcess(builder.start(), directory);
  }

  /** Sends a signal: INT as Ctrl-C does, TERM as a service manager does. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /**
   * Waits for the end.
   *
   * @return the exit code
   */
  public int exit(Duration timeout) throws InterruptedException {
    if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("still running after " + timeout + ": " + err());
    }
    return process.exitValue();
  }

  /** Standard output so far. */
  public String out() {
    return read("stdout");
  }

  /** Standard error so far. */
  public String err() {
    return read("stderr");
  }

  private String read(String name) {
    try {
      return Files.readString(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The directory for temporary files, which is to be gone in the end. */
  public Path temporaryDirectory() {
    return directory.resolve("tmp");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
