package dev.samgs.job.state;

/**
 * What is known of a model's open mini-batch without reading its rows, and of where its events come
 * from.
 *
 * @param rows rows in the open mini-batch
 * @param labelled how many of them have a label
 * @param latestTimestamp largest event time of them; {@link Long#MIN_VALUE} without rows
 * @param partition input partition of the model's first event
 * @param scattered whether an event came from another partition
 */
public record Pending(
    int rows, int labelled, long latestTimestamp, int partition, boolean scattered) {

  /** Of a model whose first event comes from that partition. */
  public static Pending first(int partition) {
    return new Pending(0, 0, Long.MIN_VALUE, partition, false);
  }

  /** With one more row. */
  public Pending with(long timestamp, boolean isLabelled, int fromPartition) {
    return new Pending(
        rows + 1,
        labelled + (isLabelled ? 1 : 0),
        Math.max(latestTimestamp, timestamp),
        partition,
        scattered || fromPartition != partition);
  }

  /** After the mini-batch was learned. */
  public Pending emptied() {
    return new Pending(0, 0, Long.MIN_VALUE, partition, scattered);
  }
}
