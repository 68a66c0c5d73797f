package dev.samgs.learn;

/**
 * One labelled row of the stream. The arrays are not copied and must not be changed afterwards.
 *
 * @param timestamp event time, milliseconds since 1970 (or any unit that never decreases, in
 *     recorded streams)
 * @param features in the order of the spec; NaN where a value is missing; never infinite
 * @param labels one for each task, in the order of the spec; NaN where unknown; class numbers for
 *     classification
 */
public record Row(long timestamp, double[] features, double[] labels) {
  /** Whether at least one label is known. */
  public boolean labelled() {
    for (double label : labels) {
      if (!Double.isNaN(label)) {
        return true;
      }
    }
    return false;
  }
}
