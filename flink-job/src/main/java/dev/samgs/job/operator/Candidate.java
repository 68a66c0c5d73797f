package dev.samgs.job.operator;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.Refusal;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.flink.ValueType;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A row on its way through what may still refuse it, with the record that it came in.
 *
 * @param row the row, or the word that its model is retired
 * @param eventId null if not given
 * @param record null where the row is that word
 */
public record Candidate(TrainingRow row, String eventId, SourceRecord record) {
  /** Type information for streams of candidates. */
  public static final TypeInformation<Candidate> TYPE =
      new ValueType<>(Candidate.class, new CandidateSerializer());

  /** The word that a model is retired. */
  public static Candidate retirement(String model) {
    return new Candidate(TrainingRow.retirement(model), null, null);
  }

  /** The model that it is for. */
  public String model() {
    return row.model();
  }

  /** Its dead letter. */
  DeadLetter refused(RefusalReason reason, String field, String sentence) {
    return new DeadLetter(record, List.of(new Refusal(reason, field, sentence)), false);
  }
}
