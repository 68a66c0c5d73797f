package dev.samgs.drift;

import dev.samgs.spec.ShiftSpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.Arrays;

/**
 * Watches the distributions of several columns, features or one task's labels, by the population
 * stability index: PSI = Σ_b (p_b − q_b)·ln(p_b/q_b) over the bins b of a column, with q from a
 * reference window and p from a recent one (S. Kullback, R. Leibler, Annals of Mathematical
 * Statistics 22, 1951: their symmetric divergence; as an index of shift N. Siddiqi, <em>Credit Risk
 * Scorecards</em>, 2006). Half a row is added to every bin, so that empty ones stay finite.
 *
 * <p>Rows are counted in blocks of half a window. Recent are the block being filled and the one
 * before; when a block is full it is judged with the one before, and the older of the two joins the
 * reference, which fades by a tenth with each: it looks back on about ten blocks, so that a level
 * that stays becomes the new normal. Without a shift, for rows independent of each other, a
 * column's PSI is about (bins − 1)·(1/n + 1/m), 0.03 with a window of 512 and ten bins; rows that
 * depend on each other move more. An alarm is the largest PSI of all columns at or above the
 * threshold; the next can be given when it has been below half of it.
 *
 * <p>One increment per column and row; {@code columns × bins} logarithms at the end of a block. A
 * column takes 12 bytes per bin.
 */
public final class PopulationShift {
  /** Bins of a standardised number: half a deviation each, the outermost open. */
  public static final int NUMBER_BINS = 10;

  /** What stays of the reference with each block. */
  private static final float FADING = 0.9f;

  /** Blocks that pass before one is judged: one for the scales to settle, four to compare. */
  private static final int BLOCKS_TO_JUDGE = 5;

  private final int columns;
  private final int bins;
  private final int block;
  private final double threshold;

  /** Rows by column and bin, {@code columns × bins}: before the recent ones, and those. */
  private float[] reference;

  private float[] previous;
  private float[] current;
  private int filled;
  private long blocks;
  private long previousSince;
  private long currentSince;
  private boolean shifted;
  private Shift unreported;

  /**
   * A shift of at least one column.
   *
   * @param before largest PSI of a column one block earlier
   * @param after the same now
   * @param since time of the first row of the recent window
   * @param rows rows of the recent window
   * @param columns the columns that moved most, furthest first
   * @param moves their PSI
   */
  public record Shift(
      double before, double after, long since, int rows, int[] columns, double[] moves) {}

  private double largestBefore;

  /**
   * @param bins values that {@link #add} can be given
   * @param settings with a window above 0
   */
  public PopulationShift(int columns, int bins, ShiftSpec settings) {
    this.columns = columns;
    this.bins = bins;
    this.block = settings.window() / 2;
    this.threshold = settings.threshold();
    this.reference = new float[columns * bins];
    this.previous = new float[columns * bins];
    this.current = new float[columns * bins];
  }

  /** The bin of a number in deviations from its mean. */
  public static int binOf(double standardised) {
    int half = (int) Math.floor(2 * standardised);
    return Math.max(-NUMBER_BINS / 2, Math.min(NUMBER_BINS / 2 - 1, half)) + NUMBER_BINS / 2;
  }

  /**
   * Counts all columns of the present row, numbers with one bin more for missing ones.
   *
   * @param values NaN where one is missing
   * @param standardised the same in deviations from their means, from {@code at} on
   */
  public void add(double[] values, float[] standardised, int at) {
    for (int c = 0; c < columns; c++) {
      add(c, Double.isNaN(values[c]) ? NUMBER_BINS : binOf(standardised[at + c]));
    }
  }

  /** Counts one column of the present row. */
  public void add(int column, int bin) {
    current[column * bins + bin]++;
  }

  /**
   * Ends the present row, every column of which has been counted.
   *
   * @param timestamp of the row
   * @param most columns that a shift names
   */
  public void endRow(long timestamp, int most) {
    if (filled == 0) {
      currentSince = timestamp;
    }
    filled++;
    if (filled == block) {
      blocks++;
      if (blocks >= BLOCKS_TO_JUDGE) {
        judge(most);
      }
      nextBlock();
    }
  }

  private void judge(int most) {
    double largest = 0;
    for (int c = 0; c < columns; c++) {
      largest = Math.max(largest, index(c));
    }
    if (!shifted && largest >= threshold) {
      shifted = true;
      int[] moved = furthest(most);
      double[] moves = new double[moved.length];
      Arrays.setAll(moves, i -> index(moved[i]));
      unreported = new Shift(largestBefore, largest, recentSince(), recentRows(), moved, moves);
    } else if (largest < threshold / 2) {
      shifted = false;
    }
    largestBefore = largest;
  }

  private void nextBlock() {
    if (blocks > 2) {
      for (int i = 0; i < reference.length; i++) {
        reference[i] = FADING * reference[i] + previous[i];
      }
    }
    float[] oldest = previous;
    previous = current;
    current = oldest;
    Arrays.fill(current, 0);
    previousSince = currentSince;
    filled = 0;
  }

  /** The shift that has not been asked for yet; null without one. Asking clears it. */
  public Shift takeShift() {
    Shift shift = unreported;
    unreported = null;
    return shift;
  }

  /** Whether there is a reference to compare with. */
  public boolean comparable() {
    return blocks > 2;
  }

  /** Whether the last alarm's shift has not passed yet. */
  public boolean shifted() {
    return shifted;
  }

  /** PSI of a column now, recent rows against the reference; NaN while there is no reference. */
  public double index(int column) {
    if (!comparable()) {
      return Double.NaN;
    }
    int from = column * bins;
    double all = 0;
    for (int b = from; b < from + bins; b++) {
      all += reference[b];
    }
    double then = 1 / (all + 0.5 * bins);
    double now = 1 / (recentRows() + 0.5 * bins);
    double sum = 0;
    for (int b = from; b < from + bins; b++) {
      double q = (reference[b] + 0.5) * then;
      double p = (previous[b] + current[b] + 0.5) * now;
      sum += (p - q) * Math.log(p / q);
    }
    return sum;
  }

  /** Largest PSI of a column now; NaN while there is no reference. */
  public double largestIndex() {
    double largest = index(0);
    for (int c = 1; c < columns; c++) {
      largest = Math.max(largest, index(c));
    }
    return largest;
  }

  /** The columns with the largest PSI, largest first; none while there is no reference. */
  public int[] furthest(int most) {
    if (!comparable()) {
      return new int[0];
    }
    double[] indices = new double[columns];
    Arrays.setAll(indices, this::index);
    int[] furthest = new int[Math.min(most, columns)];
    for (int i = 0; i < furthest.length; i++) {
      int best = 0;
      for (int c = 1; c < columns; c++) {
        if (indices[c] > indices[best]) {
          best = c;
        }
      }
      furthest[i] = best;
      indices[best] = Double.NEGATIVE_INFINITY;
    }
    return furthest;
  }

  /** Share of the recent rows that are in a bin of a column; NaN without rows. */
  public double recentShare(int column, int bin) {
    int at = column * bins + bin;
    return (previous[at] + current[at]) / recentRows();
  }

  /** Rows of the recent window. */
  public int recentRows() {
    return filled + (blocks > 0 ? block : 0);
  }

  /** Time of the first row of the recent window. */
  public long recentSince() {
    return blocks > 0 ? previousSince : currentSince;
  }

  /** Writes the state that {@link #read} needs to continue bit for bit. */
  public void write(StateWriter out) throws IOException {
    out.writeFloats(reference);
    out.writeFloats(previous);
    out.writeFloats(current);
    out.writeInt(filled);
    out.writeLong(blocks);
    out.writeLong(previousSince);
    out.writeLong(currentSince);
    out.writeBoolean(shifted);
    out.writeDouble(largestBefore);
    out.writeBoolean(unreported != null);
    if (unreported != null) {
      out.writeDouble(unreported.before());
      out.writeDouble(unreported.after());
      out.writeLong(unreported.since());
      out.writeInt(unreported.rows());
      out.writeLongs(Arrays.stream(unreported.columns()).asLongStream().toArray());
      out.writeDoubles(unreported.moves());
    }
  }

  /** Replaces the state by one written by a monitor of as many columns, bins and rows a block. */
  public void read(StateReader in) throws IOException {
    reference = readCounts(in);
    previous = readCounts(in);
    current = readCounts(in);
    filled = in.readInt();
    blocks = in.readLong();
    previousSince = in.readLong();
    currentSince = in.readLong();
    shifted = in.readBoolean();
    largestBefore = in.readDouble();
    unreported = in.readBoolean() ? readShift(in) : null;
  }

  private static Shift readShift(StateReader in) throws IOException {
    return new Shift(
        in.readDouble(),
        in.readDouble(),
        in.readLong(),
        in.readInt(),
        Arrays.stream(in.readLongs()).mapToInt(c -> (int) c).toArray(),
        in.readDoubles());
  }

  private float[] readCounts(StateReader in) throws IOException {
    float[] counts = in.readFloats();
    if (counts.length != reference.length) {
      throw new StateFormatException(
          "the state is damaged: a shift monitor has "
              + counts.length
              + " counts where "
              + reference.length
              + " belong");
    }
    return counts;
  }
}
