package dev.samgs.connectors.snapshot;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.SnapshotVerifier.RefusedSnapshotException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the snapshot topic from its beginning on a thread of its own, and hands every snapshot
 * that is intact, signed if that is asked for, and newer than the last one of its model to a
 * listener. Only committed records are seen. A topic that does not exist yet is waited for, new
 * partitions are taken up, and a broker that is away is waited for too; so is a snapshot store,
 * until the model comes or a newer one does.
 *
 * <p>What is in use depends on nothing but what the topic holds: a record without a value removes
 * the model, and any version of it may come after that, as for a follower that begins then.
 *
 * <pre>{@code
 * try (SnapshotFollower follower =
 *     SnapshotFollower.start(KafkaConnection.to("localhost:9092"), "model-snapshots", models::load)) {
 *   follower.awaitCaughtUp(Duration.ofSeconds(30));
 *   …
 * }
 * }</pre>
 *
 * <p>Metrics: by {@code model}, {@code samgs_snapshots_taken_total}, {@code
 * samgs_snapshot_version}, {@code samgs_snapshot_watermark_timestamp_seconds} and {@code
 * samgs_snapshot_published_timestamp_seconds}; by {@code reason}, {@code
 * samgs_snapshots_refused_total}; {@code samgs_snapshot_lag_records}, and the histogram {@code
 * samgs_snapshot_delay_seconds}, from a record's publication until the listener has taken it.
 */
public final class SnapshotFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFollower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long RETRY_MILLIS = 200;
  private static final long DISCOVERY_NANOS = Duration.ofSeconds(30).toNanos();

  /**
   * What to follow, and what to demand.
   *
   * @param models names of the models to follow; empty for all
   * @param trusted keys of which one must have signed a snapshot; empty if none need have
   * @param claimChecks fetches models that were too large for the topic
   * @param registry takes the metrics
   */
  public record Options(
      Set<String> models,
      List<PublicKey> trusted,
      ClaimChecks claimChecks,
      MeterRegistry registry) {

    public Options {
      models = Set.copyOf(models);
      trusted = List.copyOf(trusted);
    }

    /** All models, signed or not, from a file system, and metrics for nobody. */
    public static Options defaults() {
      return new Options(Set.of(), List.of(), ClaimChecks.FILES, new CompositeMeterRegistry());
    }

    /** The same with metrics for that registry. */
    public Options with(MeterRegistry other) {
      return new Options(models, trusted, claimChecks, other);
    }
  }

  private final CompactedTopic topic;
  private final Options options;
  private final SnapshotListener listener;
  private final SnapshotVerifier verifier;
  private final FollowerMetrics metrics;
  private final Map<String, Long> versions = new ConcurrentHashMap<>();

  /** The newest record of each model whose store was not to be reached. */
  private final Map<String, ConsumerRecord<byte[], byte[]>> unfetched = new HashMap<>();

  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile Throwable failure;

  private SnapshotFollower(
      String name, CompactedTopic topic, Options options, SnapshotListener listener) {
    this.topic = topic;
    this.options = options;
    this.listener = listener;
    this.verifier = new SnapshotVerifier(options.trusted(), options.claimChecks());
    this.metrics = new FollowerMetrics(options.registry());
    this.thread = new Thread(this::follow, "samgs-snapshot-follower-" + name);
    thread.setDaemon(true);
  }

  /** Begins to follow with {@link Options#defaults}. */
  public static SnapshotFollower start(
      KafkaConnection connection, String topic, SnapshotListener listener) {
    return start(connection, topic, Options.defaults(), listener);
  }

  /** Begins to follow. */
  public static SnapshotFollower start(
      KafkaConnection connection, String topic, Options options, SnapshotListener listener) {
    SnapshotFollower follower =
        new SnapshotFollower(topic, new CompactedTopic(connection, topic), options, listener);
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
            fetchAgain();
            metrics.lag(topic.lag());
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
    String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
    if (closed() || !(options.models().isEmpty() || options.models().contains(key))) {
      return;
    }
    unfetched.remove(key);
    if (record.value() == null) {
      remove(key);
      return;
    }
    try {
      use(record);
    } catch (RefusedSnapshotException e) {
      if (e.reason() == SnapshotRefusal.NOT_FETCHED) {
        unfetched.put(key, record);
      }
      refuse(e);
    }
  }

  private void refuse(RefusedSnapshotException e) {
    metrics.refused(e.reason());
    LOG.warn(e.getMessage());
    listener.refused(e.reason(), e.getMessage());
  }

  private void use(ConsumerRecord<byte[], byte[]> record) throws RefusedSnapshotException {
    SnapshotRecord snapshot = verifier.verify(record);
    try {
      listener.snapshot(snapshot);
    } catch (Exception e) {
      LOG.debug("a snapshot could not be used", e);
      throw new RefusedSnapshotException(
          SnapshotRefusal.UNUSABLE, record, "the listener could not use it: " + e.getMessage());
    }
    verifier.taken(snapshot);
    versions.put(snapshot.model(), snapshot.version());
    metrics.taken(snapshot, record.timestamp(), caughtUp());
  }

  private void remove(String model) {
    verifier.removed(model);
    versions.remove(model);
    metrics.removed(model);
    listener.removed(model);
  }

  /** Tries the store again for models that could not be had from it. */
  private void fetchAgain() {
    for (Map.Entry<String, ConsumerRecord<byte[], byte[]>> entry :
        List.copyOf(unfetched.entrySet())) {
      try {
        use(entry.getValue());
        unfetched.remove(entry.getKey());
      } catch (RefusedSnapshotException e) {
        if (e.reason() != SnapshotRefusal.NOT_FETCHED) {
          unfetched.remove(entry.getKey());
          refuse(e);
        }
      }
    }
  }
}
