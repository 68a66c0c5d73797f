package dev.samgs.deploy.demo;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.deploy.simulator.Factory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends a factory's records at a steady rate; half-way through, the factory drifts. */
final class Traffic implements AutoCloseable {
  private static final long TICK_NANOS = 5_000_000;

  private final Factory factory;
  private final String topic;
  private final double rate;
  private final long planned;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Thread thread = new Thread(this::send, "demo-traffic");
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
   * @param duration how long it goes on
   */
  Traffic(
      KafkaConnection connection, String topic, Factory factory, double rate, Duration duration) {
    this.factory = factory;
    this.topic = topic;
    this.rate = rate;
    this.planned = Math.max(1, Math.round(rate * duration.toNanos() / 1e9));
    this.producer =
        new KafkaProducer<>(
            connection.with(Map.of("acks", "all", "enable.idempotence", true, "linger.ms", 5)),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Begins to send. */
  void start() {
    startNanos = System.nanoTime();
    thread.start();
  }

  private void send() {
    try {
      long sent = 0;
      while (sent < planned && !stopping && failure == null) {
        long due = Math.min(planned, (long) ((System.nanoTime() - startNanos) / 1e9 * rate) + 1);
        for (; sent < due && !stopping; sent++) {
          if (sent == planned / 2) {
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
  void stop() throws InterruptedException {
    stopping = true;
    thread.join();
  }

  /** Whether all has been sent. */
  boolean finished() {
    return endNanos != 0;
  }

  /** Sound events sent so far. */
  long events() {
    return events;
  }

  /** Spoilt records sent so far. */
  long poison() {
    return poison;
  }

  /** Event time at which the factory changed, milliseconds since 1970; 0 before. */
  long driftedAt() {
    return driftedAt;
  }

  /** How long it has been going on, or went on. */
  Duration elapsed() {
    return startNanos == 0
        ? Duration.ZERO
        : Duration.ofNanos((finished() ? endNanos : System.nanoTime()) - startNanos);
  }

  /** Why sending has ended before its time; empty if it has not. */
  Optional<Exception> failure() {
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
