package dev.samgs.connectors.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import java.io.IOException;
import java.util.List;

/**
 * Reads JSON events:
 *
 * <pre>{@code
 * {"model": "line-1", "key": "m7", "eventId": "e1", "ts": "2026-01-01T00:00:00Z",
 *  "features": {"pressure": 3.5, "flow": null}, "labels": {"width": 1.25}}
 * }</pre>
 *
 * <ul>
 *   <li>{@code model}: see {@link ModelName}. Absent or null: the default model, if there is one.
 *   <li>{@code key}, {@code eventId}: text, or absent or null.
 *   <li>{@code ts}: RFC 3339 text, or whole milliseconds since 1970, up to the year 9999. Absent or
 *       null: the record's own timestamp, which a replay finds unchanged.
 *   <li>{@code features}: by name, or all of them in an array in the order of the specification.
 *       Null, or left out by name: missing.
 *   <li>{@code labels}: by name. Absent or null: unknown.
 * </ul>
 *
 * Strict: any other field, a field that stands there twice, a value of another type, a number that
 * is not finite, invalid UTF-8 or anything after the end refuses the event. What is wrong with a
 * single label refuses that label only.
 */
public final class JsonEventDecoder implements EventDecoder {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_NUMBER = 1000;

  /** There is no further feature. */
  private static final int END = -2;

  private static final List<String> FIELDS =
      List.of("model", "key", "eventId", "ts", "features", "labels");

  /** NaN and Infinity are read, so that they can be refused by name. */
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(EventDraft.MAX_TEXT)
                  .maxNameLength(EventDraft.MAX_TEXT)
                  .maxNumberLength(MAX_NUMBER)
                  .build())
          .build();

  private final SerializableString[] featureNames;
  private final StrictUtf8 utf8 = new StrictUtf8();
  private final EventDraft draft;
  private final JsonEventScanner scanner;

  /**
   * A decoder that refuses events without a model name.
   *
   * @param spec its features and tasks are those that events may have
   */
  public JsonEventDecoder(ModelSpec spec) {
    this(spec, null);
  }

  /**
   * @param spec its features and tasks are those that events may have
   * @param defaultModel model of events that name none; null to refuse them
   */
  public JsonEventDecoder(ModelSpec spec, String defaultModel) {
    this.draft = new EventDraft(spec, defaultModel);
    this.featureNames =
        spec.features().stream().map(SerializedString::new).toArray(SerializableString[]::new);
    this.scanner =
        new JsonEventScanner(
            draft, spec.features(), spec.tasks().stream().map(TaskSpec::name).toList());
  }

  @Override
  public Decoded decode(SourceRecord record) {
    byte[] value = record.value();
    Refusal refusal = EventDraft.refusalOfSize(value);
    if (refusal != null) {
      return EventDraft.refused(refusal);
    }
    return scanner.read(value) ? draft.complete(record) : parse(record);
  }

  /** Decodes a record of a permitted size by the parser, which is slower and knows all forms. */
  Decoded parse(SourceRecord record) {
    byte[] value = record.value();
    int invalid = utf8.firstInvalid(value, 0, value.length);
    Refusal refusal =
        invalid < 0
            ? read(value)
            : new Refusal(
                RefusalReason.MALFORMED, "", "the record is not valid UTF-8 at byte " + invalid);
    return refusal == null ? draft.complete(record) : EventDraft.refused(refusal);
  }

  /** Reads one event into the draft; returns why it is refused as a whole, or null. */
  private Refusal read(byte[] value) {
    draft.begin();
    try (JsonParser in = FACTORY.createParser(value)) {
      return readObject(in);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " at byte " + e.getLocation().getByteOffset();
      return malformed(where + ": " + EventDraft.message(e.getOriginalMessage()));
    } catch (IOException e) {
      return malformed(": " + EventDraft.message(String.valueOf(e.getMessage())));
    }
  }

  private static Refusal malformed(String problem) {
    return new Refusal(RefusalReason.MALFORMED, "", "the record is not valid JSON" + problem);
  }

  private Refusal readObject(JsonParser in) throws IOException {
    if (in.nextToken() == null) {
      return new Refusal(RefusalReason.EMPTY, "", "the record holds nothing but white space");
    }
    if (in.currentToken() != JsonToken.START_OBJECT) {
      return wrongType("", "an event", "a JSON object", in.currentToken());
    }
    int seen = 0;
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      int field = FIELDS.indexOf(name);
      if (field < 0) {
        return new Refusal(
            RefusalReason.UNKNOWN_FIELD,
            EventDraft.quote(name),
            "events have no field " + EventDraft.quote(name) + EventDraft.didYouMean(name, FIELDS));
      }
      if ((seen & 1 << field) != 0) {
        return EventDraft.duplicate(name);
      }
      seen |= 1 << field;
      in.nextToken();
      Refusal refusal =
          switch (name) {
            case "features" -> readFeatures(in);
            case "labels" -> readLabels(in);
            case "ts" -> readTimestamp(in);
            default -> readText(in, name);
          };
      if (refusal != null) {
        return refusal;
      }
    }
    if (in.nextToken() != null) {
      return new Refusal(
          RefusalReason.MALFORMED,
          "",
          "something follows the end of the event at byte "
              + in.currentTokenLocation().getByteOffset()
              + "; write one event to a record");
    }
    return null;
  }

  private Refusal readText(JsonParser in, String field) throws IOException {
    JsonToken token = in.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (token != JsonToken.VALUE_STRING) {
      return wrongType(field, "'" + field + "'", "a string", token);
    }
    String text = in.getText();
    switch (field) {
      case "key" -> draft.key(text);
      case "eventId" -> draft.eventId(text);
      default -> {
        return draft.model(text);
      }
    }
    return null;
  }

  private Refusal readTimestamp(JsonParser in) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    long millis =
        switch (in.currentToken()) {
          case VALUE_NUMBER_INT ->
              in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                  ? EventTime.INVALID
                  : in.getLongValue();
          case VALUE_STRING -> EventTime.parse(in.getText());
          default -> EventTime.INVALID;
        };
    return draft.timestamp(millis) ? null : EventDraft.badTimestamp(in.getText());
  }

  private Refusal readFeatures(JsonParser in) throws IOException {
    draft.beginFeatures();
    return switch (in.currentToken()) {
      case START_OBJECT -> readNamedFeatures(in);
      case START_ARRAY -> readFeatureArray(in);
      default -> wrongType("features", "'features'", "an object or an array", in.currentToken());
    };
  }

  private Refusal readNamedFeatures(JsonParser in) throws IOException {
    int index = nextFeature(in, 0);
    while (index >= 0) {
      Refusal refusal = draft.seen(index);
      if (refusal != null) {
        return refusal;
      }
      in.nextToken();
      refusal = readFeature(in, index);
      if (refusal != null) {
        return refusal;
      }
      index = nextFeature(in, index + 1);
    }
    return index == EventDraft.UNKNOWN ? draft.unknownFeature(in.currentName()) : null;
  }

  /**
   * Moves to the next feature's name. Features mostly come in the order of the specification: the
   * expected name is compared with the bytes, and only another one is looked up.
   *
   * @return index of the feature, {@link EventDraft#UNKNOWN}, or {@link #END}
   */
  private int nextFeature(JsonParser in, int expected) throws IOException {
    if (expected == featureNames.length) {
      in.nextToken();
    } else if (in.nextFieldName(featureNames[expected])) {
      return expected;
    }
    return in.currentToken() == JsonToken.FIELD_NAME ? draft.feature(in.currentName()) : END;
  }

  private Refusal readFeatureArray(JsonParser in) throws IOException {
    int count = 0;
    while (in.nextToken() != JsonToken.END_ARRAY) {
      if (count < featureNames.length) {
        Refusal refusal = readFeature(in, count);
        if (refusal != null) {
          return refusal;
        }
      } else {
        in.skipChildren();
      }
      count++;
    }
    return draft.refusalOfCount(count);
  }

  private Refusal readFeature(JsonParser in, int index) throws IOException {
    JsonToken token = in.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (!token.isNumeric()) {
      String name = draft.featureName(index);
      return wrongType(
          "features." + name, "feature " + EventDraft.quote(name), "a number or null", token);
    }
    double value = in.getDoubleValue();
    if (!Double.isFinite(value)) {
      return draft.notFinite(index, in.getText());
    }
    draft.feature(index, value);
    return null;
  }

  private Refusal readLabels(JsonParser in) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (in.currentToken() != JsonToken.START_OBJECT) {
      return wrongType("labels", "'labels'", "an object", in.currentToken());
    }
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      in.nextToken();
      int task = draft.task(name);
      if (task == EventDraft.UNKNOWN) {
        in.skipChildren();
        draft.refuseUnknownTask(name);
      } else if (draft.labelSeenOnce(task)) {
        readLabel(in, task);
      } else {
        in.skipChildren();
      }
    }
    return null;
  }

  private void readLabel(JsonParser in, int task) throws IOException {
    JsonToken token = in.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (!token.isNumeric()) {
      in.skipChildren();
      String name = draft.taskName(task);
      draft.refuseLabel(
          RefusalReason.BAD_LABEL,
          name,
          "label " + EventDraft.quote(name) + " must be a number or null, but is " + name(token));
      return;
    }
    double value = in.getDoubleValue();
    if (!draft.label(task, value)) {
      draft.refuseLabel(task, value, in.getText());
    }
  }

  private static Refusal wrongType(String field, String what, String expected, JsonToken token) {
    return new Refusal(
        RefusalReason.WRONG_TYPE, field, what + " must be " + expected + ", but is " + name(token));
  }

  private static String name(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a truth value";
      case VALUE_NULL -> "null";
      default -> "something else";
    };
  }
}
