package dev.samgs.deploy.cli;

import java.util.Locale;

/** What standard output holds. */
enum OutputFormat {
  /** Text for people. */
  TEXT,
  /** JSON, and nothing else. */
  JSON;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
