package dev.samgs.snapshot;

import dev.samgs.learn.LearnerState;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a model's publication between two mini-batches: small state that is kept beside
 * the learner. A {@link Publisher} changes it.
 */
public final class Publication {
  private static final int FORMAT = 1;
  private static final long NONE = Lineage.NO_PARENT;

  long version = NONE;
  long pinned = NONE;
  int withheldInARow;
  long withheld;
  long rollbacks;
  private final SortedMap<Integer, Long> offsets = new TreeMap<>();

  /** Sums over the recent labels of each task. */
  long[] labels;

  double[] candidateLosses;
  double[] publishedLosses;
  double[] squaredDifferences;

  /** Of a model that has not been published. */
  public Publication(int tasks) {
    labels = new long[tasks];
    candidateLosses = new double[tasks];
    publishedLosses = new double[tasks];
    squaredDifferences = new double[tasks];
  }

  /** Of a learner that was restored without one, and may have been published before. */
  public static Publication of(LearnerState state) {
    Publication publication = new Publication(state.spec().tasks().size());
    if (state.version() != state.incarnation() << 32) {
      publication.version = state.version();
    }
    return publication;
  }

  /** Newest version that the predictors were given; {@link Lineage#NO_PARENT} before the first. */
  public long version() {
    return version;
  }

  /** Whether somebody pinned a version. */
  public boolean isPinned() {
    return pinned != NONE;
  }

  /** Candidates that were withheld since the model began. */
  public long withheld() {
    return withheld;
  }

  /** Candidates that were withheld since one went out. */
  public int withheldInARow() {
    return withheldInARow;
  }

  /** Times that an earlier model was brought back. */
  public long rollbacks() {
    return rollbacks;
  }

  /**
   * Notes how far a partition was read.
   *
   * @param offset everything of this model below it has been learned
   */
  public void readUpTo(int partition, long offset) {
    offsets.put(partition, offset);
  }

  SortedMap<Integer, Long> offsets() {
    return offsets;
  }

  void add(int task, double candidateLoss, double publishedLoss) {
    double difference = candidateLoss - publishedLoss;
    labels[task]++;
    candidateLosses[task] += candidateLoss;
    publishedLosses[task] += publishedLoss;
    squaredDifferences[task] += difference * difference;
  }

  void forget(int task) {
    labels[task] = 0;
    candidateLosses[task] = 0;
    publishedLosses[task] = 0;
    squaredDifferences[task] = 0;
  }

  void forgetAll() {
    for (int t = 0; t < labels.length; t++) {
      forget(t);
    }
  }

  /** Writes the state in its versioned binary form. */
  public void write(StateWriter out) throws IOException {
    out.writeInt(FORMAT);
    out.writeLongs(new long[] {version, pinned, withheldInARow, withheld, rollbacks});
    long[] read = new long[2 * offsets.size()];
    int at = 0;
    for (Map.Entry<Integer, Long> offset : offsets.entrySet()) {
      read[at++] = offset.getKey();
      read[at++] = offset.getValue();
    }
    out.writeLongs(read);
    out.writeLongs(labels);
    out.writeDoubles(candidateLosses);
    out.writeDoubles(publishedLosses);
    out.writeDoubles(squaredDifferences);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws StateFormatException if it is damaged, or newer than this version
   */
  public static Publication read(StateReader in) throws IOException {
    int format = in.readInt();
    if (format != FORMAT) {
      throw new StateFormatException(
          "the saved publication state has format "
              + format
              + ", and this version reads format "
              + FORMAT
              + "; run the version that wrote it, or a newer one");
    }
    long[] counters = in.readLongs();
    long[] read = in.readLongs();
    long[] labels = in.readLongs();
    Publication publication = new Publication(labels.length);
    publication.version = counters[0];
    publication.pinned = counters[1];
    publication.withheldInARow = (int) counters[2];
    publication.withheld = counters[3];
    publication.rollbacks = counters[4];
    for (int i = 0; i < read.length; i += 2) {
      publication.offsets.put((int) read[i], read[i + 1]);
    }
    publication.labels = labels;
    publication.candidateLosses = in.readDoubles();
    publication.publishedLosses = in.readDoubles();
    publication.squaredDifferences = in.readDoubles();
    return publication;
  }

  /** An independent copy, equal bit for bit. */
  public Publication copy() {
    Publication copy = new Publication(labels.length);
    copy.version = version;
    copy.pinned = pinned;
    copy.withheldInARow = withheldInARow;
    copy.withheld = withheld;
    copy.rollbacks = rollbacks;
    copy.offsets.putAll(offsets);
    copy.labels = labels.clone();
    copy.candidateLosses = candidateLosses.clone();
    copy.publishedLosses = publishedLosses.clone();
    copy.squaredDifferences = squaredDifferences.clone();
    return copy;
  }
}
