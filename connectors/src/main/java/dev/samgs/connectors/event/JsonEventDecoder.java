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
import dev.samgs.learn.Row;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
  /** Largest event, in bytes. */
  public static final int MAX_BYTES = 1 << 20;

  private static final int MAX_DEPTH = 16;
  private static final int MAX_TEXT = 4096;
  private static final int MAX_NUMBER = 1000;
  private static final int MAX_QUOTED = 60;
  private static final int MAX_MESSAGE = 200;

  /** Label refusals of one event that are spelt out; further ones are only counted. */
  private static final int MAX_LABEL_REFUSALS = 32;

  private static final int END = -1;
  private static final int UNKNOWN = -2;

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
                  .maxStringLength(MAX_TEXT)
                  .maxNameLength(MAX_TEXT)
                  .maxNumberLength(MAX_NUMBER)
                  .build())
          .build();

  private final List<TaskSpec> tasks;
  private final List<String> featureNames;
  private final SerializableString[] encodedFeatureNames;
  private final Map<String, Integer> featureIndex = new HashMap<>();
  private final Map<String, Integer> taskIndex = new HashMap<>();
  private final String defaultModel;
  private final StrictUtf8 utf8 = new StrictUtf8();

  /** Number of the event in which a feature, or a label, was last seen. */
  private final long[] featureSeen;

  private final long[] labelSeen;
  private long eventNumber;

  /** The event that is being read. */
  private String model;

  private String key;
  private String eventId;
  private long timestamp;
  private double[] features;
  private double[] labels;
  private final List<Refusal> labelRefusals = new ArrayList<>();
  private int furtherLabelRefusals;

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
    if (defaultModel != null && !ModelName.valid(defaultModel)) {
      throw new IllegalArgumentException(
          "the default model '" + defaultModel + "' must be " + ModelName.RULE);
    }
    this.tasks = spec.tasks();
    this.featureNames = spec.features();
    this.encodedFeatureNames =
        featureNames.stream().map(SerializedString::new).toArray(SerializableString[]::new);
    this.defaultModel = defaultModel;
    for (int f = 0; f < featureNames.size(); f++) {
      featureIndex.put(featureNames.get(f), f);
    }
    for (int t = 0; t < tasks.size(); t++) {
      taskIndex.put(tasks.get(t).name(), t);
    }
    this.featureSeen = new long[featureNames.size()];
    this.labelSeen = new long[tasks.size()];
  }

  @Override
  public Decoded decode(SourceRecord record) {
    Refusal refusal = refusalOfBytes(record.value());
    if (refusal == null) {
      refusal = read(record);
    }
    if (refusal != null) {
      return new Decoded(null, List.of(refusal));
    }
    return new Decoded(
        new LabelledEvent(model, key, eventId, new Row(timestamp, features, labels)),
        labelRefusals);
  }

  private Refusal refusalOfBytes(byte[] value) {
    if (value == null || value.length == 0) {
      return new Refusal(RefusalReason.EMPTY, "", "the record has no value");
    }
    if (value.length > MAX_BYTES) {
      return new Refusal(
          RefusalReason.TOO_LARGE,
          "",
          "the record has " + value.length + " bytes; an event may have " + MAX_BYTES);
    }
    int invalid = utf8.firstInvalid(value);
    return invalid < 0
        ? null
        : new Refusal(
            RefusalReason.MALFORMED, "", "the record is not valid UTF-8 at byte " + invalid);
  }

  /** Reads one event into the fields; returns why it is refused as a whole, or null. */
  private Refusal read(SourceRecord record) {
    eventNumber++;
    model = null;
    key = null;
    eventId = null;
    timestamp = EventTime.INVALID;
    features = null;
    labels = new double[tasks.size()];
    Arrays.fill(labels, Double.NaN);
    labelRefusals.clear();
    furtherLabelRefusals = 0;
    try (JsonParser in = FACTORY.createParser(record.value())) {
      Refusal refusal = readObject(in);
      return refusal != null ? refusal : complete(record);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " at byte " + e.getLocation().getByteOffset();
      return malformed(where + ": " + printable(e.getOriginalMessage(), MAX_MESSAGE));
    } catch (IOException e) {
      return malformed(": " + printable(String.valueOf(e.getMessage()), MAX_MESSAGE));
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
            quote(name),
            "events have no field " + quote(name) + didYouMean(name, FIELDS));
      }
      if ((seen & 1 << field) != 0) {
        return duplicate(name);
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
      case "key" -> key = text;
      case "eventId" -> eventId = text;
      default -> {
        if (!ModelName.valid(text)) {
          return new Refusal(
              RefusalReason.BAD_MODEL,
              "model",
              "the model name " + quote(text) + " must be " + ModelName.RULE);
        }
        model = text;
      }
    }
    return null;
  }

  private Refusal readTimestamp(JsonParser in) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    timestamp =
        switch (in.currentToken()) {
          case VALUE_NUMBER_INT ->
              in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                  ? EventTime.INVALID
                  : in.getLongValue();
          case VALUE_STRING -> EventTime.parse(in.getText());
          default -> EventTime.INVALID;
        };
    if (EventTime.valid(timestamp)) {
      return null;
    }
    return new Refusal(
        RefusalReason.BAD_TIMESTAMP,
        "ts",
        "'ts' must be RFC 3339 text or whole milliseconds since 1970, up to the year 9999, but is "
            + quote(in.getText()));
  }

  private Refusal readFeatures(JsonParser in) throws IOException {
    features = new double[featureNames.size()];
    Arrays.fill(features, Double.NaN);
    return switch (in.currentToken()) {
      case START_OBJECT -> readNamedFeatures(in);
      case START_ARRAY -> readFeatureArray(in);
      default -> wrongType("features", "'features'", "an object or an array", in.currentToken());
    };
  }

  private Refusal readNamedFeatures(JsonParser in) throws IOException {
    int index = nextFeature(in, 0);
    while (index >= 0) {
      if (featureSeen[index] == eventNumber) {
        return duplicate("features." + featureNames.get(index));
      }
      featureSeen[index] = eventNumber;
      in.nextToken();
      Refusal refusal = readFeature(in, index);
      if (refusal != null) {
        return refusal;
      }
      index = nextFeature(in, index + 1);
    }
    if (index == UNKNOWN) {
      String name = in.currentName();
      return new Refusal(
          RefusalReason.UNKNOWN_FEATURE,
          "features." + quote(name),
          "the model has no feature " + quote(name) + didYouMean(name, featureNames));
    }
    return null;
  }

  /**
   * Moves to the next feature's name. Features mostly come in the order of the specification: the
   * expected name is compared with the bytes, and only another one is looked up.
   *
   * @return index of the feature, {@link #UNKNOWN}, or {@link #END}
   */
  private int nextFeature(JsonParser in, int expected) throws IOException {
    if (expected == featureNames.size()) {
      in.nextToken();
    } else if (in.nextFieldName(encodedFeatureNames[expected])) {
      return expected;
    }
    return in.currentToken() == JsonToken.FIELD_NAME
        ? featureIndex.getOrDefault(in.currentName(), UNKNOWN)
        : END;
  }

  private Refusal readFeatureArray(JsonParser in) throws IOException {
    int count = 0;
    while (in.nextToken() != JsonToken.END_ARRAY) {
      if (count < features.length) {
        Refusal refusal = readFeature(in, count);
        if (refusal != null) {
          return refusal;
        }
      } else {
        in.skipChildren();
      }
      count++;
    }
    if (count != features.length) {
      return new Refusal(
          RefusalReason.WRONG_LENGTH,
          "features",
          "'features' has "
              + count
              + " numbers, but the model has "
              + features.length
              + " features; write null for a missing one");
    }
    return null;
  }

  private Refusal readFeature(JsonParser in, int index) throws IOException {
    JsonToken token = in.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return null;
    }
    if (!token.isNumeric()) {
      String name = featureNames.get(index);
      return wrongType("features." + name, "feature " + quote(name), "a number or null", token);
    }
    double value = in.getDoubleValue();
    if (!Double.isFinite(value)) {
      String name = featureNames.get(index);
      return new Refusal(
          RefusalReason.NOT_FINITE,
          "features." + name,
          "feature "
              + quote(name)
              + " must be a finite number, but is "
              + quote(in.getText())
              + "; write null for a missing one");
    }
    features[index] = value;
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
      Integer index = taskIndex.get(name);
      if (index == null) {
        in.skipChildren();
        refuseLabel(
            RefusalReason.UNKNOWN_TASK,
            quote(name),
            "the model has no task " + quote(name) + didYouMean(name, taskIndex.keySet()));
      } else if (labelSeen[index] == eventNumber) {
        in.skipChildren();
        labels[index] = Double.NaN;
        refuseLabel(
            RefusalReason.DUPLICATE_FIELD,
            name,
            "label " + quote(name) + " stands there twice, and nobody knows which one is right");
      } else {
        labelSeen[index] = eventNumber;
        readLabel(in, index);
      }
    }
    return null;
  }

  private void readLabel(JsonParser in, int index) throws IOException {
    JsonToken token = in.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    TaskSpec task = tasks.get(index);
    if (!token.isNumeric()) {
      in.skipChildren();
      refuseLabel(
          RefusalReason.BAD_LABEL,
          task.name(),
          "label " + quote(task.name()) + " must be a number or null, but is " + name(token));
      return;
    }
    double value = in.getDoubleValue();
    String problem = task.refusal(value);
    if (problem != null) {
      refuseLabel(
          RefusalReason.BAD_LABEL,
          task.name(),
          "label " + quote(task.name()) + " is " + quote(in.getText()) + ", but " + problem);
      return;
    }
    labels[index] = value;
  }

  private void refuseLabel(RefusalReason reason, String label, String sentence) {
    if (labelRefusals.size() < MAX_LABEL_REFUSALS) {
      labelRefusals.add(new Refusal(reason, "labels." + label, sentence));
    } else {
      furtherLabelRefusals++;
    }
  }

  /** Fills in what may be left out; returns what may not. */
  private Refusal complete(SourceRecord record) {
    if (furtherLabelRefusals > 0) {
      labelRefusals.add(
          new Refusal(
              RefusalReason.BAD_LABEL,
              "labels",
              furtherLabelRefusals + " further labels were refused"));
    }
    if (features == null) {
      return new Refusal(
          RefusalReason.MISSING_FIELD, "features", "the event has no field 'features'");
    }
    if (model == null) {
      if (defaultModel == null) {
        return new Refusal(
            RefusalReason.MISSING_FIELD,
            "model",
            "the event has no field 'model' and no default model is configured");
      }
      model = defaultModel;
    }
    if (timestamp == EventTime.INVALID) {
      timestamp = record.timestamp();
      if (!EventTime.valid(timestamp)) {
        return new Refusal(
            RefusalReason.MISSING_FIELD,
            "ts",
            "the event has no field 'ts', and the record no timestamp that could stand in");
      }
    }
    return null;
  }

  private static Refusal duplicate(String field) {
    return new Refusal(
        RefusalReason.DUPLICATE_FIELD,
        field,
        "field " + quote(field) + " stands there twice, and nobody knows which one is right");
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

  private static String didYouMean(String name, Iterable<String> valid) {
    String nearest = name.length() > MAX_MESSAGE ? null : NearestName.to(name, valid);
    return nearest == null ? "" : "; did you mean " + quote(nearest) + "?";
  }

  private static String quote(String text) {
    return "'" + printable(text, MAX_QUOTED) + "'";
  }

  /** What somebody wrote, safe to print: shortened, without control characters. */
  private static String printable(String text, int maxLength) {
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .limit(maxLength)
        .forEach(c -> printable.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return printable.length() < text.length()
        ? printable.append('…').toString()
        : printable.toString();
  }
}
