package dev.samgs.deploy.cli;

/** What standard output holds. */
enum OutputFormat {
  TEXT,
  JSON
}
