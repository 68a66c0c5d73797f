package dev.samgs.deploy.console;

import java.util.List;

/**
 * The topics that the console reads, and the one that it writes its commands to.
 *
 * @param metrics scores of the tasks
 * @param alarms drift alarms
 * @param snapshots published models
 * @param deadLetters refused records
 * @param control commands for the job, read and written
 */
public record ConsoleTopics(
    String metrics, String alarms, String snapshots, String deadLetters, String control) {

  /** All of them. */
  List<String> all() {
    return List.of(metrics, alarms, snapshots, deadLetters, control);
  }
}
