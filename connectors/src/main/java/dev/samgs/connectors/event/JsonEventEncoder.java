package dev.samgs.connectors.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Writes events as JSON, as {@link JsonEventDecoder} reads them back to the last bit: a missing
 * feature is null, an unknown label is left out. Not safe for use by several threads.
 */
public final class JsonEventEncoder implements EventEncoder {
  private static final SerializedString MODEL = new SerializedString("model");
  private static final SerializedString KEY = new SerializedString("key");
  private static final SerializedString EVENT_ID = new SerializedString("eventId");
  private static final SerializedString TS = new SerializedString("ts");
  private static final SerializedString FEATURES = new SerializedString("features");
  private static final SerializedString LABELS = new SerializedString("labels");

  private final JsonFactory factory =
      new JsonFactoryBuilder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();
  private final SerializedString[] features;
  private final SerializedString[] tasks;
  private final FeatureForm form;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);

  /**
   * @param features names of the features, in the order of the rows
   * @param tasks names of the labels, in the order of the rows
   */
  public JsonEventEncoder(List<String> features, List<String> tasks, FeatureForm form) {
    this.features = features.stream().map(SerializedString::new).toArray(SerializedString[]::new);
    this.tasks = tasks.stream().map(SerializedString::new).toArray(SerializedString[]::new);
    this.form = form;
  }

  @Override
  public byte[] encode(LabelledEvent event) {
    bytes.reset();
    try (JsonGenerator out = factory.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeFieldName(MODEL);
      out.writeString(event.model());
      if (event.key() != null) {
        out.writeFieldName(KEY);
        out.writeString(event.key());
      }
      if (event.eventId() != null) {
        out.writeFieldName(EVENT_ID);
        out.writeString(event.eventId());
      }
      out.writeFieldName(TS);
      out.writeNumber(event.row().timestamp());
      out.writeFieldName(FEATURES);
      writeFeatures(out, event.row().features());
      if (event.row().labelled()) {
        out.writeFieldName(LABELS);
        writeLabels(out, event.row().labels());
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("an event could not be written to memory", e);
    }
    return bytes.toByteArray();
  }

  private void writeFeatures(JsonGenerator out, double[] values) throws IOException {
    if (form == FeatureForm.BY_NAME) {
      out.writeStartObject();
    } else {
      out.writeStartArray();
    }
    for (int f = 0; f < features.length; f++) {
      if (form == FeatureForm.BY_NAME) {
        out.writeFieldName(features[f]);
      }
      if (Double.isNaN(values[f])) {
        out.writeNull();
      } else {
        out.writeNumber(finite(values[f]));
      }
    }
    if (form == FeatureForm.BY_NAME) {
      out.writeEndObject();
    } else {
      out.writeEndArray();
    }
  }

  private void writeLabels(JsonGenerator out, double[] values) throws IOException {
    out.writeStartObject();
    for (int t = 0; t < tasks.length; t++) {
      if (!Double.isNaN(values[t])) {
        out.writeFieldName(tasks[t]);
        out.writeNumber(finite(values[t]));
      }
    }
    out.writeEndObject();
  }

  private static double finite(double value) {
    if (Double.isInfinite(value)) {
      throw new IllegalArgumentException("an event cannot hold an infinite number");
    }
    return value;
  }
}
