package dev.samgs.connectors.event;

import java.util.List;

/**
 * What became of one record. A bad label refuses that label only: it is NaN in the event, and there
 * is a refusal beside it.
 *
 * @param event null if nothing of the record can be used
 * @param refusals what was refused; empty if all is well; never empty without an event
 */
public record Decoded(LabelledEvent event, List<Refusal> refusals) {
  public Decoded {
    refusals = List.copyOf(refusals);
    if (event == null && refusals.isEmpty()) {
      throw new IllegalArgumentException("a record without an event needs a refusal that says why");
    }
  }

  /**
   * The dead letter of that record: one, whatever the number of refusals; null if there is none.
   */
  public DeadLetter deadLetter(SourceRecord record) {
    return refusals.isEmpty() ? null : new DeadLetter(record, refusals, event != null);
  }
}
