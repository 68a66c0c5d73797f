package dev.samgs.snapshot;

import java.util.Locale;

/** What became of a snapshot at the gate between the learner and its predictors, and why. */
public enum Verdict {
  /** Published; the gate is off. */
  UNGATED(true),
  /** Published; there was no published model to compare it with. */
  FIRST(true),
  /** Published; on recent rows it is not worse than the published model. */
  PASSED(true),
  /** Published; the parameters of an earlier version came back, in the learner too. */
  ROLLBACK(true),
  /** Published; somebody asked for this version to be served while the learner learns on. */
  PINNED(true),
  /** Published; somebody asked for it past the gate. */
  PROMOTED(true),
  /** Published; the record of this version was lost on its way to the predictors. */
  REPUBLISHED(true),
  /** Withheld; a number in it is not finite. */
  NON_FINITE(false),
  /** Withheld; its parameters are larger than the bound. */
  TOO_LARGE_NORM(false),
  /** Withheld; on recent rows it is worse than the published model. */
  WORSE(false),
  /** Withheld; somebody pinned a version. */
  HELD_BY_PIN(false);

  private final boolean published;

  Verdict(boolean published) {
    this.published = published;
  }

  /** Whether the snapshot goes out. */
  public boolean published() {
    return published;
  }

  /** The name in kebab case, as it stands in headers, metrics and reports. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The verdict of a code.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Verdict of(String code) {
    return valueOf(code.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
