package dev.samgs.connectors.flink;

import java.io.Serializable;

/** Is told of transactions of a sink that the broker did not keep. */
public interface DropWatch extends Serializable {
  /**
   * Begins to watch, in the process that commits.
   *
   * @param sink name of the sink
   */
  Listener open(String sink);

  /** One committer's ear. */
  interface Listener extends AutoCloseable {
    /**
     * A transaction that a completed checkpoint counts on is gone, and with it the records in it.
     * Called again for the same transaction if this fails, or if the job restarts before its next
     * checkpoint.
     *
     * @param transaction its transactional id
     * @param why what the broker says, in a sentence
     * @throws RuntimeException if this cannot be noted now
     */
    void dropped(String transaction, String why);

    @Override
    void close();
  }
}
