package dev.samgs.job.operator;

import static dev.samgs.job.TestModels.SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.EventFormat;
import dev.samgs.connectors.event.FeatureForm;
import dev.samgs.connectors.event.LabelledEvent;
import dev.samgs.connectors.event.Refusal;
import dev.samgs.connectors.event.RefusalReason;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.kafka.DeadLetterRecords;
import dev.samgs.job.TestModels;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.InputSettings.StartingOffsets;
import dev.samgs.job.config.ModelsSettings;
import dev.samgs.learn.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Damaged events of every form through the operator that decodes them. A longer run: {@code mvn
 * test -pl flink-job -am -Dtest=DecodeFuzzTest -Dsamgs.fuzz.events=100000000 -Dsamgs.fuzz.seed=7}.
 */
class DecodeFuzzTest {
  private static final int EVENTS = Integer.getInteger("samgs.fuzz.events", 1_040_000);
  private static final long SEED = Long.getLong("samgs.fuzz.seed", 20_260_101);
  private static final int FORMS = 4;
  private static final int LIMIT = 1 << 20;

  /** What breaks readers of numbers, names, nesting and text. */
  private static final List<byte[]> FRAGMENTS =
      List.of(
              "NaN",
              "-Infinity",
              "1e999",
              "-1e-999",
              "1".repeat(400),
              "0." + "0".repeat(1200),
              "9223372036854775808",
              "-0",
              "null",
              "true",
              "\"\"",
              "{",
              "}",
              "[",
              "]",
              "[".repeat(40),
              "{\"a\":".repeat(40),
              ",",
              ":",
              "\"ts\":",
              "\"labels\":{\"leak\":2},",
              "\"leak\":1,",
              "\"grade\":3",
              "\"wear\":[1]",
              "\"nosuch\":1,",
              "\"temperature\":1,",
              "\"\\u0000\"",
              "\"\\ud800\"",
              "\u2028",
              "x".repeat(5000))
          .stream()
          .map(text -> text.getBytes(StandardCharsets.UTF_8))
          .toList();

  private static final byte[] EDGES = {0, 1, 2, 0x7f, (byte) 0x80, (byte) 0xff, (byte) 0xc3, '"'};

  @ParameterizedTest
  @CsvSource({"JSON,BY_NAME", "JSON,BY_POSITION", "AVRO,BY_NAME", "AVRO,BY_POSITION"})
  void whateverArrivesIsARowOrADeadLetterAndNeverAnException(EventFormat format, FeatureForm form)
      throws Exception {
    List<byte[]> corpus = corpus(format, form);
    SplittableRandom random = new SplittableRandom(SEED + format.ordinal() * 2 + form.ordinal());
    int rows = 0;
    int letters = 0;
    try (Decoding decoding = new Decoding(format)) {
      for (int i = 0; i < EVENTS / FORMS; i++) {
        byte[] value = damaged(corpus, random);
        byte[] before = value.clone();
        SourceRecord record = new SourceRecord("events", i % 7, i, 1000 + i, null, value);
        try {
          decoding.send(record);
          DeadLetter letter = decoding.letter();
          TrainingRow row = decoding.row();
          if (!Arrays.equals(value, before)) {
            throw new AssertionError("decoding has changed the record");
          }
          check(record, letter, row);
          rows += row == null ? 0 : 1;
          letters += letter == null ? 0 : 1;
        } catch (Exception | AssertionError e) {
          throw new AssertionError(
              "seed " + SEED + ", event " + i + ": " + HexFormat.of().formatHex(before), e);
        }
      }
    }
    // Both must happen often, or the damage was too little or too great to prove anything.
    assertThat(rows).isGreaterThan(EVENTS / FORMS / 50);
    assertThat(letters).isGreaterThan(EVENTS / FORMS / 4);
  }

  private static void check(SourceRecord record, DeadLetter letter, TrainingRow row) {
    if (letter == null && row == null) {
      throw new AssertionError("it is neither a row nor a dead letter");
    }
    if (letter != null) {
      check(record, letter, row != null);
    }
    if (row != null) {
      check(row);
    }
  }

  private static void check(SourceRecord record, DeadLetter letter, boolean used) {
    if (letter.record() != record || letter.partly() != used) {
      throw new AssertionError("the dead letter is not of this record");
    }
    for (Refusal refusal : letter.refusals()) {
      if (refusal.sentence().isBlank()
          || refusal.sentence().codePoints().anyMatch(Character::isISOControl)) {
        throw new AssertionError("nobody can read '" + refusal.sentence() + "'");
      }
    }
    var sent = DeadLetterRecords.toProducerRecord("dead-letters", letter, LIMIT);
    if (!Arrays.equals(sent.value(), record.value())) {
      throw new AssertionError("the dead letter's bytes are not the record's");
    }
  }

  private static void check(TrainingRow arrived) {
    Row row = arrived.row();
    if (row.features().length != SPEC.features().size()
        || row.labels().length != SPEC.tasks().size()
        || arrived.model().isEmpty()) {
      throw new AssertionError("the row has the wrong shape");
    }
    // NaN is what the learner knows as missing; anything else has to be a number.
    for (double feature : row.features()) {
      if (Double.isInfinite(feature)) {
        throw new AssertionError("a feature is infinite");
      }
    }
    for (int t = 0; t < row.labels().length; t++) {
      double label = row.labels()[t];
      if (!Double.isNaN(label) && SPEC.tasks().get(t).refusal(label) != null) {
        throw new AssertionError(label + " is no label of " + SPEC.tasks().get(t).name());
      }
    }
  }

  private static List<byte[]> corpus(EventFormat format, FeatureForm form) {
    var encoder =
        format.encoder(
            SPEC.features(), SPEC.tasks().stream().map(task -> task.name()).toList(), form);
    List<byte[]> corpus = new ArrayList<>();
    int i = 0;
    for (Row row : TestModels.rows(5, 64)) {
      corpus.add(
          encoder.encode(
              new LabelledEvent("line-" + i % 3, i % 2 == 0 ? "m7" : null, "e" + i++, row)));
    }
    return corpus;
  }

  /**
   * One to four changes of an event: bits, bytes, pieces of it, of others, and what breaks readers.
   */
  private static byte[] damaged(List<byte[]> corpus, SplittableRandom random) {
    byte[] value = corpus.get(random.nextInt(corpus.size())).clone();
    for (int left = 1 + random.nextInt(4); left > 0 && value.length > 0; left--) {
      int at = random.nextInt(value.length);
      int to = Math.min(value.length, at + 1 + random.nextInt(24));
      switch (random.nextInt(7)) {
        case 0 -> value[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> value[at] = EDGES[random.nextInt(EDGES.length)];
        case 2 -> value = spliced(value, at, to, new byte[0]);
        case 3 -> value = spliced(value, to, to, Arrays.copyOfRange(value, at, to));
        case 4 -> value = spliced(value, at, to, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
        case 5 -> value = spliced(value, at, at, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
        default -> {
          byte[] other = corpus.get(random.nextInt(corpus.size()));
          int from = random.nextInt(other.length);
          value = spliced(value, at, value.length, Arrays.copyOfRange(other, from, other.length));
        }
      }
    }
    return value;
  }

  private static byte[] spliced(byte[] value, int from, int to, byte[] piece) {
    return ByteBuffer.allocate(from + piece.length + value.length - to)
        .put(value, 0, from)
        .put(piece)
        .put(value, to, value.length - to)
        .array();
  }

  @ParameterizedTest
  @CsvSource({"-1,true", "0,true", "1,false"})
  void anEventMayHaveAsManyBytesAsTheReferenceSays(int beyond, boolean taken) throws Exception {
    byte[] event = "{\"ts\":1,\"features\":[1,2,3],\"labels\":{}}".getBytes(StandardCharsets.UTF_8);
    byte[] value = Arrays.copyOf(event, LIMIT + beyond);
    Arrays.fill(value, event.length, value.length, (byte) ' ');
    try (Decoding decoding = new Decoding(EventFormat.JSON)) {
      decoding.send(new SourceRecord("events", 0, 0, 0, null, value));

      assertThat(decoding.row() != null).isEqualTo(taken);
      DeadLetter letter = decoding.letter();
      if (!taken) {
        assertThat(letter.refusals())
            .extracting(Refusal::reason)
            .containsExactly(RefusalReason.TOO_LARGE);
        assertThat(letter.record().value()).isSameAs(value);
      }
    }
  }

  @Test
  void depthIsRefusedBeforeTheStackEnds() throws Exception {
    try (Decoding decoding = new Decoding(EventFormat.JSON)) {
      for (String opening : List.of("[", "{\"features\":", "{\"labels\":{\"wear\":", "[{\"a\":")) {
        byte[] value = opening.repeat(LIMIT / opening.length()).getBytes(StandardCharsets.UTF_8);
        decoding.send(new SourceRecord("events", 0, 0, 0, null, value));

        assertThat(decoding.row()).isNull();
        assertThat(decoding.letter().refusals()).hasSize(1);
      }
    }
  }

  /** The operator, and what came out of it last. */
  private static final class Decoding implements AutoCloseable {
    private final OneInputStreamOperatorTestHarness<SourceRecord, TrainingRow> harness;

    Decoding(EventFormat format) throws Exception {
      harness =
          new OneInputStreamOperatorTestHarness<>(
              new ProcessOperator<>(
                  new DecodeFunction(
                      SPEC,
                      new InputSettings(
                          "events", format, null, "default", StartingOffsets.EARLIEST, false),
                      ModelsSettings.defaults(),
                      TrainHarness.METRICS,
                      false)));
      harness.open();
    }

    void send(SourceRecord record) throws Exception {
      harness.processElement(record, record.timestamp());
    }

    TrainingRow row() {
      Queue<Object> out = harness.getOutput();
      return out.isEmpty() ? null : (TrainingRow) ((StreamRecord<?>) out.poll()).getValue();
    }

    DeadLetter letter() {
      Queue<StreamRecord<DeadLetter>> out = harness.getSideOutput(DecodeFunction.DEAD_LETTERS);
      return out == null || out.isEmpty() ? null : out.poll().getValue();
    }

    @Override
    public void close() throws Exception {
      harness.close();
    }
  }
}
