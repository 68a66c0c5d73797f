package dev.samgs.connectors.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonEventDecoderTest {
  static final ModelSpec SPEC =
      new ModelSpec(
          List.of("pressure", "flow", "speed"),
          List.of(
              TaskSpec.regression("width"),
              TaskSpec.binary("scrap"),
              TaskSpec.multiclass("wear", 3)),
          NetworkSpec.defaults(),
          LearningSpec.defaults(),
          SurgeryMethod.all().get(0).defaults(),
          DetectorMethod.all().get(0).defaults());

  private static final long RECORD_TIME = 1_700_000_000_123L;

  private final JsonEventDecoder decoder = new JsonEventDecoder(SPEC);

  private Decoded decode(String json) {
    return decode(json.getBytes(StandardCharsets.UTF_8));
  }

  private Decoded decode(byte[] value) {
    return decoder.decode(new SourceRecord("events", 0, 7, RECORD_TIME, null, value));
  }

  private static String event(String features, String labels) {
    return "{\"model\":\"line-1\",\"key\":\"m7\",\"eventId\":\"e1\",\"ts\":1000,\"features\":"
        + features
        + ",\"labels\":"
        + labels
        + "}";
  }

  private void assertRefused(String json, RefusalReason reason, String field, String inSentence) {
    Decoded decoded = decode(json);
    assertThat(decoded.event()).isNull();
    assertThat(decoded.refusals()).hasSize(1);
    assertThat(decoded.refusals().get(0).reason()).isEqualTo(reason);
    assertThat(decoded.refusals().get(0).field()).isEqualTo(field);
    assertThat(decoded.refusals().get(0).sentence()).contains(inSentence);
  }

  @Test
  void readsEveryFieldOfAnEvent() {
    Decoded decoded =
        decode(
            """
            {"model":"line-1","key":"m7","eventId":"e1","ts":"2026-01-01T00:00:00Z",
             "features":{"speed":-3,"pressure":1.5},"labels":{"wear":2,"width":0.25}}
            """);
    assertThat(decoded.refusals()).isEmpty();
    LabelledEvent event = decoded.event();
    assertThat(event.model()).isEqualTo("line-1");
    assertThat(event.key()).isEqualTo("m7");
    assertThat(event.eventId()).isEqualTo("e1");
    assertThat(event.row().timestamp()).isEqualTo(1_767_225_600_000L);
    assertThat(event.row().features()).containsExactly(1.5, Double.NaN, -3);
    assertThat(event.row().labels()).containsExactly(0.25, Double.NaN, 2);
  }

  @Test
  void readsFeaturesByPosition() {
    assertThat(decode(event("[1,null,3e2]", "null")).event().row().features())
        .containsExactly(1, Double.NaN, 300);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "{}", "{\"width\":null}"})
  void labelsThatAreAbsentOrNullAreUnknown(String labels) {
    Decoded decoded = decode(event("{}", labels));
    assertThat(decoded.refusals()).isEmpty();
    assertThat(decoded.event().row().labelled()).isFalse();
    assertThat(decoded.event().row().features())
        .containsExactly(Double.NaN, Double.NaN, Double.NaN);
  }

  @Test
  void oneEventDoesNotShowThroughInTheNext() {
    Decoded first = decode(event("[1,2,3]", "{\"width\":1,\"nonsense\":1}"));
    Decoded second = decode("{\"model\":\"line-1\",\"features\":{}}");
    assertThat(first.event().row().features()).containsExactly(1, 2, 3);
    assertThat(first.refusals()).hasSize(1);
    assertThat(second.refusals()).isEmpty();
    assertThat(second.event().key()).isNull();
    assertThat(second.event().eventId()).isNull();
    assertThat(second.event().row().labelled()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"ts\":null,"})
  void theRecordsTimestampStandsInForAMissingOne(String ts) {
    assertThat(decode("{\"model\":\"m\"," + ts + "\"features\":{}}").event().row().timestamp())
        .isEqualTo(RECORD_TIME);
  }

  @Test
  void anEventWithoutAnyTimestampIsRefused() {
    byte[] value = "{\"model\":\"m\",\"features\":{}}".getBytes(StandardCharsets.UTF_8);
    assertThat(decoder.decode(new SourceRecord("events", 0, 7, -1, null, value)).refusals().get(0))
        .extracting(Refusal::reason, Refusal::field)
        .containsExactly(RefusalReason.MISSING_FIELD, "ts");
  }

  @Test
  void theDefaultModelStandsInForAMissingOne() {
    byte[] value = "{\"features\":{}}".getBytes(StandardCharsets.UTF_8);
    assertThat(
            new JsonEventDecoder(SPEC, "only")
                .decode(new SourceRecord("events", 0, 7, 0, null, value))
                .event()
                .model())
        .isEqualTo("only");
    assertRefused("{\"features\":{}}", RefusalReason.MISSING_FIELD, "model", "no default model");
  }

  @Test
  void aDefaultModelMustBeAModelName() {
    assertThatThrownBy(() -> new JsonEventDecoder(SPEC, "line 1"))
        .hasMessageContaining("'line 1' must be 1 to 200 letters");
  }

  @Test
  void misspeltNamesAreAnsweredWithTheNearestValidOne() {
    assertRefused(
        event("{\"presure\":1}", "null"),
        RefusalReason.UNKNOWN_FEATURE,
        "features.'presure'",
        "no feature 'presure'; did you mean 'pressure'?");
    assertRefused(
        "{\"model\":\"m\",\"lables\":{},\"features\":{}}",
        RefusalReason.UNKNOWN_FIELD,
        "'lables'",
        "did you mean 'labels'?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1,2]          | WRONG_LENGTH    | features          | has 2 numbers, but the model has 3",
        "[1,2,3,4]      | WRONG_LENGTH    | features          | has 4 numbers, but the model has 3",
        "[1,2,[3]]      | WRONG_TYPE      | features.speed    | number or null, but is an array",
        "{\"flow\":\"1\"} | WRONG_TYPE    | features.flow     | number or null, but is a string",
        "{\"flow\":true}  | WRONG_TYPE    | features.flow     | but is a truth value",
        "{\"flow\":NaN}   | NOT_FINITE    | features.flow     | finite number, but is 'NaN'",
        "{\"flow\":-Infinity} | NOT_FINITE | features.flow    | finite number, but is '-Inf",
        "{\"flow\":1e999} | NOT_FINITE    | features.flow     | finite number, but is '1e999'",
        "{\"flow\":1,\"flow\":1} | DUPLICATE_FIELD | features.flow | stands there twice",
        "null           | WRONG_TYPE      | features          | an object or an array, but is null",
        "5              | WRONG_TYPE      | features          | an object or an array, but is a"
            + " numb",
      })
  void aBadFeatureRefusesTheEvent(
      String features, RefusalReason reason, String field, String sentence) {
    assertRefused(event(features, "null"), reason, field, sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"scrap\":2}        | BAD_LABEL       | labels.scrap    | class number from 0 to 1",
        "{\"wear\":1.5}       | BAD_LABEL       | labels.wear     | class number from 0 to 2",
        "{\"wear\":-1}        | BAD_LABEL       | labels.wear     | class number from 0 to 2",
        "{\"scrap\":NaN}      | BAD_LABEL       | labels.scrap    | must be a finite number",
        "{\"scrap\":\"yes\"}  | BAD_LABEL       | labels.scrap    | a number or null, but is a"
            + " string",
        "{\"scrap\":{\"a\":[1]}} | BAD_LABEL    | labels.scrap    | a number or null, but is an"
            + " obj",
        "{\"skrap\":1}        | UNKNOWN_TASK    | labels.'skrap'  | did you mean 'scrap'?",
        "{\"scrap\":1,\"scrap\":1} | DUPLICATE_FIELD | labels.scrap | stands there twice",
      })
  void aBadLabelRefusesThatLabelOnly(
      String bad, RefusalReason reason, String field, String sentence) {
    Decoded decoded =
        decode(event("[1,2,3]", "{\"width\":0.5," + bad.substring(1, bad.length() - 1) + "}"));
    assertThat(decoded.event().row().labels()).containsExactly(0.5, Double.NaN, Double.NaN);
    assertThat(decoded.event().row().features()).containsExactly(1, 2, 3);
    assertThat(decoded.refusals()).hasSize(1);
    assertThat(decoded.refusals().get(0).reason()).isEqualTo(reason);
    assertThat(decoded.refusals().get(0).field()).isEqualTo(field);
    assertThat(decoded.refusals().get(0).sentence()).contains(sentence);
  }

  @Test
  void severalBadLabelsMakeOneDeadLetterThatNamesAll() {
    SourceRecord record =
        new SourceRecord(
            "events",
            0,
            7,
            0,
            null,
            event("[1,2,3]", "{\"width\":1,\"scrap\":7,\"wear\":9}")
                .getBytes(StandardCharsets.UTF_8));
    DeadLetter letter = decoder.decode(record).deadLetter(record);
    assertThat(letter.partly()).isTrue();
    assertThat(letter.refusals())
        .extracting(Refusal::field)
        .containsExactly("labels.scrap", "labels.wear");
  }

  @Test
  void aFloodOfBadLabelsIsCountedInsteadOfSpeltOut() {
    StringBuilder labels = new StringBuilder("{\"width\":1");
    for (int i = 0; i < 1000; i++) {
      labels.append(",\"x").append(i).append("\":1");
    }
    Decoded decoded = decode(event("[1,2,3]", labels.append('}').toString()));
    assertThat(decoded.event().row().labels()[0]).isEqualTo(1);
    assertThat(decoded.refusals()).hasSize(33);
    assertThat(decoded.refusals().get(32).sentence()).isEqualTo("968 further labels were refused");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                          | WRONG_TYPE      |        | must be a JSON object, but is an"
            + " array",
        "{                           | MALFORMED       |        | not valid JSON at byte",
        "nonsense                    | MALFORMED       |        | not valid JSON at byte",
        "{\"model\":\"m\",\"features\":{}} x  | MALFORMED |     | not valid JSON at byte",
        "{\"model\":\"m\",\"features\":{}}{}  | MALFORMED |     | something follows the end",
        "{\"model\":\"m\",\"features\":{},}   | MALFORMED |     | not valid JSON at byte",
        "{\"model\":\"m\",\"features\":{\"flow\":01}} | MALFORMED | | not valid JSON at byte",
        "{\"model\":\"m\"}           | MISSING_FIELD   | features | no field 'features'",
        "{\"model\":\"a/b\",\"features\":{}} | BAD_MODEL | model | 'a/b' must be 1 to 200 letters",
        "{\"model\":\"\",\"features\":{}}    | BAD_MODEL | model | must be 1 to 200 letters",
        "{\"model\":7,\"features\":{}}       | WRONG_TYPE | model | a string, but is a number",
        "{\"model\":\"m\",\"model\":\"n\"}   | DUPLICATE_FIELD | model | stands there twice",
        "{\"model\":\"m\",\"labels\":[]}     | WRONG_TYPE | labels | an object, but is an array",
        "{\"model\":\"m\",\"key\":1}         | WRONG_TYPE | key | a string, but is a number",
        "{\"model\":\"m\",\"x\\u0000\":1}    | UNKNOWN_FIELD | 'x?' | no field 'x?'",
      })
  void aBrokenEventIsRefusedWithWhereAndWhy(
      String json, RefusalReason reason, String field, String sentence) {
    assertRefused(json, reason, field == null ? "" : field, sentence);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "1.5",
        "1700000000000.0",
        "253402300800000",
        "1700000000000000000",
        "99999999999999999999",
        "true",
        "{}",
        "\"yesterday\"",
        "\"2026-02-29T00:00:00Z\"",
        "\"1969-12-31T23:59:59Z\"",
        "\"1700000000000\""
      })
  void anEventTimeOutOfRangeOrUnreadableIsRefused(String ts) {
    assertRefused(
        "{\"model\":\"m\",\"ts\":" + ts + ",\"features\":{}}",
        RefusalReason.BAD_TIMESTAMP,
        "ts",
        "'ts' must be RFC 3339 text or whole milliseconds");
  }

  @Test
  void namesThatNeedEscapesAreReadOnlyWithThem() {
    ModelSpec spec =
        new ModelSpec(
            List.of("a\"b", "c\\d"),
            SPEC.tasks(),
            SPEC.network(),
            SPEC.learning(),
            SPEC.surgery(),
            SPEC.drift());
    JsonEventDecoder decoder = new JsonEventDecoder(spec, "m");
    Decoded escaped = decode(decoder, "{\"ts\":1,\"features\":{\"a\\\"b\":1,\"c\\\\d\":2}}");
    assertThat(escaped.event().row().features()).containsExactly(1, 2);
    assertThat(decode(decoder, "{\"ts\":1,\"features\":{\"a\"b\":1}}").event()).isNull();
    assertThat(decode(decoder, "{\"ts\":1,\"features\":{\"c\\d\":1}}").event()).isNull();
  }

  private static Decoded decode(JsonEventDecoder decoder, String json) {
    return decoder.decode(
        new SourceRecord("events", 0, 7, 0, null, json.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aRecordWithoutValueIsRefused() {
    assertThat(decode((byte[]) null).refusals().get(0).reason()).isEqualTo(RefusalReason.EMPTY);
    assertThat(decode(" \n".getBytes(StandardCharsets.UTF_8)).refusals().get(0).reason())
        .isEqualTo(RefusalReason.EMPTY);
    assertThat(decode(new byte[0]).refusals().get(0).reason()).isEqualTo(RefusalReason.EMPTY);
  }

  @Test
  void anOversizedRecordIsRefusedUnread() {
    assertThat(decode(new byte[EventDraft.MAX_BYTES + 1]).refusals().get(0).reason())
        .isEqualTo(RefusalReason.TOO_LARGE);
  }

  @Test
  void deepNestingIsRefusedEvenInsideABadLabel() {
    assertRefused(
        event("[1,2,3]", "{\"width\":" + "[".repeat(5000) + "]".repeat(5000) + "}"),
        RefusalReason.MALFORMED,
        "",
        "nesting depth");
  }

  @Test
  void aNumberOfManyDigitsIsRefused() {
    assertRefused(
        event("[1,2," + "1".repeat(2000) + "]", "null"), RefusalReason.MALFORMED, "", "Number");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE", "ISO-8859-1"})
  void onlyUtf8IsRead(String charset) {
    byte[] value =
        event("[1,2,3]", "null").replace("m7", "Würth").getBytes(Charset.forName(charset));
    assertThat(decode(value).refusals())
        .extracting(Refusal::reason)
        .containsExactly(RefusalReason.MALFORMED);
  }

  @Test
  void overlongUtf8IsRefusedWithItsPosition() {
    byte[] value = event("[1,2,3]", "null").getBytes(StandardCharsets.UTF_8);
    int at = new String(value, StandardCharsets.UTF_8).indexOf("m7");
    value[at] = (byte) 0xc0;
    value[at + 1] = (byte) 0xaf;
    assertThat(decode(value).refusals().get(0).sentence())
        .isEqualTo("the record is not valid UTF-8 at byte " + at);
  }

  @Test
  void longUtf8TextPasses() {
    String key = "Wärmetauscher ".repeat(200);
    assertThat(decode(event("[1,2,3]", "null").replace("m7", key)).event().key()).isEqualTo(key);
  }
}
