package dev.samgs.connectors.snapshot;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.SnapshotVerifier.RefusedSnapshotException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the snapshot topic from its beginning on a thread of its own, and hands every snapshot
 * that is intact and newer than the last one of its model to a listener. Only committed records are
 * seen. A topic that does not exist yet is waited for, new partitions are taken up, and a broker
 * that is away is waited for too.
 *
 * <pre>{@code
 * try (SnapshotFollower follower =
 *     SnapshotFollower.start(KafkaConnection.to("localhost:9092"), "model-snapshots", models::load)) {
 *   follower.awaitCaughtUp(Duration.ofSeconds(30));
 *   …
 * }
 * }</pre>
 */
public final class SnapshotFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFollower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long RETRY_MILLIS = 200;
  private static final long DISCOVERY_NANOS = Duration.ofSeconds(30).toNanos();

  private final CompactedTopic topic;
  private final SnapshotListener listener;
  private final SnapshotVerifier verifier = new SnapshotVerifier();
  private final Map<String, Long> versions = new ConcurrentHashMap<>();
  private final Map<SnapshotRefusal, AtomicLong> refused = new EnumMap<>(SnapshotRefusal.class);
  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile Throwable failure;

  private SnapshotFollower(String name, CompactedTopic topic, SnapshotListener listener) {
    this.topic = topic;
    this.listener = listener;
    this.thread = new Thread(this::follow, "samgs-snapshot-follower-" + name);
    thread.setDaemon(true);
    for (SnapshotRefusal reason : SnapshotRefusal.values()) {
      refused.put(reason, new AtomicLong());
    }
  }

  /** Begins to follow. */
  public static SnapshotFollower start(
      KafkaConnection connection, String topic, SnapshotListener listener) {
    SnapshotFollower follower =
        new SnapshotFollower(topic, new CompactedTopic(connection, topic), listener);
    follower.thread.start();
    return follower;
  }

  /** Whether everything has been seen that the topic held when the follower began. */
  public boolean caughtUp() {
    return caughtUp.getCount() == 0;
  }

  /**
   * Waits until {@link #caughtUp}, at most so long.
   *
   * @return whether it has caught up
   * @throws IllegalStateException if the follower has failed
   */
  public boolean awaitCaughtUp(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!caughtUp.await(Math.min(100, millisUntil(deadline)), TimeUnit.MILLISECONDS)) {
      if (failure != null) {
        throw new IllegalStateException(
            "the follower has failed: " + failure.getMessage(), failure);
      }
      if (millisUntil(deadline) == 0) {
        return false;
      }
    }
    return true;
  }

  private static long millisUntil(long deadline) {
    return Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
  }

  /** Newest version of each model that the listener has taken; a copy. */
  public Map<String, Long> versions() {
    return Map.copyOf(versions);
  }

  /** How many records were refused for each reason; a copy, with zeros. */
  public Map<SnapshotRefusal, Long> refused() {
    Map<SnapshotRefusal, Long> counts = new EnumMap<>(SnapshotRefusal.class);
    refused.forEach((reason, count) -> counts.put(reason, count.get()));
    return counts;
  }

  /** Why the follower gave up; empty while it follows. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /** Stops following and waits until the listener's last call has returned. */
  @Override
  public void close() {
    closing.countDown();
    topic.wakeup();
    if (Thread.currentThread() != thread) {
      joinUninterruptibly();
    }
  }

  private void joinUninterruptibly() {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean closed() {
    return closing.getCount() == 0;
  }

  private void follow() {
    try (topic) {
      long nextDiscovery = System.nanoTime();
      boolean exists = false;
      while (!closed()) {
        try {
          if (!exists || System.nanoTime() - nextDiscovery >= 0) {
            exists = topic.assign();
            nextDiscovery = System.nanoTime() + DISCOVERY_NANOS;
          }
          if (exists) {
            topic.poll(POLL).forEach(this::take);
            if (!caughtUp() && topic.caughtUp()) {
              caughtUp.countDown();
            }
          } else {
            pause();
          }
        } catch (RetriableException e) {
          LOG.warn("Kafka does not answer the snapshot follower, which tries again", e);
          pause();
        }
      }
    } catch (WakeupException e) {
      LOG.debug("the snapshot follower was woken up to close");
    } catch (RuntimeException | Error e) {
      failure = e;
      LOG.error("the snapshot follower has stopped; models are no longer updated", e);
    }
  }

  private void pause() {
    try {
      closing.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("the snapshot follower was interrupted", e);
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (closed()) {
      return;
    }
    try {
      SnapshotRecord snapshot = verifier.verify(record);
      deliver(record, snapshot);
      verifier.taken(snapshot);
      versions.put(snapshot.model(), snapshot.version());
    } catch (RefusedSnapshotException e) {
      refused.get(e.reason()).incrementAndGet();
      LOG.warn(e.getMessage());
      listener.refused(e.reason(), e.getMessage());
    }
  }

  private void deliver(ConsumerRecord<byte[], byte[]> record, SnapshotRecord snapshot)
      throws RefusedSnapshotException {
    try {
      listener.snapshot(snapshot);
    } catch (Exception e) {
      LOG.warn("a snapshot could not be used", e);
      throw new RefusedSnapshotException(
          SnapshotRefusal.UNUSABLE, record, "the listener could not use it: " + e.getMessage());
    }
  }
}
