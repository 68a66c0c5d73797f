package dev.samgs.deploy.evaluate;

import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.Terminal.Style;

/** Whether a task beats its baseline, in a word for people. */
public final class Verdict {
  private Verdict() {}

  /** "better" or "not better", as the terminal shows it; empty while nothing is scored. */
  public static String of(TaskFigures figures, Terminal terminal) {
    if (figures.scored() == 0) {
      return "";
    }
    return figures.beatsBaseline()
        ? terminal.styled("better", Style.GREEN)
        : terminal.styled("not better", Style.RED);
  }
}
