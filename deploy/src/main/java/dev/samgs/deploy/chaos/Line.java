package dev.samgs.deploy.chaos;

import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.JsonEventEncoder;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.deploy.simulator.FactoryLine;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends simulated events, each exactly once whatever becomes of the broker, until it is stopped.
 */
final class Line implements AutoCloseable {
  private static final long TICK_NANOS = 5_000_000;
  private static final int PATIENCE_MILLIS = 600_000;

  private final FactoryLine[] lines;
  private final byte[][] keys;
  private final String topic;
  private final double rate;
  private final JsonEventEncoder encoder =
      new JsonEventEncoder(FactoryLine.FEATURES, FactoryLine.TASKS, FeatureForm.BY_NAME);
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong time = new AtomicLong();
  private final Thread thread = new Thread(this::send, "send-events");
  private volatile boolean stopping;

  /**
   * Begins to send.
   *
   * @param models how many lines there are, each the key of its events
   * @param rate events per second
   */
  Line(KafkaConnection connection, String topic, int models, double rate) {
    this.topic = topic;
    this.rate = rate;
    this.lines =
        IntStream.range(0, models)
            .mapToObj(m -> new FactoryLine("line-" + (m + 1), m + 1, FactoryLine.Drift.NONE))
            .toArray(FactoryLine[]::new);
    this.keys =
        IntStream.range(0, models)
            .mapToObj(m -> ("line-" + (m + 1)).getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    this.producer =
        new KafkaProducer<>(
            connection.with(
                Map.of(
                    "acks",
                    "all",
                    "enable.idempotence",
                    true,
                    "linger.ms",
                    5,
                    "delivery.timeout.ms",
                    PATIENCE_MILLIS,
                    "max.block.ms",
                    PATIENCE_MILLIS,
                    "reconnect.backoff.max.ms",
                    500)),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    thread.start();
  }

  private void send() {
    long start = System.nanoTime();
    while (!stopping && failure.get() == null) {
      long due = (long) ((System.nanoTime() - start) / 1e9 * rate) + 1;
      while (sent.get() < due && !stopping) {
        int model = (int) (sent.get() % lines.length);
        long now = System.currentTimeMillis();
        producer.send(
            new ProducerRecord<>(topic, keys[model], encoder.encode(lines[model].next(now))),
            (metadata, e) -> {
              if (e != null) {
                failure.compareAndSet(null, e);
              }
            });
        time.set(now);
        sent.incrementAndGet();
      }
      LockSupport.parkNanos(TICK_NANOS);
    }
  }

  /** Event time of the newest event, in milliseconds since 1970. */
  long time() {
    return time.get();
  }

  /**
   * Stops, and waits until the broker has all.
   *
   * @return how many events that are
   * @throws IllegalStateException if it did not take one
   */
  long stop() throws InterruptedException {
    stopping = true;
    thread.join();
    producer.flush();
    if (failure.get() != null) {
      throw new IllegalStateException("the broker did not take an event", failure.get());
    }
    return sent.get();
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    thread.join();
    producer.close(java.time.Duration.ZERO);
  }
}
