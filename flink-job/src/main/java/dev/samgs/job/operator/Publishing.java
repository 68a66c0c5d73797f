package dev.samgs.job.operator;

import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.ControlCommand.Action;
import dev.samgs.job.state.StoredModel;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.Trainer;
import dev.samgs.snapshot.Publication;
import dev.samgs.snapshot.PublishedModel;
import dev.samgs.snapshot.Publisher;
import dev.samgs.snapshot.Publisher.Outcome;
import dev.samgs.snapshot.Verdict;
import dev.samgs.spec.ModelSpec;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.state.ValueState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publication of the current key's model: fetches what is known of it from keyed state, lets a
 * {@link Publisher} decide, and puts it back, all within one call.
 */
final class Publishing {
  private static final Logger LOG = LoggerFactory.getLogger(Publishing.class);

  private final ModelSpec spec;
  private final boolean gated;
  private final Publisher publisher;
  private final ValueState<Publication> publication;
  private final ValueState<StoredModel> published;
  private final ValueState<StoredModel> previous;

  /**
   * @param publication state of the current key, as the others
   */
  Publishing(
      TrainSettings settings,
      Trainer trainer,
      ValueState<Publication> publication,
      ValueState<StoredModel> published,
      ValueState<StoredModel> previous) {
    this.spec = settings.spec();
    this.gated = settings.publishing().gate().enabled();
    this.publisher = new Publisher(spec, settings.publishing(), trainer, settings.topic());
    this.publication = publication;
    this.published = published;
    this.previous = previous;
  }

  /** What is known of the current key's model, for one call. */
  Publication known(LearnerState state) throws IOException {
    Publication known = publication.value();
    return known == null ? Publication.of(state) : known;
  }

  /** Scores rows that were predicted and not yet learned. */
  void judge(Publication known, RowBatch batch) throws IOException {
    if (gated) {
      publisher.judge(known, model(published), batch);
    }
  }

  private PublishedModel model(ValueState<StoredModel> state) throws IOException {
    StoredModel stored = state.value();
    return stored == null ? null : stored.live(spec);
  }

  /** Decides after a mini-batch, and puts back what is known. */
  List<Outcome> decide(
      String model,
      LearnerState state,
      Publication known,
      StepReport report,
      long updatesBefore,
      long timeBefore,
      boolean last)
      throws IOException {
    List<Outcome> outcomes =
        publisher.decide(state, known, model(published), report, updatesBefore, timeBefore, last);
    for (Outcome outcome : outcomes) {
      keep(model, outcome);
    }
    publication.update(known);
    return outcomes;
  }

  private void keep(String model, Outcome outcome) throws IOException {
    Verdict verdict = outcome.verdict();
    if (!verdict.published()) {
      LOG.warn(
          "A snapshot of model '{}' at update {} is withheld ({}): {}.",
          model,
          outcome.snapshot().update(),
          verdict.code(),
          outcome.reason());
      return;
    }
    boolean back = verdict == Verdict.ROLLBACK || verdict == Verdict.PINNED;
    boolean again = verdict == Verdict.REPUBLISHED;
    if (back || again) {
      LOG.warn(
          "Version {} of model '{}' is version {} again ({}): {}.",
          outcome.snapshot().version(),
          model,
          outcome.snapshot().lineage().parent(),
          verdict.code(),
          outcome.reason());
    }
    if (!again) {
      previous.update(
          back
              ? StoredModel.of(outcome.snapshot().lineage().parent(), outcome.frozen())
              : published.value());
    }
    published.update(StoredModel.of(outcome.snapshot().version(), outcome.frozen()));
  }

  /**
   * Does what a person asked for.
   *
   * @return what goes out; null if nothing does
   * @throws RefusedCommandException if it cannot be done, with a sentence
   */
  Outcome obey(LearnerState state, ResolvedCommand resolved)
      throws IOException, RefusedCommandException {
    ControlCommand command = resolved.command();
    Publication known = known(state);
    Outcome outcome = null;
    if (command.action() == Action.UNPIN) {
      publisher.unpin(known);
    } else if (command.action() == Action.PROMOTE) {
      try {
        outcome = publisher.promote(state, known, reason(command));
      } catch (IllegalArgumentException e) {
        throw new RefusedCommandException(e.getMessage());
      }
    } else {
      outcome = bringBack(state, known, resolved);
    }
    if (outcome != null) {
      keep(command.model(), outcome);
    }
    publication.update(known);
    return outcome;
  }

  private Outcome bringBack(LearnerState state, Publication known, ResolvedCommand resolved)
      throws IOException, RefusedCommandException {
    ControlCommand command = resolved.command();
    PublishedModel newest = model(published);
    PublishedModel before = model(previous);
    if (newest == null) {
      throw new RefusedCommandException("nothing of it was published by this job yet");
    }
    if (command.action() == Action.REPUBLISH) {
      return command.version().orElse(newest.version()) < newest.version()
          ? null
          : publisher.republish(state, known, newest, reason(command));
    }
    if (command.action() == Action.PIN) {
      if (command.version().orElse(newest.version()) == newest.version()) {
        publisher.pinPublished(known);
        return null;
      }
      return publisher.pin(state, known, target(resolved, newest, before), reason(command));
    }
    if (command.version().isEmpty() && before == null) {
      throw new RefusedCommandException(
          "the newest version, " + newest.version() + ", follows none");
    }
    PublishedModel target = command.version().isEmpty() ? before : target(resolved, newest, before);
    return publisher.rollback(state, known, target, reason(command));
  }

  private PublishedModel target(
      ResolvedCommand resolved, PublishedModel newest, PublishedModel before)
      throws RefusedCommandException {
    long version = resolved.command().version().orElseThrow();
    if (version == newest.version()) {
      return newest;
    }
    if (before != null && version == before.version()) {
      return before;
    }
    if (resolved.stored() == null) {
      throw new RefusedCommandException(
          "version " + version + " is kept neither by the job nor in a store: " + resolved.why());
    }
    if (!resolved.stored().spec().structure().equals(spec.structure())) {
      throw new RefusedCommandException(
          "version " + version + " has other features, tasks or network than the model now");
    }
    return new PublishedModel(version, resolved.stored().frozen());
  }

  /** Forgets the current key's publication. */
  void forget() {
    publication.clear();
    published.clear();
    previous.clear();
  }

  private static String reason(ControlCommand command) {
    return command.action().code()
        + " asked for"
        + (command.by().isEmpty() ? "" : " by " + command.by())
        + (command.reason().isEmpty() ? "" : ": " + command.reason());
  }

  /** A command that cannot be done; the message says why. */
  static final class RefusedCommandException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedCommandException(String sentence) {
      super(sentence);
    }
  }
}
