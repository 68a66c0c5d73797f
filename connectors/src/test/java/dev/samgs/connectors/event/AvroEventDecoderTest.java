package dev.samgs.connectors.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.samgs.learn.Row;
import dev.samgs.spec.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AvroEventDecoderTest {
  private static final List<String> FEATURES = JsonEventDecoderTest.SPEC.features();
  private static final List<String> TASKS =
      JsonEventDecoderTest.SPEC.tasks().stream().map(TaskSpec::name).toList();
  private static final long RECORD_TIME = 1_700_000_000_123L;

  private final AvroEventDecoder decoder =
      new AvroEventDecoder(JsonEventDecoderTest.SPEC, "fallback");

  private Decoded decode(byte[] value) {
    return decoder.decode(new SourceRecord("events", 0, 7, RECORD_TIME, null, value));
  }

  /** What stands behind the header, in hexadecimal digits. */
  private Decoded decodeBody(String hex) {
    byte[] body = HexFormat.of().parseHex(hex.replace(" ", ""));
    byte[] avro = Arrays.copyOf(new byte[] {(byte) 0xC3, 1}, AvroEvents.HEADER + body.length);
    AvroEvents.LONG.set(avro, 2, AvroEvents.FINGERPRINT);
    System.arraycopy(body, 0, avro, AvroEvents.HEADER, body.length);
    return decode(avro);
  }

  private static LabelledEvent event(double[] features, double[] labels) {
    return new LabelledEvent("line-1", "m7", "e1", new Row(1000, features, labels));
  }

  private static byte[] encode(List<String> features, List<String> tasks, LabelledEvent event) {
    return new AvroEventEncoder(features, tasks, FeatureForm.BY_NAME).encode(event);
  }

  private static void assertRefused(
      Decoded decoded, RefusalReason reason, String field, String inSentence) {
    assertThat(decoded.event()).isNull();
    assertThat(decoded.refusals()).hasSize(1);
    assertThat(decoded.refusals().get(0).reason()).isEqualTo(reason);
    assertThat(decoded.refusals().get(0).field()).isEqualTo(field);
    assertThat(decoded.refusals().get(0).sentence()).contains(inSentence);
  }

  @Test
  void theFingerprintIsThatOfTheSchema() {
    assertThat(
            SchemaNormalization.parsingFingerprint64(
                new Schema.Parser().parse(AvroEvents.schema())))
        .isEqualTo(AvroEvents.FINGERPRINT);
  }

  @Test
  void theDocumentationShowsThatSchema() throws Exception {
    Path page = Path.of("..", "docs", "reference", "events.md");
    String text = Files.readString(page);
    assertThat(text)
        .contains(AvroEvents.schema().strip())
        .contains(HexFormat.of().toHexDigits(AvroEvents.FINGERPRINT));
  }

  /** Written down byte by byte, as Avro's specification has it. */
  @Test
  void readsAnEventByTheSpecificationOfAvro() {
    Decoded decoded =
        decodeBody(
            "02 02 6d" // model: "m"
                + "00 00" // no key, no event id
                + "02 02" // ts: 1
                + "00 06 02 000000000000f03f 00 02 00000000000000c0 00" // features: [1, null, -2]
                + "01 24 0a 7769647468 02 000000000000e03f 00"); // labels: {width: 0.5}, one block

    assertThat(decoded.refusals()).isEmpty();
    assertThat(decoded.event().model()).isEqualTo("m");
    assertThat(decoded.event().key()).isNull();
    assertThat(decoded.event().row().timestamp()).isEqualTo(1);
    assertThat(decoded.event().row().features()).containsExactly(1, Double.NaN, -2);
    assertThat(decoded.event().row().labels()).containsExactly(0.5, Double.NaN, Double.NaN);
  }

  @Test
  void whatIsLeftOutComesFromTheRecordAndTheConfiguration() {
    Decoded decoded = decodeBody("00 00 00 00 02 00 00");

    assertThat(decoded.refusals()).isEmpty();
    assertThat(decoded.event().model()).isEqualTo("fallback");
    assertThat(decoded.event().row().timestamp()).isEqualTo(RECORD_TIME);
    assertThat(decoded.event().row().features()).containsOnly(Double.NaN);
    assertThat(decoded.event().row().labelled()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "02 02 2f                                 | BAD_MODEL       | model    | '/' must be 1 to"
            + " 200",
        "00 00 00 02 01                           | BAD_TIMESTAMP   | ts       | but is '-1'",
        "00 00 00 00 00 04 00 00 00               | WRONG_LENGTH    | features | has 2 numbers",
        "00 00 00 00 00 08 00 00 00 00 00         | WRONG_LENGTH    | features | has 4 numbers",
        "00 00 00 00 00 06 02 000000000000f87f    | NOT_FINITE      | features.pressure | 'NaN'",
        "00 00 00 00 00 06 02 000000000000f0ff    | NOT_FINITE      | features.pressure |"
            + " '-Infinity'",
        "00 00 00 00 02 02 08 666c6f71            | UNKNOWN_FEATURE | features.'floq' | did you"
            + " mean 'flow'",
        "00 00 00 00 02 04 08 666c6f77 00 08 666c6f77 | DUPLICATE_FIELD | features.flow | twice",
        "00 00 00 00 04                           | MALFORMED       |  | no branch 2",
        "04                                       | MALFORMED       |  | no branch 2",
        "02 04 6d                                 | MALFORMED       |  | a text of 2 bytes",
        "02 01                                    | MALFORMED       |  | a text of -1 bytes",
        "00 02 02 ff                              | MALFORMED       |  | not valid UTF-8",
        "00 00 00                                 | MALFORMED       |  | cut off",
        "00 00 00 02 ffffffffffffffffffffff       | MALFORMED       |  | more than 10 bytes",
        "00 00 00 00 00 06 02 0000                | MALFORMED       |  | cut off",
        "00 00 00 00 00 ffffffffffffffffff01 02   | MALFORMED       |  | items cannot be",
        "00 00 00 00 02 00 00 00                  | MALFORMED       |  | follows the end",
      })
  void whatIsWrongWithAnEventRefusesItWithWhereAndWhy(
      String body, RefusalReason reason, String field, String sentence) {
    assertRefused(decodeBody(body), reason, field == null ? "" : field, sentence);
  }

  @Test
  void aBadLabelRefusesThatLabelOnly() {
    byte[] avro =
        encode(
            FEATURES,
            List.of("width", "scrap", "skrap"),
            event(new double[] {1, 2, 3}, new double[] {0.5, 7, 1}));
    Decoded decoded = decode(avro);

    assertThat(decoded.event().row().labels()).containsExactly(0.5, Double.NaN, Double.NaN);
    assertThat(decoded.refusals())
        .extracting(Refusal::reason, Refusal::field)
        .containsExactly(
            tuple(RefusalReason.BAD_LABEL, "labels.scrap"),
            tuple(RefusalReason.UNKNOWN_TASK, "labels.'skrap'"));
  }

  @Test
  void aLabelThatStandsThereTwiceIsRefused() {
    Decoded decoded =
        decode(
            encode(
                FEATURES,
                List.of("width", "width"),
                event(new double[] {1, 2, 3}, new double[] {0.5, 0.5})));

    assertThat(decoded.event().row().labelled()).isFalse();
    assertThat(decoded.refusals())
        .extracting(Refusal::reason)
        .containsExactly(RefusalReason.DUPLICATE_FIELD);
  }

  @Test
  void featuresByNameMayComeInAnyOrder() {
    Decoded decoded =
        decode(
            encode(List.of("speed", "pressure"), TASKS, event(new double[] {3, 1}, new double[3])));

    assertThat(decoded.event().row().features()).containsExactly(1, Double.NaN, 3);
  }

  @Test
  void anotherSchemaIsNamedByItsFingerprint() {
    byte[] avro = encode(FEATURES, TASKS, event(new double[3], new double[3]));
    AvroEvents.LONG.set(avro, 2, 0x0123456789abcdefL);

    assertRefused(decode(avro), RefusalReason.UNKNOWN_SCHEMA, "", "fingerprint 0123456789abcdef");
  }

  @Test
  void jsonIsToldToBeJson() {
    assertRefused(
        decode("{\"model\":\"m\",\"features\":{}}".getBytes(StandardCharsets.UTF_8)),
        RefusalReason.MALFORMED,
        "",
        "it looks like JSON");
  }

  @Test
  void oversizedAndEmptyRecordsAreRefusedUnread() {
    assertRefused(
        decode(new byte[EventDraft.MAX_BYTES + 1]), RefusalReason.TOO_LARGE, "", "an event may");
    assertRefused(decode(null), RefusalReason.EMPTY, "", "no value");
  }

  @ParameterizedTest
  @EnumSource(FeatureForm.class)
  void anEventCutOffAnywhereIsRefused(FeatureForm form) {
    byte[] avro =
        new AvroEventEncoder(FEATURES, TASKS, form)
            .encode(event(new double[] {1, Double.NaN, 3}, new double[] {1, 1, 2}));
    for (int length = 0; length < avro.length; length++) {
      assertThat(decode(Arrays.copyOf(avro, length)).event()).as("%s bytes", length).isNull();
    }
  }
}
