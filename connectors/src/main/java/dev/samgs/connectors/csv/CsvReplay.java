package dev.samgs.connectors.csv;

import dev.samgs.connectors.event.EventEncoder;
import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.ModelName;
import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.kafka.KafkaConnection;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends the rows of a file to a topic as events, in order, with the model as record key: all events
 * of a model go to one partition. An event's id is made of file name and line, so that a second
 * replay can be told to be one. The records carry the clock's time, not that of the rows, which
 * retention would otherwise delete at once.
 */
public final class CsvReplay {
  private static final long SHORTEST_PAUSE_NANOS = 1_000_000;

  private final CsvStream file;
  private final Settings settings;
  private final LongConsumer progress;
  private final Consumer<String> complaints;
  private final EventEncoder encoder;

  /** The first record that Kafka did not take. */
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  private CsvReplay(
      CsvStream file, Settings settings, LongConsumer progress, Consumer<String> complaints) {
    this.file = file;
    this.settings = settings;
    this.progress = progress;
    this.complaints = complaints;
    this.encoder = settings.format().encoder(file.features(), file.labels(), FeatureForm.BY_NAME);
  }

  /**
   * What to send.
   *
   * @param model the model that all rows are for; null to take each row's key for it
   * @param format form of the events
   * @param rowsPerSecond upper bound of the rate; 0 for as fast as Kafka takes them
   */
  public record Settings(
      String topic, EventFormat format, String model, double rowsPerSecond, TimestampUnit unit) {
    public Settings {
      if (model != null && !ModelName.valid(model)) {
        throw new IllegalArgumentException(
            "the model name '" + model + "' must be " + ModelName.RULE);
      }
      if (!(rowsPerSecond >= 0) || Double.isInfinite(rowsPerSecond)) {
        throw new IllegalArgumentException("the rate must be 0 or a number of rows per second");
      }
    }
  }

  /**
   * What was sent.
   *
   * @param sent rows that Kafka has confirmed
   * @param rejected rows that were left out
   * @param refusedLabels labels that were left out of sent rows
   */
  public record Result(long sent, long rejected, long refusedLabels) {}

  /**
   * Sends the whole file, or up to where the thread is interrupted.
   *
   * @param progress is told the number of rows handed to Kafka so far, after each row
   * @param complaints is told of rejected rows and refused labels, a sentence each
   * @throws KafkaAccessException if Kafka does not take the rows; those before may have been sent
   * @throws CsvFileException if the file cannot be read
   */
  public static Result send(
      KafkaConnection connection,
      CsvStream file,
      Settings settings,
      LongConsumer progress,
      Consumer<String> complaints) {
    CsvReplay replay = new CsvReplay(file, settings, progress, complaints);
    boolean interrupted = false;
    try (KafkaProducer<byte[], byte[]> producer = producer(connection)) {
      Result result = replay.send(producer);
      // What is under way is confirmed even then.
      interrupted = Thread.interrupted();
      producer.flush();
      if (replay.failure.get() != null) {
        throw new KafkaException(replay.failure.get());
      }
      return result;
    } catch (KafkaException e) {
      throw new KafkaAccessException(
          "Kafka at "
              + connection.bootstrapServers()
              + " does not take rows for "
              + settings.topic(),
          e,
          "check the bootstrap servers, the topic and the permission to write to it");
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The callback is told of failures.
  private Result send(KafkaProducer<byte[], byte[]> producer) {
    long sent = 0;
    long unnamed = 0;
    long start = System.nanoTime();
    try (CsvRows rows =
        file.rows(file.features(), CsvStream.numbers(file.labels()), settings.unit(), complaints)) {
      for (CsvRow row = rows.next(); row != null; row = rows.next()) {
        String model = settings.model() == null ? row.key() : settings.model();
        if (model == null || !ModelName.valid(model)) {
          unnamed++;
          complaints.accept(unnamedModel(row));
          continue;
        }
        pace(start, sent, settings.rowsPerSecond());
        if (failure.get() != null || Thread.currentThread().isInterrupted()) {
          break;
        }
        producer.send(record(model, row), this::confirmed);
        sent++;
        progress.accept(sent);
      }
      return new Result(sent, rows.rejected() + unnamed, rows.refusedLabels());
    }
  }

  private ProducerRecord<byte[], byte[]> record(String model, CsvRow row) {
    String eventId = file.path().getFileName() + ":" + row.line();
    return new ProducerRecord<>(
        settings.topic(),
        model.getBytes(StandardCharsets.UTF_8),
        encoder.encode(new LabelledEvent(model, row.key(), eventId, row.row())));
  }

  private void confirmed(RecordMetadata metadata, Exception e) {
    if (e != null) {
      failure.compareAndSet(null, e);
    }
  }

  private String unnamedModel(CsvRow row) {
    return file.path()
        + ":"
        + row.line()
        + ": the key "
        + (row.key() == null ? "is empty" : "'" + row.key() + "'")
        + ", but as a model name it must be "
        + ModelName.RULE
        + "; the row is left out";
  }

  /**
   * One request at a time: a first batch that a new partition does not take yet would otherwise be
   * overtaken by the next one, and then be refused for ever (KAFKA-15591).
   */
  private static KafkaProducer<byte[], byte[]> producer(KafkaConnection connection) {
    return new KafkaProducer<>(
        connection.with(
            Map.of(
                "acks",
                "all",
                "enable.idempotence",
                true,
                "compression.type",
                "lz4",
                "linger.ms",
                20,
                "batch.size",
                1 << 17,
                "max.block.ms",
                30_000)),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static void pace(long start, long sent, double rowsPerSecond) {
    if (rowsPerSecond == 0) {
      return;
    }
    long due = start + (long) (sent / rowsPerSecond * 1e9);
    long early = due - System.nanoTime();
    while (early > SHORTEST_PAUSE_NANOS && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(early);
      early = due - System.nanoTime();
    }
  }
}
