package dev.samgs.job.pipeline;

import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.JsonEventEncoder;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.job.PlainRun;
import dev.samgs.job.TestModels;
import dev.samgs.learn.Row;
import dev.samgs.snapshot.OnnxEncoder;
import dev.samgs.spec.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Three production lines that send their events to a topic, the same in every run. */
final class Lines {
  static final List<String> MODELS = List.of("press", "mill", "lathe");

  /** Each line has so many events. */
  static final int EVENTS = 400;

  /** Updates between two snapshots. */
  static final int SNAPSHOT_EVERY = 10;

  private final JsonEventEncoder encoder =
      new JsonEventEncoder(
          TestModels.SPEC.features(),
          TestModels.SPEC.tasks().stream().map(TaskSpec::name).toList(),
          FeatureForm.BY_NAME);

  /** All rows of a line. */
  static List<Row> rows(String model) {
    return TestModels.rows(MODELS.indexOf(model), EVENTS);
  }

  /**
   * Sends the events of all lines, turn by turn, each line under its own key.
   *
   * @param from first event of each line
   * @param to end of them (exclusive)
   * @param extra further values, sent in between
   */
  void send(KafkaConnection connection, String topic, int from, int to, List<byte[]> extra) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = from; i < to; i++) {
      for (String model : MODELS) {
        byte[] event = encoder.encode(new LabelledEvent(model, null, null, rows(model).get(i)));
        records.add(new ProducerRecord<>(topic, utf8(model), event));
      }
    }
    for (int i = 0; i < extra.size(); i++) {
      records.add((i + 1) * 20, new ProducerRecord<>(topic, utf8(MODELS.get(0)), extra.get(i)));
    }
    Properties properties = connection.with(Map.of("acks", "all"));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      records.forEach(producer::send);
      producer.flush();
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What the core comes to on some of a line's events. */
  static PlainRun plain(String model, int from, int to) {
    return new PlainRun(TestModels.SPEC, SNAPSHOT_EVERY).take(rows(model).subList(from, to));
  }

  /**
   * {@linkplain Published#hash Hash} of every snapshot that all events of all lines lead to, in
   * order, by model.
   */
  static Map<String, List<String>> snapshots() {
    Map<String, List<String>> snapshots = new TreeMap<>();
    for (String model : MODELS) {
      snapshots.put(model, hashes(model, plain(model, 0, EVENTS).finish()));
    }
    return snapshots;
  }

  /** {@linkplain Published#hash Hash} of every snapshot of a run, in order. */
  static List<String> hashes(String model, PlainRun run) {
    return run.snapshots().stream()
        .map(snapshot -> Published.hash(OnnxEncoder.encode(model, snapshot)))
        .toList();
  }
}
