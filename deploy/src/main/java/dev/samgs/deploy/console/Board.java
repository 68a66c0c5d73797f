package dev.samgs.deploy.console;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.deploy.predict.PredictionJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * What the page shows, of all models. One thread fills it with records, others wait for changes and
 * write messages. Its size is bounded: by the models it holds, and by what it holds of each.
 */
final class Board {
  private static final int LETTERS = 100;

  /** A model that has said nothing for so long does not count in the throughput. */
  private static final long QUIET_MILLIS = 60_000;

  private final ConsoleTopics topics;
  private final int maxModels;

  /** In the order in which something was last heard of them. */
  private final LinkedHashMap<String, ModelBoard> models = new LinkedHashMap<>(16, 0.75f, true);

  private final Recent<ObjectNode> letters = new Recent<>(LETTERS);
  private final Map<String, Long> refusals = new TreeMap<>();
  private final Map<TopicPartition, Long> learned = new HashMap<>();
  private long sequence;
  private long forgotten;
  private long unreadable;
  private boolean connected;
  private boolean caughtUp;
  private long unread;
  private long unlearned = -1;
  private String problem = "";
  private boolean closed;

  /**
   * @param maxModels how many models are held; of more, those that are silent longest are forgotten
   */
  Board(ConsoleTopics topics, int maxModels) {
    this.topics = topics;
    this.maxModels = maxModels;
  }

  /** Takes a record of one of the topics. */
  synchronized void take(ConsumerRecord<byte[], byte[]> record) {
    String topic = record.topic();
    try {
      if (topic.equals(topics.metrics())) {
        TaskMetrics metrics = TaskMetrics.fromJson(record.value());
        model(metrics.model()).take(metrics, record.timestamp());
      } else if (topic.equals(topics.alarms())) {
        DriftAlarmRecord alarm = DriftAlarmRecord.fromJson(record.value());
        model(alarm.model()).take(alarm);
      } else if (topic.equals(topics.snapshots())) {
        takeSnapshot(record);
      } else if (topic.equals(topics.deadLetters())) {
        takeLetter(record);
      } else {
        takeCommand(record);
      }
    } catch (IOException | RuntimeException e) {
      // Whatever it is that somebody wrote to the topic: it must not stop the page.
      unreadable++;
    }
    sequence++;
  }

  private ModelBoard model(String name) {
    ModelBoard model = models.get(name);
    if (model == null) {
      if (name == null) {
        throw new IllegalArgumentException("a record without a model");
      }
      model = new ModelBoard(name);
      models.put(name, model);
      if (models.size() > maxModels) {
        Iterator<String> silent = models.keySet().iterator();
        silent.next();
        silent.remove();
        forgotten++;
      }
    }
    model.changed(sequence + 1);
    return model;
  }

  private void takeSnapshot(ConsumerRecord<byte[], byte[]> record) {
    ModelBoard model = model(text(record.key()));
    if (record.value() == null) {
      model.forgetSnapshots();
      return;
    }
    Map<String, String> headers = headers(record);
    JsonNode known = PredictionJson.provenance(headers);
    ObjectNode snapshot = BoardJson.MAPPER.createObjectNode();
    // As text: a browser's numbers are exact up to 2^53 only.
    snapshot.put("version", headers.get(SnapshotHeaders.VERSION));
    snapshot.put("parent", headers.get(SnapshotHeaders.PARENT));
    snapshot.set("update", known.get("update"));
    snapshot.set("watermark", known.get("watermark"));
    snapshot.put("verdict", known.path("gate").path("verdict").asText(null));
    snapshot.set("scores", known.get("scores"));
    snapshot.put("published", record.timestamp());
    snapshot.put("bytes", record.value().length);
    snapshot.put(
        "stored", SnapshotHeaders.CLAIM_CHECK.equals(headers.get(SnapshotHeaders.CONTENT)));
    model.takeSnapshot(snapshot);
    for (Map.Entry<String, JsonNode> topic : known.path("offsets").properties()) {
      for (Map.Entry<String, JsonNode> partition : topic.getValue().properties()) {
        learned.merge(
            new TopicPartition(topic.getKey(), Integer.parseInt(partition.getKey())),
            partition.getValue().asLong(),
            Math::max);
      }
    }
  }

  private void takeLetter(ConsumerRecord<byte[], byte[]> record) {
    ObjectNode letter = LetterJson.of(record, headers(record));
    letter.put("number", letters.added());
    letters.add(letter);
    refusals.merge(letter.path("reason").asText("unknown"), 1L, Long::sum);
  }

  private void takeCommand(ConsumerRecord<byte[], byte[]> record) throws IOException {
    JsonNode asked = BoardJson.MAPPER.readTree(record.value());
    ObjectNode command = BoardJson.MAPPER.createObjectNode();
    command.put("at", record.timestamp());
    for (String field : Set.of("action", "version", "by", "reason")) {
      if (asked.hasNonNull(field)) {
        command.put(field, asked.get(field).asText());
      }
    }
    model(text(record.key())).takeCommand(command);
  }

  static String text(byte[] utf8) {
    return utf8 == null ? null : new String(utf8, StandardCharsets.UTF_8);
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), text(header.value()));
    }
    headers.values().removeIf(Objects::isNull);
    return headers;
  }

  /** Up to which offset the events of each partition are in published models. */
  synchronized Map<TopicPartition, Long> learned() {
    return Map.copyOf(learned);
  }

  /**
   * The broker has answered.
   *
   * @param records that are there and have not been read
   * @param events that are there and in no published model; −1 if nobody knows
   */
  synchronized void connected(long records, long events) {
    caughtUp |= records == 0;
    boolean news = !connected || unread != records || unlearned != events;
    connected = true;
    problem = "";
    unread = records;
    unlearned = events;
    if (news) {
      changed();
    }
  }

  /** The broker does not answer. */
  synchronized void disconnected(String sentence) {
    if (connected || !problem.equals(sentence)) {
      connected = false;
      problem = sentence;
      changed();
    }
  }

  /** Lets those go who wait for a change. */
  synchronized void changed() {
    sequence++;
    notifyAll();
  }

  /** Whether there is such a model. */
  synchronized boolean knows(String model) {
    return models.containsKey(model);
  }

  /** Ends all waiting. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized boolean closed() {
    return closed;
  }

  /**
   * What one page has been told. It begins with nothing, so that its first message tells all.
   *
   * @param model the model that the page shows; empty for the first by name
   */
  static final class Reader {
    private final String model;
    private long sequence = -1;
    private long forgotten = -1;
    private long letters;

    Reader(String model) {
      this.model = model;
    }
  }

  /** Waits for something that the reader has not been told, or until the time is over. */
  synchronized void await(Reader reader, Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    for (long left = atMost.toMillis(); !closed && sequence == reader.sequence && left > 0; ) {
      wait(left);
      left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    }
  }

  /** Pauses, so that a page is not told more often than it can show. */
  synchronized void pause(Duration time) throws InterruptedException {
    long deadline = System.nanoTime() + time.toNanos();
    for (long left = time.toMillis(); !closed && left > 0; ) {
      wait(left);
      left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    }
  }

  /** What has changed since the reader's last message. */
  synchronized byte[] message(Reader reader) {
    return BoardJson.object(
        out -> {
          out.writeNumberField("sequence", sequence);
          writeState(out);
          boolean all = reader.sequence < 0 || reader.forgotten != forgotten;
          out.writeBooleanField("all", all);
          out.writeArrayFieldStart("models");
          ModelBoard shown = null;
          String first = null;
          for (Map.Entry<String, ModelBoard> entry : models.entrySet()) {
            ModelBoard model = entry.getValue();
            if (all || model.changed() > reader.sequence) {
              model.writeSummary(out);
            }
            if (entry.getKey().equals(reader.model)) {
              shown = model;
            }
            if (reader.model.isEmpty() && (first == null || entry.getKey().compareTo(first) < 0)) {
              first = entry.getKey();
              shown = model;
            }
          }
          out.writeEndArray();
          if (shown != null && (all || shown.changed() > reader.sequence)) {
            out.writeFieldName("model");
            shown.writeDetail(out);
          }
          writeLetters(out, reader);
          reader.sequence = sequence;
          reader.forgotten = forgotten;
        });
  }

  private void writeState(JsonGenerator out) throws IOException {
    long now = System.currentTimeMillis();
    double rate = 0;
    long drifting = 0;
    for (ModelBoard model : models.values()) {
      if (now - model.seen() < QUIET_MILLIS && Double.isFinite(model.rate())) {
        rate += model.rate();
      }
      drifting += model.drifting() > 0 ? 1 : 0;
    }
    out.writeObjectFieldStart("state");
    out.writeNumberField("now", now);
    out.writeBooleanField("connected", connected);
    out.writeBooleanField("caughtUp", caughtUp);
    out.writeStringField("problem", problem);
    out.writeNumberField("unread", unread);
    out.writeNumberField("unlearned", unlearned);
    out.writeNumberField("models", models.size());
    out.writeNumberField("forgotten", forgotten);
    out.writeNumberField("unreadable", unreadable);
    out.writeNumberField("drifting", drifting);
    BoardJson.figure(out, "rate", rate);
    out.writeNumberField("deadLetters", letters.added());
    out.writeObjectFieldStart("refusals");
    for (Map.Entry<String, Long> reason : refusals.entrySet()) {
      out.writeNumberField(reason.getKey(), reason.getValue());
    }
    out.writeEndObject();
    out.writeEndObject();
  }

  private void writeLetters(JsonGenerator out, Reader reader) throws IOException {
    out.writeArrayFieldStart("letters");
    long number = letters.added() - letters.size();
    for (ObjectNode letter : letters) {
      if (number++ >= reader.letters) {
        out.writeRawValue(letter.toString());
      }
    }
    out.writeEndArray();
    reader.letters = letters.added();
  }
}
