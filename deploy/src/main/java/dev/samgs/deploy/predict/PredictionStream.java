package dev.samgs.deploy.predict;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.samgs.connectors.event.Decoded;
import dev.samgs.connectors.event.JsonEventDecoder;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.NearestName;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.LiveModel;
import dev.samgs.connectors.snapshot.LiveModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Predicts the events of one topic and writes the predictions to another, one record for each, in
 * order and under the event's key: {@code {"model","version","eventId","key","ts","predictions"}}.
 * An event that cannot be predicted becomes {@code {"model","eventId","error","topic","partition",
 * "offset"}}. Several instances of a group share the partitions.
 */
public final class PredictionStream implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);

  /** What a crashed instance left open blocks readers no longer than that. */
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(30);

  private final Settings settings;
  private final LiveModels models;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Map<String, Reader> readers = new HashMap<>();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private long predicted;
  private long refused;

  /**
   * What to read and write.
   *
   * @param group consumer group, whose offsets say where to go on
   * @param exactlyOnce whether predictions and offsets are committed in one transaction; otherwise
   *     a failure can repeat predictions, but loses none
   */
  public record Settings(String in, String out, String group, boolean exactlyOnce) {}

  /** How events of a version are read. */
  private record Reader(long version, JsonEventDecoder decoder) {}

  /**
   * A record and what is to become of it.
   *
   * @param event null if it is refused
   * @param refusal null if it is predicted
   */
  private record Waiting(
      ConsumerRecord<byte[], byte[]> record, String model, LabelledEvent event, String refusal) {}

  /**
   * Connects to Kafka.
   *
   * @throws KafkaAccessException if that is not possible
   */
  public PredictionStream(KafkaConnection connection, Settings settings, LiveModels models) {
    this.settings = settings;
    this.models = models;
    this.consumer =
        new KafkaConsumer<>(
            connection.with(
                Map.of(
                    "group.id",
                    settings.group(),
                    "isolation.level",
                    "read_committed",
                    "enable.auto.commit",
                    false,
                    "auto.offset.reset",
                    "earliest",
                    "allow.auto.create.topics",
                    false)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    Map<String, Object> writing = new HashMap<>(Map.of("acks", "all", "linger.ms", 5));
    if (settings.exactlyOnce()) {
      writing.put("transactional.id", settings.group() + "-" + UUID.randomUUID());
      writing.put("transaction.timeout.ms", TRANSACTION_TIMEOUT.toMillis());
    }
    this.producer =
        new KafkaProducer<>(
            connection.with(writing), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Predicts until it is asked to stop; what is read by then is written and committed.
   *
   * @throws KafkaAccessException if Kafka refuses
   */
  public void run(BooleanSupplier stop) {
    try {
      if (settings.exactlyOnce()) {
        producer.initTransactions();
      }
      consumer.subscribe(List.of(settings.in()));
      while (!stop.getAsBoolean()) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          commit(records);
        }
      }
    } catch (KafkaException e) {
      throw new KafkaAccessException(
          "predictions cannot go from topic " + settings.in() + " to " + settings.out(),
          e,
          "check that both exist and may be used; nothing is lost, start it again");
    }
  }

  private void commit(ConsumerRecords<byte[], byte[]> records) {
    Map<TopicPartition, OffsetAndMetadata> offsets = records.nextOffsets();
    long predictedBefore = predicted;
    long refusedBefore = refused;
    if (!settings.exactlyOnce()) {
      write(records);
      producer.flush();
      throwIfFailed();
      consumer.commitSync(offsets);
      return;
    }
    producer.beginTransaction();
    try {
      write(records);
      producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
      producer.commitTransaction();
    } catch (TransactionAbortableException | CommitFailedException | RetriableException e) {
      // The partitions may be another's by now. Whoever has them goes on where the group stands.
      producer.abortTransaction();
      predicted = predictedBefore;
      refused = refusedBefore;
      goBack();
    }
  }

  private void goBack() {
    Set<TopicPartition> assigned = consumer.assignment();
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(assigned);
    for (TopicPartition partition : assigned) {
      OffsetAndMetadata offset = committed.get(partition);
      if (offset == null) {
        consumer.seekToBeginning(List.of(partition));
      } else {
        consumer.seek(partition, offset.offset());
      }
    }
  }

  /** Predicts together what is of one model, and writes in the order of reading. */
  private void write(ConsumerRecords<byte[], byte[]> records) {
    Map<String, LiveModel> held = new HashMap<>();
    try {
      List<Waiting> waiting = new ArrayList<>(records.count());
      Map<String, List<double[]>> features = new HashMap<>();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        Waiting read = read(record, held);
        waiting.add(read);
        if (read.event() != null) {
          features
              .computeIfAbsent(read.model(), m -> new ArrayList<>())
              .add(read.event().row().features());
        }
      }
      Map<String, double[]> predictions = new HashMap<>();
      features.forEach((model, rows) -> predictions.put(model, score(held.get(model), rows)));
      Map<String, Integer> rows = new HashMap<>();
      for (Waiting read : waiting) {
        if (read.event() == null) {
          refused++;
          send(read, refusal(read));
        } else {
          predicted++;
          LiveModel model = held.get(read.model());
          int row = rows.merge(read.model(), 1, Integer::sum) - 1;
          send(read, prediction(read, model, predictions.get(read.model()), row * model.columns()));
        }
      }
    } finally {
      held.values().forEach(LiveModel::close);
    }
  }

  private Waiting read(ConsumerRecord<byte[], byte[]> record, Map<String, LiveModel> held) {
    String name = modelOf(record.value());
    if (name == null) {
      return new Waiting(record, null, null, "the event names no model, or is no JSON object");
    }
    LiveModel model = held.get(name);
    if (model == null) {
      model = models.acquire(name);
      if (model == null) {
        String nearest = NearestName.to(name, models.models().keySet());
        return new Waiting(
            record,
            name,
            null,
            "no model '"
                + name
                + "' has been published"
                + (nearest == null ? "" : "; did you mean '" + nearest + "'?"));
      }
      held.put(name, model);
    }
    Decoded decoded =
        decoder(model)
            .decode(
                new SourceRecord(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    record.timestamp(),
                    record.key(),
                    record.value()));
    return decoded.event() == null
        ? new Waiting(record, name, null, decoded.refusals().get(0).sentence())
        : new Waiting(record, name, decoded.event(), null);
  }

  private JsonEventDecoder decoder(LiveModel model) {
    Reader reader = readers.get(model.model());
    if (reader == null || reader.version() != model.version()) {
      reader = new Reader(model.version(), new JsonEventDecoder(model.spec()));
      readers.put(model.model(), reader);
    }
    return reader.decoder();
  }

  /** The member "model" of an event; null if there is none. */
  private static String modelOf(byte[] event) {
    if (event == null) {
      return null;
    }
    try (JsonParser json = PredictionJson.MAPPER.createParser(event)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
        JsonToken value = json.nextToken();
        if (field.equals("model")) {
          return value == JsonToken.VALUE_STRING ? json.getText() : null;
        }
        json.skipChildren();
      }
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  private static double[] score(LiveModel model, List<double[]> rows) {
    int width = model.spec().features().size();
    double[] features = new double[rows.size() * width];
    for (int r = 0; r < rows.size(); r++) {
      System.arraycopy(rows.get(r), 0, features, r * width, width);
    }
    double[] predictions = new double[rows.size() * model.columns()];
    model.score(features, rows.size(), predictions);
    return predictions;
  }

  private static byte[] prediction(Waiting read, LiveModel model, double[] predictions, int from) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = PredictionJson.MAPPER.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("model", model.model());
      out.writeNumberField("version", model.version());
      out.writeStringField("eventId", read.event().eventId());
      out.writeStringField("key", read.event().key());
      out.writeNumberField("ts", read.event().row().timestamp());
      out.writeFieldName("predictions");
      PredictionJson.write(out, model, predictions, from);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a prediction could not be written to memory", e);
    }
    return bytes.toByteArray();
  }

  private static byte[] refusal(Waiting read) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = PredictionJson.MAPPER.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("model", read.model());
      out.writeStringField("error", read.refusal());
      out.writeStringField("topic", read.record().topic());
      out.writeNumberField("partition", read.record().partition());
      out.writeNumberField("offset", read.record().offset());
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a refusal could not be written to memory", e);
    }
    return bytes.toByteArray();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The callback is told of failures.
  private void send(Waiting read, byte[] value) {
    producer.send(
        new ProducerRecord<>(settings.out(), read.record().key(), value),
        (metadata, e) -> {
          if (e != null) {
            failure.compareAndSet(null, e);
          }
        });
  }

  private void throwIfFailed() {
    Exception failed = failure.get();
    if (failed != null) {
      throw new KafkaException("a prediction was not taken: " + failed.getMessage(), failed);
    }
  }

  /** Events predicted so far. */
  public long predicted() {
    return predicted;
  }

  /** Events that could not be predicted so far. */
  public long refused() {
    return refused;
  }

  @Override
  public void close() {
    consumer.close();
    producer.close();
  }
}
