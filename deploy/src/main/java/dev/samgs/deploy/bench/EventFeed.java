package dev.samgs.deploy.bench;

import dev.samgs.connectors.event.EventEncoder;
import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.learn.Row;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Events for any number of models, the same each time. Features have four decimals, as sensors do;
 * every label depends on them and some noise; every event has all labels. Event <em>i</em> is the
 * model <em>i</em> mod <em>models</em>'s, and models are the records' keys.
 */
final class EventFeed {
  private static final int ROWS = 4096;
  private static final long SEED = 1;
  private static final double NOISE = 0.3;
  private static final long TICK_NANOS = 1_000_000;

  private final KafkaConnection connection;
  private final int models;
  private final EventEncoder encoder;
  private final Row[] rows = new Row[ROWS];

  EventFeed(KafkaConnection connection, EventFormat format, ModelSpec spec, int models) {
    this.connection = connection;
    this.models = models;
    this.encoder =
        format.encoder(
            spec.features(),
            spec.tasks().stream().map(TaskSpec::name).toList(),
            FeatureForm.BY_NAME);
    SplittableRandom random = new SplittableRandom(SEED);
    double[][] weights = new double[spec.tasks().size()][spec.features().size()];
    for (double[] task : weights) {
      Arrays.setAll(task, f -> random.nextGaussian());
    }
    for (int r = 0; r < ROWS; r++) {
      double[] features = new double[spec.features().size()];
      Arrays.setAll(features, f -> Math.rint(1e4 * (10 * f + random.nextGaussian())) / 1e4);
      double[] labels = new double[spec.tasks().size()];
      Arrays.setAll(labels, t -> label(spec.tasks().get(t), weights[t], features, random));
      rows[r] = new Row(0, features, labels);
    }
  }

  private static double label(
      TaskSpec task, double[] weights, double[] features, SplittableRandom random) {
    double value = NOISE * random.nextGaussian();
    for (int f = 0; f < features.length; f++) {
      value += weights[f] * (features[f] - 10 * f);
    }
    return switch (task.kind()) {
      case REGRESSION -> Math.rint(1e4 * value) / 1e4;
      case BINARY -> value > 0 ? 1 : 0;
      case MULTICLASS -> Math.min(task.classes() - 1, Math.floor(Math.abs(value) / 2));
    };
  }

  static String model(int number) {
    return "model-" + number;
  }

  /**
   * Sends events and waits until the broker has confirmed them.
   *
   * @param perSecond how many per second; 0 for as fast as the broker takes them
   * @param appended receives the time, in milliseconds since 1970, that the topic notes for each
   *     event; null if nobody wants to know
   */
  void send(String topic, long events, double perSecond, long[] appended) {
    AtomicReference<Exception> failure = new AtomicReference<>();
    byte[][] keys = new byte[models][];
    String[] names = new String[models];
    for (int m = 0; m < models; m++) {
      names[m] = model(m);
      keys[m] = names[m].getBytes(StandardCharsets.UTF_8);
    }
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            connection.with(Map.of("batch.size", 1 << 17, "linger.ms", 2)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      long start = System.nanoTime();
      for (int i = 0; i < events; i++) {
        if (perSecond > 0) {
          while (i >= (System.nanoTime() - start) / 1e9 * perSecond) {
            LockSupport.parkNanos(TICK_NANOS);
          }
        }
        int model = i % models;
        int event = i;
        Row row = rows[i % ROWS];
        byte[] value =
            encoder.encode(
                new LabelledEvent(
                    names[model],
                    null,
                    null,
                    new Row(System.currentTimeMillis(), row.features(), row.labels())));
        producer.send(
            new ProducerRecord<>(topic, keys[model], value),
            (metadata, e) -> {
              if (e != null) {
                failure.compareAndSet(null, e);
              } else if (appended != null) {
                appended[event] = metadata.timestamp();
              }
            });
      }
      producer.flush();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("the broker did not take the events", failure.get());
    }
  }
}
