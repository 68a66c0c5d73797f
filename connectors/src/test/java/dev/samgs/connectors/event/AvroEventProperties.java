package dev.samgs.connectors.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.spec.TaskSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;

/** The Avro library reads and writes the same as we do. */
class AvroEventProperties {
  private static final List<String> FEATURES = JsonEventDecoderTest.SPEC.features();
  private static final List<String> TASKS =
      JsonEventDecoderTest.SPEC.tasks().stream().map(TaskSpec::name).toList();
  private static final Schema SCHEMA = new Schema.Parser().parse(AvroEvents.schema());
  private static final BinaryMessageDecoder<GenericRecord> READER =
      new BinaryMessageDecoder<>(GenericData.get(), SCHEMA);

  private final AvroEventDecoder decoder = new AvroEventDecoder(JsonEventDecoderTest.SPEC, null);

  private Decoded decode(byte[] avro) {
    return decoder.decode(new SourceRecord("events", 0, 0, 0, null, avro));
  }

  @Property(seed = "1")
  void whatIsEncodedIsDecodedToTheLastBit(
      @ForAll("events") LabelledEvent event, @ForAll FeatureForm form) {
    Decoded decoded = decode(new AvroEventEncoder(FEATURES, TASKS, form).encode(event));

    assertThat(decoded.refusals()).isEmpty();
    assertSame(decoded.event(), event);
  }

  @Property(seed = "1")
  void theLibraryReadsWhatWeWrite(@ForAll("events") LabelledEvent event, @ForAll FeatureForm form)
      throws IOException {
    GenericRecord read = READER.decode(new AvroEventEncoder(FEATURES, TASKS, form).encode(event));

    assertThat(read).isEqualTo(record(event, form));
  }

  @Property(seed = "1")
  void weReadWhatTheLibraryWrites(@ForAll("events") LabelledEvent event, @ForAll FeatureForm form)
      throws IOException {
    ByteBuffer written =
        new BinaryMessageEncoder<GenericRecord>(GenericData.get(), SCHEMA)
            .encode(record(event, form));
    byte[] avro = new byte[written.remaining()];
    written.get(avro);
    Decoded decoded = decode(avro);

    assertThat(decoded.refusals()).isEmpty();
    assertSame(decoded.event(), event);
  }

  /**
   * Nothing that the library cannot read becomes an event, and what becomes one is what it reads.
   */
  @Property(tries = 5000, seed = "1")
  void noMutationOfAnEventThrowsOrIsReadAsSomethingElse(
      @ForAll("events") LabelledEvent event,
      @ForAll FeatureForm form,
      @ForAll @IntRange(min = 1, max = 4) int mutations,
      @ForAll long seed)
      throws IOException {
    byte[] avro = new AvroEventEncoder(FEATURES, TASKS, form).encode(event);
    Random random = new Random(seed);
    for (int m = 0; m < mutations; m++) {
      avro = mutate(avro, random);
    }
    Decoded decoded = decode(avro);

    if (decoded.event() == null) {
      assertThat(decoded.refusals()).hasSize(1);
      assertThat(decoded.refusals().get(0).sentence()).isNotBlank().hasSizeLessThan(500);
    } else {
      GenericRecord read = READER.decode(avro);
      assertThat(decoded.event().model()).isEqualTo(String.valueOf(read.get("model")));
      assertThat(bits(decoded.event().row().features())).isEqualTo(bits(features(read)));
      if (decoded.refusals().isEmpty()) {
        assertThat(bits(decoded.event().row().labels())).isEqualTo(bits(labels(read)));
      }
    }
  }

  @Property(seed = "1")
  void randomBytesBehindTheHeaderAreRefused(@ForAll byte[] bytes) {
    byte[] avro = Arrays.copyOf(new byte[] {(byte) 0xC3, 1}, AvroEvents.HEADER + bytes.length);
    AvroEvents.LONG.set(avro, 2, AvroEvents.FINGERPRINT);
    System.arraycopy(bytes, 0, avro, AvroEvents.HEADER, bytes.length);

    assertThat(decode(avro).event()).isNull();
  }

  private static void assertSame(LabelledEvent read, LabelledEvent event) {
    assertThat(read.model()).isEqualTo(event.model());
    assertThat(read.key()).isEqualTo(event.key());
    assertThat(read.eventId()).isEqualTo(event.eventId());
    assertThat(read.row().timestamp()).isEqualTo(event.row().timestamp());
    assertThat(bits(read.row().features())).isEqualTo(bits(event.row().features()));
    assertThat(bits(read.row().labels())).isEqualTo(bits(event.row().labels()));
  }

  static GenericRecord record(LabelledEvent event, FeatureForm form) {
    double[] values = event.row().features();
    Map<String, Double> labels = byName(TASKS, event.row().labels());
    labels.values().removeIf(label -> label == null);
    return new GenericRecordBuilder(SCHEMA)
        .set("model", event.model())
        .set("key", event.key())
        .set("eventId", event.eventId())
        .set("ts", event.row().timestamp())
        .set(
            "features",
            form == FeatureForm.BY_NAME
                ? byName(FEATURES, values)
                : Arrays.stream(values).mapToObj(AvroEventProperties::nullable).toList())
        .set("labels", labels)
        .build();
  }

  private static Map<String, Double> byName(List<String> names, double[] values) {
    Map<String, Double> map = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      map.put(names.get(i), nullable(values[i]));
    }
    return map;
  }

  private static Double nullable(double value) {
    return Double.isNaN(value) ? null : value;
  }

  private static double[] features(GenericRecord read) {
    if (read.get("features") instanceof List<?> list) {
      return list.stream().mapToDouble(AvroEventProperties::number).toArray();
    }
    return named(FEATURES, (Map<?, ?>) read.get("features"));
  }

  private static double[] labels(GenericRecord read) {
    return named(TASKS, (Map<?, ?>) read.get("labels"));
  }

  private static double[] named(List<String> names, Map<?, ?> values) {
    Map<String, Object> byText = new HashMap<>();
    values.forEach((name, value) -> byText.put(name.toString(), value));
    return names.stream().mapToDouble(name -> number(byText.get(name))).toArray();
  }

  private static double number(Object value) {
    return value == null ? Double.NaN : (Double) value;
  }

  private static byte[] mutate(byte[] avro, Random random) {
    if (avro.length == 0) {
      return avro;
    }
    int at = random.nextInt(avro.length);
    int cut = random.nextInt(4) == 0 ? random.nextInt(avro.length - at) : random.nextInt(2);
    byte[] inserted =
        switch (random.nextInt(3)) {
          case 0 -> new byte[0];
          case 1 -> new byte[] {(byte) random.nextInt(256)};
          default -> Arrays.copyOfRange(avro, at, at + random.nextInt(avro.length - at));
        };
    byte[] mutated = new byte[avro.length - cut + inserted.length];
    System.arraycopy(avro, 0, mutated, 0, at);
    System.arraycopy(inserted, 0, mutated, at, inserted.length);
    System.arraycopy(avro, at + cut, mutated, at + inserted.length, avro.length - at - cut);
    return mutated;
  }

  private static long[] bits(double[] values) {
    return Arrays.stream(values).mapToLong(Double::doubleToLongBits).toArray();
  }

  @Provide
  Arbitrary<LabelledEvent> events() {
    return new JsonEventProperties().events();
  }
}
