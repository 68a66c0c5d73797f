package dev.samgs.connectors.event;

import dev.samgs.spec.ModelSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads events in their Avro form, see {@link AvroEvents}, straight into arrays. As strict as
 * {@link JsonEventDecoder}, with the same reasons: a feature that stands there twice or is unknown,
 * a number that is not finite, invalid UTF-8, anything cut off or left over refuses the event; what
 * is wrong with a single label refuses that label only.
 */
public final class AvroEventDecoder implements EventDecoder {
  private static final int MAX_VARINT = 10;

  /** The bytes are not Avro. Thrown to get out of nested reads; never leaves this class. */
  private static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String problem) {
      super(problem, null, false, false);
    }
  }

  private final EventDraft draft;
  private final byte[][] featureNames;
  private final byte[][] taskNames;
  private final StrictUtf8 utf8 = new StrictUtf8();

  /** The latest model's name, as most often the next one's. */
  private byte[] modelBytes = new byte[0];

  private String modelName = "";

  private byte[] bytes;
  private int at;

  /**
   * @param spec its features and tasks are those that events may have
   * @param defaultModel model of events that name none; null to refuse them
   */
  public AvroEventDecoder(ModelSpec spec, String defaultModel) {
    this.draft = new EventDraft(spec, defaultModel);
    this.featureNames = utf8(spec.features());
    this.taskNames = utf8(spec.tasks().stream().map(task -> task.name()).toList());
  }

  private static byte[][] utf8(List<String> names) {
    return names.stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
  }

  @Override
  public Decoded decode(SourceRecord record) {
    Refusal refusal = EventDraft.refusalOfSize(record.value());
    if (refusal == null) {
      bytes = record.value();
      refusal = read();
      bytes = null;
    }
    return refusal == null ? draft.complete(record) : EventDraft.refused(refusal);
  }

  /** Reads one event into the draft; returns why it is refused as a whole, or null. */
  private Refusal read() {
    if (bytes.length < AvroEvents.HEADER
        || bytes[0] != AvroEvents.MARKER_0
        || bytes[1] != AvroEvents.MARKER_1) {
      return new Refusal(
          RefusalReason.MALFORMED,
          "",
          "the record is not an Avro single object: it does not begin with the bytes C3 01 and a"
              + " fingerprint"
              + (bytes[0] == '{' ? "; it looks like JSON, see input.format" : ""));
    }
    long fingerprint = (long) AvroEvents.LONG.get(bytes, 2);
    if (fingerprint != AvroEvents.FINGERPRINT) {
      return new Refusal(
          RefusalReason.UNKNOWN_SCHEMA,
          "",
          "the record was written with the schema of fingerprint "
              + HexFormat.of().toHexDigits(fingerprint)
              + ", and this version reads "
              + HexFormat.of().toHexDigits(AvroEvents.FINGERPRINT)
              + "; write events with the schema of the documentation, or run the version that knows"
              + " the other one");
    }
    at = AvroEvents.HEADER;
    draft.begin();
    try {
      Refusal refusal = readFields();
      if (refusal == null && at != bytes.length) {
        throw new MalformedException("something follows the end of the event");
      }
      return refusal;
    } catch (MalformedException e) {
      return new Refusal(
          RefusalReason.MALFORMED,
          "",
          "the record is not a valid Avro event at byte " + at + ": " + e.getMessage());
    }
  }

  private Refusal readFields() throws MalformedException {
    Refusal refusal = readModel();
    if (refusal != null) {
      return refusal;
    }
    if (present()) {
      draft.key(readText());
    }
    if (present()) {
      draft.eventId(readText());
    }
    if (present()) {
      long millis = readVarint();
      if (!draft.timestamp(millis)) {
        return EventDraft.badTimestamp(Long.toString(millis));
      }
    }
    draft.beginFeatures();
    long form = readVarint();
    if (form != AvroEvents.ARRAY && form != AvroEvents.MAP) {
      throw new MalformedException("the features' union has no branch " + form);
    }
    refusal = form == AvroEvents.ARRAY ? readFeatureArray() : readNamedFeatures();
    if (refusal == null) {
      readLabels();
    }
    return refusal;
  }

  private Refusal readModel() throws MalformedException {
    if (!present()) {
      return null;
    }
    int length = readLength();
    int end = at + length;
    if (!Arrays.equals(bytes, at, end, modelBytes, 0, modelBytes.length)) {
      modelName = text(at, end);
      modelBytes = Arrays.copyOfRange(bytes, at, end);
    }
    at = end;
    return draft.model(modelName);
  }

  private Refusal readFeatureArray() throws MalformedException {
    long count = 0;
    for (long block = readBlock(); block != 0; block = readBlock()) {
      for (; block > 0; block--) {
        if (present()) {
          double value = readDouble();
          if (count < featureNames.length) {
            int feature = (int) count;
            if (!Double.isFinite(value)) {
              return draft.notFinite(feature, Double.toString(value));
            }
            draft.feature(feature, value);
          }
        }
        count++;
      }
    }
    return draft.refusalOfCount(count);
  }

  private Refusal readNamedFeatures() throws MalformedException {
    int expected = 0;
    for (long block = readBlock(); block != 0; block = readBlock()) {
      for (; block > 0; block--) {
        int feature;
        if (nameIs(featureNames, expected)) {
          feature = expected;
        } else {
          String name = readText();
          feature = draft.feature(name);
          if (feature == EventDraft.UNKNOWN) {
            return draft.unknownFeature(name);
          }
        }
        Refusal twice = draft.seen(feature);
        if (twice != null) {
          return twice;
        }
        if (present()) {
          double value = readDouble();
          if (!Double.isFinite(value)) {
            return draft.notFinite(feature, Double.toString(value));
          }
          draft.feature(feature, value);
        }
        expected = feature + 1;
      }
    }
    return null;
  }

  private void readLabels() throws MalformedException {
    int expected = 0;
    for (long block = readBlock(); block != 0; block = readBlock()) {
      for (; block > 0; block--) {
        int task;
        String name = null;
        if (nameIs(taskNames, expected)) {
          task = expected;
        } else {
          name = readText();
          task = draft.task(name);
        }
        boolean known = present();
        double value = known ? readDouble() : Double.NaN;
        if (task == EventDraft.UNKNOWN) {
          draft.refuseUnknownTask(name);
        } else {
          if (draft.labelSeenOnce(task) && known && !draft.label(task, value)) {
            draft.refuseLabel(task, value, Double.toString(value));
          }
          expected = task + 1;
        }
      }
    }
  }

  /** Passes over a name if it is the expected one, as it mostly is; else stays before it. */
  private boolean nameIs(byte[][] names, int expected) throws MalformedException {
    if (expected == names.length) {
      return false;
    }
    int before = at;
    int end = readLength() + at;
    if (Arrays.equals(bytes, at, end, names[expected], 0, names[expected].length)) {
      at = end;
      return true;
    }
    at = before;
    return false;
  }

  /** Reads the branch of a union with null. */
  private boolean present() throws MalformedException {
    long branch = readVarint();
    if (branch != AvroEvents.NULL && branch != AvroEvents.PRESENT) {
      throw new MalformedException("a union with null has no branch " + branch);
    }
    return branch == AvroEvents.PRESENT;
  }

  /** Items of the next block of an array or a map; 0 at its end. */
  private long readBlock() throws MalformedException {
    long items = readVarint();
    if (items < 0) {
      readVarint(); // how many bytes they are: for those who pass over them
      items = -items;
    }
    // An item has a byte at least: a count beyond the record's end is none.
    if (items < 0 || items > bytes.length - at) {
      throw new MalformedException("a block of " + items + " items cannot be");
    }
    return items;
  }

  private String readText() throws MalformedException {
    int end = readLength() + at;
    String text = text(at, end);
    at = end;
    return text;
  }

  private String text(int from, int to) throws MalformedException {
    if (utf8.firstInvalid(bytes, from, to) >= 0) {
      throw new MalformedException("a text is not valid UTF-8");
    }
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  private int readLength() throws MalformedException {
    long length = readVarint();
    if (length < 0 || length > bytes.length - at) {
      throw new MalformedException("a text of " + length + " bytes cannot be");
    }
    if (length > EventDraft.MAX_TEXT) {
      throw new MalformedException(
          "a text has " + length + " bytes; it may have " + EventDraft.MAX_TEXT);
    }
    return (int) length;
  }

  private double readDouble() throws MalformedException {
    if (bytes.length - at < Double.BYTES) {
      throw new MalformedException("the record is cut off");
    }
    double value = Double.longBitsToDouble((long) AvroEvents.LONG.get(bytes, at));
    at += Double.BYTES;
    return value;
  }

  private long readVarint() throws MalformedException {
    long value = 0;
    for (int i = 0; i < MAX_VARINT; i++) {
      if (at == bytes.length) {
        throw new MalformedException("the record is cut off");
      }
      byte next = bytes[at++];
      value |= (next & 0x7FL) << 7 * i;
      if (next >= 0) {
        return value >>> 1 ^ -(value & 1);
      }
    }
    throw new MalformedException("a whole number has more than " + MAX_VARINT + " bytes");
  }
}
