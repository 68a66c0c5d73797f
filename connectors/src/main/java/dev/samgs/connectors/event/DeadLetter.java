package dev.samgs.connectors.event;

import java.util.List;

/**
 * A record that was refused, whole or in part, with its original bytes.
 *
 * @param refusals at least one
 * @param partly whether the rest of the event was used
 */
public record DeadLetter(SourceRecord record, List<Refusal> refusals, boolean partly) {
  public DeadLetter {
    refusals = List.copyOf(refusals);
    if (refusals.isEmpty()) {
      throw new IllegalArgumentException("a dead letter needs a refusal that says why");
    }
  }
}
