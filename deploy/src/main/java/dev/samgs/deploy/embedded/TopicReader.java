package dev.samgs.deploy.embedded;

import dev.samgs.connectors.kafka.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics from their beginning on a thread of its own; committed records only. */
public final class TopicReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Consumer<ConsumerRecords<byte[], byte[]>> taker;
  private final AtomicReference<CompletableFuture<Void>> awaited = new AtomicReference<>();
  private final Thread thread;
  private Map<TopicPartition, Long> ends;
  private volatile boolean closing;
  private volatile RuntimeException failure;

  /**
   * Begins to read.
   *
   * @param taker is given the records, on the reader's thread
   */
  public TopicReader(
      String name,
      KafkaConnection connection,
      List<String> topics,
      Consumer<ConsumerRecords<byte[], byte[]>> taker) {
    this.taker = taker;
    this.consumer =
        new KafkaConsumer<>(
            connection.with(Map.of("isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    this.thread = new Thread(this::read, name);
    thread.start();
  }

  private void read() {
    try (consumer) {
      while (!closing) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          taker.accept(records);
        }
        answerWhenAtTheEnd();
      }
    } catch (RuntimeException e) {
      failure = e;
      CompletableFuture<Void> waiting = awaited.get();
      if (waiting != null) {
        waiting.completeExceptionally(e);
      }
    }
  }

  private void answerWhenAtTheEnd() {
    CompletableFuture<Void> waiting = awaited.get();
    if (waiting == null || waiting.isDone()) {
      return;
    }
    if (ends == null) {
      ends = consumer.endOffsets(consumer.assignment());
    }
    if (ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue())) {
      ends = null;
      waiting.complete(null);
    }
  }

  /**
   * Waits until everything that the topics hold now has been given to the taker.
   *
   * @throws TimeoutException if that takes longer
   * @throws ExecutionException if reading has failed
   */
  public void awaitEnd(Duration timeout)
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Void> waiting = new CompletableFuture<>();
    awaited.set(waiting);
    if (failure != null) {
      waiting.completeExceptionally(failure);
    }
    waiting.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Why reading has ended; empty while it goes on. */
  public Optional<RuntimeException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void close() throws InterruptedException {
    closing = true;
    thread.join();
  }
}
