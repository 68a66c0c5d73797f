package dev.samgs.connectors.event;

import dev.samgs.learn.Row;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The event that a decoder is reading: the rules that are the same in every format, and their
 * sentences. Reused for each event.
 */
final class EventDraft {
  /** Largest event, in bytes. */
  static final int MAX_BYTES = 1 << 20;

  /** Longest text, in bytes of UTF-8 or characters, whichever a format counts. */
  static final int MAX_TEXT = 4096;

  /** Stands for a feature or a task that the model does not have. */
  static final int UNKNOWN = -1;

  private static final int MAX_QUOTED = 60;
  private static final int MAX_MESSAGE = 200;

  /** Label refusals of one event that are spelt out; further ones are only counted. */
  private static final int MAX_LABEL_REFUSALS = 32;

  private final List<TaskSpec> tasks;
  private final List<String> featureNames;
  private final Map<String, Integer> featureIndex = new HashMap<>();
  private final Map<String, Integer> taskIndex = new HashMap<>();
  private final String defaultModel;

  /** Number of the event in which a feature, or a label, was last seen. */
  private final long[] featureSeen;

  private final long[] labelSeen;
  private long eventNumber;

  private String model;
  private String key;
  private String eventId;
  private long timestamp;
  private double[] features;
  private double[] labels;
  private final List<Refusal> labelRefusals = new ArrayList<>();
  private int furtherLabelRefusals;

  /**
   * @param spec its features and tasks are those that events may have
   * @param defaultModel model of events that name none; null to refuse them
   */
  EventDraft(ModelSpec spec, String defaultModel) {
    if (defaultModel != null && !ModelName.valid(defaultModel)) {
      throw new IllegalArgumentException(
          "the default model '" + defaultModel + "' must be " + ModelName.RULE);
    }
    this.tasks = spec.tasks();
    this.featureNames = spec.features();
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

  /** Why a value cannot be an event, by its size; null if it can. */
  static Refusal refusalOfSize(byte[] value) {
    if (value == null || value.length == 0) {
      return new Refusal(RefusalReason.EMPTY, "", "the record has no value");
    }
    if (value.length > MAX_BYTES) {
      return new Refusal(
          RefusalReason.TOO_LARGE,
          "",
          "the record has " + value.length + " bytes; an event may have " + MAX_BYTES);
    }
    return null;
  }

  /** Begins the next event. */
  void begin() {
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
  }

  /** Takes the model's name; returns why it cannot be one, or null. */
  Refusal model(String name) {
    if (!ModelName.valid(name)) {
      return new Refusal(
          RefusalReason.BAD_MODEL,
          "model",
          "the model name " + quote(name) + " must be " + ModelName.RULE);
    }
    model = name;
    return null;
  }

  void key(String text) {
    key = text;
  }

  void eventId(String text) {
    eventId = text;
  }

  /**
   * Takes the event time.
   *
   * @return false if it is out of range, and has to be refused
   */
  boolean timestamp(long millis) {
    timestamp = millis;
    return EventTime.valid(millis);
  }

  /**
   * Why an event time is refused.
   *
   * @param written as it stands in the event
   */
  static Refusal badTimestamp(String written) {
    return new Refusal(
        RefusalReason.BAD_TIMESTAMP,
        "ts",
        "'ts' must be RFC 3339 text or whole milliseconds since 1970, up to the year 9999, but is "
            + quote(written));
  }

  /** Says that features follow. */
  void beginFeatures() {
    features = new double[featureNames.size()];
    Arrays.fill(features, Double.NaN);
  }

  /** Index of a feature, or {@link #UNKNOWN}. */
  int feature(String name) {
    return featureIndex.getOrDefault(name, UNKNOWN);
  }

  String featureName(int index) {
    return featureNames.get(index);
  }

  Refusal unknownFeature(String name) {
    return new Refusal(
        RefusalReason.UNKNOWN_FEATURE,
        "features." + quote(name),
        "the model has no feature " + quote(name) + didYouMean(name, featureNames));
  }

  /** Notes that a named feature stands there; returns why it is refused, or null. */
  Refusal seen(int feature) {
    if (featureSeen[feature] == eventNumber) {
      return duplicate("features." + featureNames.get(feature));
    }
    featureSeen[feature] = eventNumber;
    return null;
  }

  /** Takes a feature, a finite number. */
  void feature(int index, double value) {
    features[index] = value;
  }

  /**
   * Why a feature is refused that is not finite.
   *
   * @param written as it stands in the event
   */
  Refusal notFinite(int feature, String written) {
    String name = featureNames.get(feature);
    return new Refusal(
        RefusalReason.NOT_FINITE,
        "features." + name,
        "feature "
            + quote(name)
            + " must be a finite number, but is "
            + quote(written)
            + "; write null for a missing one");
  }

  /** Why that many features, by position, are refused; null if they are as many as the model's. */
  Refusal refusalOfCount(long count) {
    return count == featureNames.size()
        ? null
        : new Refusal(
            RefusalReason.WRONG_LENGTH,
            "features",
            "'features' has "
                + count
                + " numbers, but the model has "
                + featureNames.size()
                + " features; write null for a missing one");
  }

  /** Index of a task, or {@link #UNKNOWN}. */
  int task(String name) {
    return taskIndex.getOrDefault(name, UNKNOWN);
  }

  String taskName(int index) {
    return tasks.get(index).name();
  }

  void refuseUnknownTask(String name) {
    refuseLabel(
        RefusalReason.UNKNOWN_TASK,
        quote(name),
        "the model has no task " + quote(name) + didYouMean(name, taskIndex.keySet()));
  }

  /** Notes that a label stands there; false if it does so twice, and is refused. */
  boolean labelSeenOnce(int task) {
    if (labelSeen[task] == eventNumber) {
      String name = tasks.get(task).name();
      labels[task] = Double.NaN;
      refuseLabel(
          RefusalReason.DUPLICATE_FIELD,
          name,
          "label " + quote(name) + " stands there twice, and nobody knows which one is right");
      return false;
    }
    labelSeen[task] = eventNumber;
    return true;
  }

  /** Takes a label; false if that number cannot be one, and has to be refused. */
  boolean label(int task, double value) {
    if (tasks.get(task).refusal(value) != null) {
      return false;
    }
    labels[task] = value;
    return true;
  }

  /**
   * Refuses a label that {@link #label} has not taken.
   *
   * @param written as it stands in the event
   */
  void refuseLabel(int task, double value, String written) {
    String name = tasks.get(task).name();
    refuseLabel(
        RefusalReason.BAD_LABEL,
        name,
        "label "
            + quote(name)
            + " is "
            + quote(written)
            + ", but "
            + tasks.get(task).refusal(value));
  }

  /** Refuses a label, and nothing else of the event. */
  void refuseLabel(RefusalReason reason, String label, String sentence) {
    if (labelRefusals.size() < MAX_LABEL_REFUSALS) {
      labelRefusals.add(new Refusal(reason, "labels." + label, sentence));
    } else {
      furtherLabelRefusals++;
    }
  }

  /** Fills in what may be left out, and gives the event, or what was missing. */
  Decoded complete(SourceRecord record) {
    if (furtherLabelRefusals > 0) {
      labelRefusals.add(
          new Refusal(
              RefusalReason.BAD_LABEL,
              "labels",
              furtherLabelRefusals + " further labels were refused"));
    }
    if (features == null) {
      return refused(
          new Refusal(
              RefusalReason.MISSING_FIELD, "features", "the event has no field 'features'"));
    }
    if (model == null) {
      if (defaultModel == null) {
        return refused(
            new Refusal(
                RefusalReason.MISSING_FIELD,
                "model",
                "the event has no field 'model' and no default model is configured"));
      }
      model = defaultModel;
    }
    if (timestamp == EventTime.INVALID) {
      timestamp = record.timestamp();
      if (!EventTime.valid(timestamp)) {
        return refused(
            new Refusal(
                RefusalReason.MISSING_FIELD,
                "ts",
                "the event has no field 'ts', and the record no timestamp that could stand in"));
      }
    }
    return new Decoded(
        new LabelledEvent(model, key, eventId, new Row(timestamp, features, labels)),
        labelRefusals);
  }

  /** What becomes of an event that is refused as a whole. */
  static Decoded refused(Refusal refusal) {
    return new Decoded(null, List.of(refusal));
  }

  static Refusal duplicate(String field) {
    return new Refusal(
        RefusalReason.DUPLICATE_FIELD,
        field,
        "field " + quote(field) + " stands there twice, and nobody knows which one is right");
  }

  static String didYouMean(String name, Iterable<String> valid) {
    String nearest = name.length() > MAX_MESSAGE ? null : NearestName.to(name, valid);
    return nearest == null ? "" : "; did you mean " + quote(nearest) + "?";
  }

  static String quote(String text) {
    return "'" + printable(text, MAX_QUOTED) + "'";
  }

  /** A message of a parser, safe to print. */
  static String message(String text) {
    return printable(text, MAX_MESSAGE);
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
