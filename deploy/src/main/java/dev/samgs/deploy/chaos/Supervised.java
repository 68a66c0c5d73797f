package dev.samgs.deploy.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM that is started again when it ends, as a service manager would. */
final class Supervised implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration END_TIMEOUT = Duration.ofSeconds(20);

  private final String name;
  private final Path directory;
  private final List<String> jvm;
  private final Class<?> main;
  private final Thread supervisor;
  private List<String> args;
  private Process process;
  private int starts;
  private boolean wanted = true;

  /**
   * Starts it.
   *
   * @param directory where it logs to, as {@code name-1.log} and so on, and keeps temporary files
   * @param jvm options of the JVM
   */
  Supervised(String name, Path directory, List<String> jvm, Class<?> main, List<String> args)
      throws IOException {
    this.name = name;
    this.directory = directory;
    this.jvm = List.copyOf(jvm);
    this.main = main;
    this.args = List.copyOf(args);
    start();
    this.supervisor = new Thread(this::supervise, "supervise-" + name);
    supervisor.setDaemon(true);
    supervisor.start();
  }

  private synchronized void start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.add("-Djava.io.tmpdir=" + directory);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(args);
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + "-" + ++starts + ".log").toFile())
            .start();
  }

  private void supervise() {
    try {
      while (true) {
        current().waitFor();
        Thread.sleep(PAUSE.toMillis());
        synchronized (this) {
          if (!wanted) {
            return;
          }
          if (!process.isAlive()) {
            start();
          }
        }
      }
    } catch (InterruptedException closing) {
      // Nobody needs it any more.
    } catch (IOException e) {
      throw new UncheckedIOException("the " + name + " could not be started again", e);
    }
  }

  private synchronized Process current() {
    return process;
  }

  /** Ends it at once, as a power cut does; it is started again a moment later. */
  void kill() throws InterruptedException {
    Process victim = current();
    if (!victim.destroyForcibly().waitFor(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("process " + victim.pid() + " cannot be killed");
    }
  }

  /** Has it started with other arguments from now on. */
  synchronized void arguments(List<String> args) {
    this.args = List.copyOf(args);
  }

  /** How often it was started. */
  synchronized int starts() {
    return starts;
  }

  /** Does not start it again when it ends, and waits for that. */
  void awaitEnd(Duration timeout) throws InterruptedException {
    synchronized (this) {
      wanted = false;
    }
    current().waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Kills it for good. */
  @Override
  public void close() throws InterruptedException {
    synchronized (this) {
      wanted = false;
    }
    supervisor.interrupt();
    supervisor.join();
    kill();
  }
}
