package dev.samgs.job.state;

/**
 * What has been seen of one partition of the input. All of it only grows, so that of several the
 * furthest is the newest.
 *
 * @param latest largest event time; {@link Long#MIN_VALUE} for none
 * @param block block of offsets in which records were last refused; −1 for none
 * @param refused how many of that block
 */
public record PartitionProgress(int partition, long latest, long block, int refused) {
  /** Of a partition of which nothing was seen. */
  public static PartitionProgress none(int partition) {
    return new PartitionProgress(partition, Long.MIN_VALUE, -1, 0);
  }

  /** What is known by both, of the same partition. */
  public PartitionProgress with(PartitionProgress other) {
    boolean further = other.block > block || (other.block == block && other.refused > refused);
    return new PartitionProgress(
        partition,
        Math.max(latest, other.latest),
        further ? other.block : block,
        further ? other.refused : refused);
  }
}
