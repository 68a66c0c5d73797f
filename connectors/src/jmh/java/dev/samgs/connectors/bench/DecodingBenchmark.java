package dev.samgs.connectors.bench;

import dev.samgs.connectors.event.Decoded;
import dev.samgs.connectors.event.EventDecoder;
import dev.samgs.connectors.event.EventEncoder;
import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.Row;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Decoding of events with 20 features and 3 labels, with full validation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodingBenchmark {
  private static final int EVENTS = 1024;
  private static final int FEATURES = 20;

  @Param EventFormat format;

  @Param FeatureForm form;

  /** Decimals of a feature: as sensors have them, or all that a double has. */
  @Param({"4", "17"})
  int decimals;

  private final SourceRecord[] records = new SourceRecord[EVENTS];
  private EventDecoder decoder;
  private int next;

  @Setup
  public void encode() {
    ModelSpec spec =
        new ModelSpec(
            IntStream.range(0, FEATURES).mapToObj(f -> "feature-" + f).toList(),
            List.of(
                TaskSpec.regression("width"),
                TaskSpec.binary("scrap"),
                TaskSpec.multiclass("wear", 3)),
            NetworkSpec.defaults(),
            LearningSpec.defaults(),
            SurgeryMethod.named("sum").defaults(),
            DetectorMethod.named("adwin").defaults());
    EventEncoder encoder =
        format.encoder(spec.features(), spec.tasks().stream().map(TaskSpec::name).toList(), form);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < EVENTS; i++) {
      double[] features = new double[FEATURES];
      Arrays.setAll(features, f -> rounded(10 * f + random.nextGaussian()));
      double[] labels = {rounded(random.nextGaussian()), i % 2, i % 3};
      LabelledEvent event =
          new LabelledEvent(
              "line-1", "machine-7", "7-" + i, new Row(1_700_000_000_000L + i, features, labels));
      records[i] = new SourceRecord("events", 0, i, 0, null, encoder.encode(event));
    }
    decoder = format.decoder(spec, "default");
    for (SourceRecord record : records) {
      if (!decoder.decode(record).refusals().isEmpty()) {
        throw new IllegalStateException("an event of the benchmark was refused");
      }
    }
  }

  private double rounded(double value) {
    return decimals == 4 ? Math.rint(1e4 * value) / 1e4 : value;
  }

  /** One event. */
  @Benchmark
  public Decoded decode() {
    next = (next + 1) % EVENTS;
    return decoder.decode(records[next]);
  }
}
