package dev.samgs.deploy.cli;

import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import java.util.function.Consumer;

/** Shows the first complaints about rows of a file, and counts the rest. */
final class Complaints implements Consumer<String> {
  private static final int SHOWN = 5;

  private final Terminal err;
  private long count;

  Complaints(Terminal err) {
    this.err = err;
  }

  @Override
  public void accept(String complaint) {
    count++;
    if (count <= SHOWN) {
      err.print(complaint);
    }
  }

  /** Says how many were not shown. */
  void summarise() {
    if (count > SHOWN) {
      err.print("... and " + Figures.count(count - SHOWN) + " more of the kind");
    }
  }
}
