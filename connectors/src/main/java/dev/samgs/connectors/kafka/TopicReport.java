package dev.samgs.connectors.kafka;

import java.util.List;

/**
 * What was found about one topic.
 *
 * @param created whether it was missing and has been created
 * @param differences between an existing topic and its plan
 */
public record TopicReport(String topic, boolean created, List<Difference> differences) {

  public TopicReport {
    differences = List.copyOf(differences);
  }

  /** Whether the topic cannot serve its purpose as it is. */
  public boolean unfit() {
    return differences.stream().anyMatch(Difference::harmful);
  }

  /**
   * A setting that is not as planned.
   *
   * @param harmful whether data would be lost or refused; otherwise it is the owner's choice
   * @param sentence for a person: what differs, what follows from it, what to do
   */
  public record Difference(
      String setting, String found, String planned, boolean harmful, String sentence) {}
}
