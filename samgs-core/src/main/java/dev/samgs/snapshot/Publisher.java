package dev.samgs.snapshot;

import dev.samgs.learn.FrozenModel;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.TaskScore;
import dev.samgs.learn.Trainer;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.PublishingSpec;
import dev.samgs.spec.TaskSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides when a model goes out, and keeps bad ones in: publish, check, announce.
 *
 * <p>The gate compares candidate and published model on the same recent rows, both scored before
 * the rows were learned: the candidate by the learner's own prequential predictions, the published
 * model by one forward pass more per mini-batch. A candidate is worse if on some task its mean loss
 * exceeds the published model's by more than the tolerance, and by more than chance explains: two
 * standard errors of the mean of the paired differences. Where both get worse the world has
 * changed, not the model, and the candidate goes out.
 *
 * <p>Whatever overwrites parameters does so in a fixed order: the numerical guard inside the
 * learning step first; a rollback after it, and not in a step in which the guard acted; reactions
 * to drift have happened inside the step too, so that a rollback overwrites them.
 *
 * <p>Deterministic in the states and the rows. Holds work buffers only; one publisher serves any
 * number of models of the same specification, one after the other.
 */
public final class Publisher {
  /** Standard errors by which a difference must exceed the tolerance. */
  private static final double CONFIDENCE = 2;

  private final ModelSpec spec;
  private final PublishingSpec policy;
  private final Trainer trainer;
  private final String topic;
  private final RowBatch labelled;
  private final List<Integer> places = new ArrayList<>();

  /**
   * @param trainer lends its buffers
   * @param topic the topic that events come from; empty for none
   */
  public Publisher(ModelSpec spec, PublishingSpec policy, Trainer trainer, String topic) {
    this.spec = spec;
    this.policy = policy;
    this.trainer = trainer;
    this.topic = topic;
    this.labelled = new RowBatch(spec);
  }

  /**
   * Something that was decided about a model.
   *
   * @param snapshot what goes out, or what is withheld, as its lineage's verdict says
   * @param frozen what the predictors have from now on; null if it is withheld
   * @param reason why, in a sentence
   */
  public record Outcome(ModelSnapshot snapshot, FrozenModel frozen, String reason) {
    /** What became of the snapshot. */
    public Verdict verdict() {
      return snapshot.lineage().verdict();
    }
  }

  /**
   * Scores rows that the learner has predicted and not yet learned, by its predictions and by those
   * of the published model.
   *
   * @param published what the predictors have; null before the first publication
   */
  public void judge(Publication publication, PublishedModel published, RowBatch batch) {
    if (!policy.gate().enabled() || published == null || batch.labelled() == 0) {
      return;
    }
    labelled.clear();
    places.clear();
    for (int r = 0; r < batch.size(); r++) {
      if (batch.row(r).labelled()) {
        labelled.add(batch.row(r));
        places.add(r);
      }
    }
    trainer.predict(published.model(), labelled);
    for (int r = 0; r < labelled.size(); r++) {
      double[] labels = labelled.row(r).labels();
      int candidateAt = places.get(r) * batch.stride();
      int publishedAt = r * labelled.stride();
      for (int t = 0; t < spec.tasks().size(); t++) {
        TaskSpec task = spec.tasks().get(t);
        if (!Double.isNaN(labels[t])) {
          publication.add(
              t,
              TaskScore.loss(task.kind(), batch.predictions(), candidateAt, labels[t]),
              TaskScore.loss(task.kind(), labelled.predictions(), publishedAt, labels[t]));
        }
        candidateAt += task.outputs();
        publishedAt += task.outputs();
      }
    }
  }

  /**
   * Decides after a mini-batch was learned.
   *
   * @param published what the predictors have; null before the first publication
   * @param updatesBefore the learner's updates before the mini-batch; {@code timeBefore} its latest
   *     timestamp
   * @param last whether the input ends, so that what was learned goes out now or never
   * @return what was decided, in order; empty if no candidate was due
   */
  public List<Outcome> decide(
      LearnerState state,
      Publication publication,
      PublishedModel published,
      StepReport report,
      long updatesBefore,
      long timeBefore,
      boolean last) {
    if (last ? state.updates() == 0 : !due(state, publication, updatesBefore, timeBefore)) {
      return List.of();
    }
    List<Outcome> outcomes = new ArrayList<>(1);
    Outcome outcome = check(state, publication, published);
    outcomes.add(outcome);
    boolean bad = !outcome.verdict().published() && outcome.verdict() != Verdict.HELD_BY_PIN;
    int patience = policy.gate().rollbackAfter();
    if (bad
        && published != null
        && patience > 0
        && publication.withheldInARow >= patience
        && !report.parametersRestored()) {
      outcomes.add(
          rollback(
              state,
              publication,
              published,
              publication.withheldInARow + " candidates in a row were withheld"));
    }
    return outcomes;
  }

  private boolean due(
      LearnerState state, Publication publication, long updatesBefore, long timeBefore) {
    if (policy.updates() > 0
        && updatesBefore / policy.updates() < state.updates() / policy.updates()) {
      return true;
    }
    if (policy.millis() > 0
        && timeBefore != Long.MIN_VALUE
        && Math.floorDiv(timeBefore, policy.millis())
            < Math.floorDiv(state.latestTimestamp(), policy.millis())) {
      return true;
    }
    return policy.improvement() > 0 && improved(publication);
  }

  private boolean improved(Publication publication) {
    boolean better = false;
    for (int t = 0; t < spec.tasks().size(); t++) {
      if (publication.labels[t] >= policy.gate().labels()) {
        if (exceeds(publication, t, policy.gate().tolerance(spec.tasks().get(t).name()))) {
          return false;
        }
        double bound = (1 - policy.improvement()) * publication.publishedLosses[t];
        better |= publication.candidateLosses[t] < bound;
      }
    }
    return better;
  }

  /** Whether the candidate's loss exceeds the published model's beyond tolerance and chance. */
  private static boolean exceeds(Publication publication, int task, double tolerance) {
    double n = publication.labels[task];
    double published = publication.publishedLosses[task] / n;
    double difference = publication.candidateLosses[task] / n - published;
    double variance = publication.squaredDifferences[task] / n - difference * difference;
    double chance = CONFIDENCE * Math.sqrt(Math.max(0, variance) / n);
    // Also if it is no number: then the candidate's predictions are none.
    return !(difference - chance <= tolerance * published);
  }

  private Outcome check(LearnerState state, Publication publication, PublishedModel published) {
    ModelSnapshot candidate = ModelSnapshot.candidate(state);
    List<Lineage.Comparison> comparisons = comparisons(publication);
    if (publication.isPinned()) {
      publication.forgetAll();
      return withheld(
          candidate,
          publication,
          Verdict.HELD_BY_PIN,
          comparisons,
          "version " + publication.pinned + " is pinned");
    }
    if (!policy.gate().enabled()) {
      return publish(state, publication, candidate, Verdict.UNGATED, comparisons, "");
    }
    String problem = OnnxEncoder.nonFinite(candidate);
    if (problem != null) {
      return withheldAsBad(candidate, publication, Verdict.NON_FINITE, comparisons, problem);
    }
    double norm = norm(candidate.parameters());
    if (!(norm <= policy.gate().largestNorm())) {
      return withheldAsBad(
          candidate,
          publication,
          Verdict.TOO_LARGE_NORM,
          comparisons,
          "its parameters have the norm " + norm + ", above " + policy.gate().largestNorm());
    }
    String worse = worse(publication);
    if (worse != null) {
      return withheldAsBad(candidate, publication, Verdict.WORSE, comparisons, worse);
    }
    Verdict verdict = published == null ? Verdict.FIRST : Verdict.PASSED;
    return publish(state, publication, candidate, verdict, comparisons, "");
  }

  private static double norm(float[] parameters) {
    double squares = 0;
    for (float parameter : parameters) {
      squares += (double) parameter * parameter;
    }
    return Math.sqrt(squares);
  }

  private List<Lineage.Comparison> comparisons(Publication publication) {
    List<Lineage.Comparison> comparisons = new ArrayList<>();
    for (int t = 0; t < spec.tasks().size(); t++) {
      long labels = publication.labels[t];
      if (labels >= policy.gate().labels()) {
        comparisons.add(
            new Lineage.Comparison(
                spec.tasks().get(t).name(),
                labels,
                publication.candidateLosses[t] / labels,
                publication.publishedLosses[t] / labels));
      }
    }
    return comparisons;
  }

  /** Which task is worse, in a sentence; null if none is. What was compared is forgotten. */
  private String worse(Publication publication) {
    String sentence = null;
    for (int t = 0; t < spec.tasks().size(); t++) {
      String task = spec.tasks().get(t).name();
      if (publication.labels[t] < policy.gate().labels()) {
        continue;
      }
      if (sentence == null && exceeds(publication, t, policy.gate().tolerance(task))) {
        double n = publication.labels[t];
        sentence =
            "on the last "
                + publication.labels[t]
                + " labels of "
                + task
                + " its loss is "
                + publication.candidateLosses[t] / n
                + ", that of published version "
                + publication.version
                + " is "
                + publication.publishedLosses[t] / n;
      }
      publication.forget(t);
    }
    return sentence;
  }

  private Outcome withheldAsBad(
      ModelSnapshot candidate,
      Publication publication,
      Verdict verdict,
      List<Lineage.Comparison> comparisons,
      String reason) {
    publication.withheldInARow++;
    return withheld(candidate, publication, verdict, comparisons, reason);
  }

  private Outcome withheld(
      ModelSnapshot candidate,
      Publication publication,
      Verdict verdict,
      List<Lineage.Comparison> comparisons,
      String reason) {
    publication.withheld++;
    Lineage lineage = lineage(publication, publication.version, verdict, comparisons);
    return new Outcome(candidate.published(candidate.version(), lineage), null, reason);
  }

  private Outcome publish(
      LearnerState state,
      Publication publication,
      ModelSnapshot candidate,
      Verdict verdict,
      List<Lineage.Comparison> comparisons,
      String reason) {
    return announce(
        state,
        publication,
        candidate,
        FrozenModel.of(state),
        lineage(publication, publication.version, verdict, comparisons),
        reason);
  }

  private Outcome announce(
      LearnerState state,
      Publication publication,
      ModelSnapshot snapshot,
      FrozenModel frozen,
      Lineage lineage,
      String reason) {
    publication.version = state.nextVersion();
    publication.withheldInARow = 0;
    publication.forgetAll();
    return new Outcome(snapshot.published(publication.version, lineage), frozen, reason);
  }

  private Lineage lineage(
      Publication publication, long parent, Verdict verdict, List<Lineage.Comparison> comparisons) {
    return new Lineage(parent, topic, publication.offsets(), verdict, comparisons);
  }

  /**
   * Brings a version back into the learner and publishes it under a new one. Ends a pin.
   *
   * @param reason why, in a sentence
   */
  public Outcome rollback(
      LearnerState state, Publication publication, PublishedModel target, String reason) {
    state.bringBack(target.model());
    publication.rollbacks++;
    publication.pinned = Lineage.NO_PARENT;
    return announce(
        state,
        publication,
        ModelSnapshot.candidate(state),
        target.model(),
        lineage(publication, target.version(), Verdict.ROLLBACK, List.of()),
        reason);
  }

  /**
   * Publishes a version anew and holds everything else back until {@link #unpin}; the learner
   * learns on.
   *
   * @param reason why, in a sentence
   */
  public Outcome pin(
      LearnerState state, Publication publication, PublishedModel target, String reason) {
    LearnerState shown = state.copy();
    shown.bringBack(target.model());
    Outcome outcome =
        announce(
            state,
            publication,
            ModelSnapshot.candidate(shown),
            target.model(),
            lineage(publication, target.version(), Verdict.PINNED, List.of()),
            reason);
    publication.pinned = publication.version;
    return outcome;
  }

  /**
   * Publishes the newest version a second time, under a higher one, for its record was lost. The
   * learner, a pin and what the gate compares stay as they are: whatever follows is decided as if
   * nothing had been lost.
   *
   * @param reason why, in a sentence
   */
  public Outcome republish(
      LearnerState state, Publication publication, PublishedModel newest, String reason) {
    LearnerState shown = state.copy();
    shown.bringBack(newest.model());
    Lineage lineage = lineage(publication, newest.version(), Verdict.REPUBLISHED, List.of());
    long version = state.nextVersion();
    if (publication.pinned == publication.version) {
      publication.pinned = version;
    }
    publication.version = version;
    return new Outcome(
        ModelSnapshot.candidate(shown).published(version, lineage), newest.model(), reason);
  }

  /** Holds everything back but the version that the predictors have, until {@link #unpin}. */
  public void pinPublished(Publication publication) {
    publication.pinned = publication.version;
  }

  /** Lets candidates out again as the policy says. */
  public void unpin(Publication publication) {
    publication.pinned = Lineage.NO_PARENT;
    publication.forgetAll();
  }

  /**
   * Publishes what the learner has now, past the gate. Ends a pin.
   *
   * @param reason why, in a sentence
   * @throws IllegalArgumentException if a number in it is not finite: no predictor could use it
   */
  public Outcome promote(LearnerState state, Publication publication, String reason) {
    ModelSnapshot candidate = ModelSnapshot.candidate(state);
    String problem = OnnxEncoder.nonFinite(candidate);
    if (problem != null) {
      throw new IllegalArgumentException("the model cannot be published, for " + problem);
    }
    List<Lineage.Comparison> comparisons = comparisons(publication);
    publication.pinned = Lineage.NO_PARENT;
    return publish(state, publication, candidate, Verdict.PROMOTED, comparisons, reason);
  }
}
