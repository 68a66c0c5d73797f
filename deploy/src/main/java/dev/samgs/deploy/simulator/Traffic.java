package dev.samgs.deploy.simulator;

import dev.samgs.connectors.kafka.KafkaConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends a factory's records at a steady rate; after some of them, the factory drifts. */
public final class Traffic implements AutoCloseable {
  private static final long TICK_NANOS = 5_000_000;

  private final Factory factory;
  private final String topic;
  private final double rate;
  private final long planned;
  private final long beforeDrift;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Thread thread = new Thread(this::send, "traffic");
  private volatile long startNanos;
  private volatile long endNanos;
  private volatile long events;
  private volatile long poison;
  private volatile long driftedAt;
  private volatile boolean stopping;
  private volatile Exception failure;

  /**
   * Traffic that has not begun.
   *
   * @param rate records per second
   * @param planned how many records are sent
   * @param beforeDrift how many of these are sent before the factory drifts
   */
  public Traffic(
      KafkaConnection connection,
      String topic,
      Factory factory,
      double rate,
      long planned,
      long beforeDrift) {
    this.factory = factory;
    this.topic = topic;
    this.rate = rate;
    this.planned = planned;
    this.beforeDrift = beforeDrift;
    this.producer =
        new KafkaProducer<>(
            connection.with(Map.of("acks", "all", "enable.idempotence", true, "linger.ms", 5)),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Begins to send. */
  public void start() {
    startNanos = System.nanoTime();
    thread.start();
  }

  private void send() {
    try {
      long sent = 0;
      while (sent < planned && !stopping && failure == null) {
        long due = Math.min(planned, (long) ((System.nanoTime() - startNanos) / 1e9 * rate) + 1);
        for (; sent < due && !stopping; sent++) {
          if (sent == beforeDrift) {
            factory.drift();
            driftedAt = System.currentTimeMillis();
          }
          sendOne();
        }
        LockSupport.parkNanos(TICK_NANOS);
      }
      producer.flush();
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      endNanos = System.nanoTime();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread only
  private void sendOne() {
    Factory.Sent record = factory.next(System.currentTimeMillis());
    producer.send(
        new ProducerRecord<>(topic, record.key(), record.value()),
        (metadata, e) -> {
          if (e != null) {
            failure = e;
          }
        });
    if (record.poison()) {
      poison++;
    } else {
      events++;
    }
  }

  /** Sends no more, and waits until Kafka has confirmed what was sent. */
  public void stop() throws InterruptedException {
    stopping = true;
    thread.join();
  }

  /** Whether all has been sent. */
  public boolean finished() {
    return endNanos != 0;
  }

  /** Sound events sent so far. */
  public long events() {
    return events;
  }

  /** Spoilt records sent so far. */
  public long poison() {
    return poison;
  }

  /** Event time at which the factory changed, milliseconds since 1970; 0 before. */
  public long driftedAt() {
    return driftedAt;
  }

  /** How long it has been going on, or went on. */
  public Duration elapsed() {
    return startNanos == 0
        ? Duration.ZERO
        : Duration.ofNanos((finished() ? endNanos : System.nanoTime()) - startNanos);
  }

  /** Why sending has ended before its time; empty if it has not. */
  public Optional<Exception> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void close() throws InterruptedException {
    if (startNanos != 0) {
      stop();
    }
    producer.close();
  }
}
