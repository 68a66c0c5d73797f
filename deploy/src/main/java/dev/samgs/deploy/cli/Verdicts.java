package dev.samgs.deploy.cli;

import dev.samgs.deploy.evaluate.TaskFigures;
import dev.samgs.deploy.terminal.Terminal;
import dev.samgs.deploy.terminal.Terminal.Style;

/** Whether a task beats its baseline, in a word. */
final class Verdicts {
  private Verdicts() {}

  static String of(TaskFigures figures, Terminal terminal) {
    if (figures.scored() == 0) {
      return "";
    }
    return figures.beatsBaseline()
        ? terminal.styled("better", Style.GREEN)
        : terminal.styled("not better", Style.RED);
  }
}
