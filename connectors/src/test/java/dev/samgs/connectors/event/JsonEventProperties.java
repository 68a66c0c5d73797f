package dev.samgs.connectors.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.learn.Row;
import dev.samgs.spec.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class JsonEventProperties {
  private static final List<String> FEATURES = JsonEventDecoderTest.SPEC.features();
  private static final List<String> TASKS =
      JsonEventDecoderTest.SPEC.tasks().stream().map(TaskSpec::name).toList();

  /** Pieces that a mutation may put into an event, so that it meets more than broken syntax. */
  private static final List<String> FRAGMENTS =
      List.of(
          "NaN",
          "Infinity",
          "-Infinity",
          "1e999",
          "-0",
          "null",
          "{",
          "}",
          "[",
          "]",
          "\"",
          ",",
          ":",
          "\"model\":",
          "\"labels\":{",
          "9".repeat(400),
          "[".repeat(40),
          "\\ud800",
          "\u0000");

  private final JsonEventDecoder decoder = new JsonEventDecoder(JsonEventDecoderTest.SPEC);

  @Property(seed = "1")
  void whatIsEncodedIsDecodedToTheLastBit(
      @ForAll("events") LabelledEvent event, @ForAll FeatureForm form) {
    byte[] json = new JsonEventEncoder(FEATURES, TASKS, form).encode(event);
    Decoded decoded = decoder.decode(new SourceRecord("events", 0, 0, 0, null, json));
    assertThat(decoded.refusals()).isEmpty();
    assertThat(decoded.event().model()).isEqualTo(event.model());
    assertThat(decoded.event().key()).isEqualTo(event.key());
    assertThat(decoded.event().eventId()).isEqualTo(event.eventId());
    assertThat(decoded.event().row().timestamp()).isEqualTo(event.row().timestamp());
    assertThat(bits(decoded.event().row().features())).isEqualTo(bits(event.row().features()));
    assertThat(bits(decoded.event().row().labels())).isEqualTo(bits(event.row().labels()));
  }

  @Property(tries = 5000, seed = "1")
  void noMutationOfAnEventThrowsOrLetsABadNumberThrough(
      @ForAll("events") LabelledEvent event,
      @ForAll FeatureForm form,
      @ForAll @IntRange(min = 1, max = 4) int mutations,
      @ForAll long seed) {
    byte[] json = new JsonEventEncoder(FEATURES, TASKS, form).encode(event);
    Random random = new Random(seed);
    for (int m = 0; m < mutations; m++) {
      json = mutate(json, random);
    }
    Decoded decoded = decoder.decode(new SourceRecord("events", 0, 0, 0, null, json));
    if (decoded.event() == null) {
      assertThat(decoded.refusals()).hasSize(1);
      assertThat(decoded.refusals().get(0).sentence()).isNotBlank().hasSizeLessThan(500);
    } else {
      LabelledEvent read = decoded.event();
      assertThat(ModelName.valid(read.model())).isTrue();
      assertThat(EventTime.valid(read.row().timestamp())).isTrue();
      assertThat(read.row().features()).hasSize(FEATURES.size());
      assertThat(Arrays.stream(read.row().features()).noneMatch(Double::isInfinite)).isTrue();
      for (int t = 0; t < TASKS.size(); t++) {
        double label = read.row().labels()[t];
        assertThat(
                Double.isNaN(label)
                    || JsonEventDecoderTest.SPEC.tasks().get(t).refusal(label) == null)
            .isTrue();
      }
    }
  }

  /** The scanner of the common form reads what the parser reads, and nothing that it refuses. */
  @Property(tries = 20_000, seed = "1")
  void theScannerAgreesWithTheParser(
      @ForAll("events") LabelledEvent event,
      @ForAll FeatureForm form,
      @ForAll @IntRange(max = 3) int mutations,
      @ForAll long seed) {
    byte[] json = new JsonEventEncoder(FEATURES, TASKS, form).encode(event);
    Random random = new Random(seed);
    for (int m = 0; m < mutations; m++) {
      json = mutate(json, random);
    }
    if (json.length > 0) {
      assertSame(json);
    }
  }

  @Property(tries = 20_000, seed = "1")
  void theScannerReadsNumbersAsTheParserDoes(@ForAll("numbers") String number) {
    assertSame(
        ("{\"model\":\"m\",\"ts\":1,\"features\":{\"flow\":" + number + "}}")
            .getBytes(StandardCharsets.UTF_8));
  }

  @Provide
  Arbitrary<String> numbers() {
    Arbitrary<String> digits = Arbitraries.strings().numeric().ofMaxLength(25);
    return Arbitraries.oneOf(
        Combinators.combine(
                Arbitraries.of("", "-", "+", "0", " "),
                digits,
                Arbitraries.of("", ".", ".0", ".000000001"),
                digits.map(d -> d.substring(0, Math.min(20, d.length()))),
                Arbitraries.of("", "e5", "E-7", "e+22", "e23", "e", "e-400", "e400", "x"))
            .as(
                (sign, whole, point, fraction, exponent) ->
                    sign + whole + point + fraction + exponent),
        Arbitraries.longs().map(Double::longBitsToDouble).map(String::valueOf),
        Arbitraries.doubles().map(String::valueOf));
  }

  private void assertSame(byte[] json) {
    SourceRecord record = new SourceRecord("events", 0, 0, 0, null, json);
    Decoded parsed = new JsonEventDecoder(JsonEventDecoderTest.SPEC).parse(record);
    Decoded decoded = decoder.decode(record);
    assertThat(decoded.refusals()).isEqualTo(parsed.refusals());
    if (parsed.event() == null) {
      assertThat(decoded.event()).isNull();
      return;
    }
    assertThat(decoded.event().model()).isEqualTo(parsed.event().model());
    assertThat(decoded.event().key()).isEqualTo(parsed.event().key());
    assertThat(decoded.event().eventId()).isEqualTo(parsed.event().eventId());
    assertThat(decoded.event().row().timestamp()).isEqualTo(parsed.event().row().timestamp());
    assertThat(bits(decoded.event().row().features()))
        .isEqualTo(bits(parsed.event().row().features()));
    assertThat(bits(decoded.event().row().labels())).isEqualTo(bits(parsed.event().row().labels()));
  }

  @Property(seed = "1")
  void randomBytesAreRefused(@ForAll byte[] bytes) {
    assertThat(decoder.decode(new SourceRecord("events", 0, 0, 0, null, bytes)).event()).isNull();
  }

  @Property(seed = "1")
  void timesAreReadAsTheJdkReadsThem(
      @ForAll @LongRange(min = 0, max = EventTime.MAX) long millis,
      @ForAll @IntRange(min = -18 * 60, max = 18 * 60) int offsetMinutes) {
    OffsetDateTime time =
        Instant.ofEpochMilli(millis).atOffset(ZoneOffset.ofTotalSeconds(60 * offsetMinutes));
    if (time.getYear() <= 9999 && time.getYear() >= 0) {
      String text = time.format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSxxx"));
      assertThat(EventTime.parse(text)).as(text).isEqualTo(millis);
    }
  }

  private static byte[] mutate(byte[] json, Random random) {
    if (json.length == 0) {
      return json;
    }
    int at = random.nextInt(json.length);
    int cut = random.nextInt(4) == 0 ? random.nextInt(json.length - at) : random.nextInt(2);
    byte[] inserted =
        switch (random.nextInt(4)) {
          case 0 -> new byte[0];
          case 1 -> new byte[] {(byte) random.nextInt(256)};
          case 2 -> Arrays.copyOfRange(json, at, at + random.nextInt(json.length - at));
          default ->
              FRAGMENTS.get(random.nextInt(FRAGMENTS.size())).getBytes(StandardCharsets.UTF_8);
        };
    byte[] mutated = new byte[json.length - cut + inserted.length];
    System.arraycopy(json, 0, mutated, 0, at);
    System.arraycopy(inserted, 0, mutated, at, inserted.length);
    System.arraycopy(json, at + cut, mutated, at + inserted.length, json.length - at - cut);
    return mutated;
  }

  private static long[] bits(double[] values) {
    return Arrays.stream(values).mapToLong(Double::doubleToLongBits).toArray();
  }

  @Provide
  Arbitrary<LabelledEvent> events() {
    Arbitrary<String> text =
        Arbitraries.strings().ofMaxLength(20).filter(s -> s.chars().noneMatch(c -> c >= 0xd800));
    Arbitrary<Double> anyDouble =
        Arbitraries.longs().map(Double::longBitsToDouble).filter(Double::isFinite);
    Arbitrary<Double> feature =
        Arbitraries.oneOf(
            anyDouble,
            Arbitraries.integers().map(Integer::doubleValue),
            Arbitraries.of(Double.NaN, 0.0, -0.0, Double.MIN_VALUE, Double.MAX_VALUE, 0.1));
    Arbitrary<double[]> features =
        feature
            .list()
            .ofSize(FEATURES.size())
            .map(list -> list.stream().mapToDouble(d -> d).toArray());
    Arbitrary<double[]> labels =
        Combinators.combine(
                feature, Arbitraries.of(Double.NaN, 0.0, 1.0), Arbitraries.of(Double.NaN, 0.0, 2.0))
            .as((width, scrap, wear) -> new double[] {width, scrap, wear});
    return Combinators.combine(
            Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars('.', '-', '_')
                .ofMinLength(1)
                .ofMaxLength(30),
            text.injectNull(0.2),
            text.injectNull(0.2),
            Arbitraries.longs().between(0, EventTime.MAX),
            features,
            labels)
        .as((model, key, id, ts, f, l) -> new LabelledEvent(model, key, id, new Row(ts, f, l)));
  }
}
