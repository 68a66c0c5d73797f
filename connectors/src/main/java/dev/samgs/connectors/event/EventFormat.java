package dev.samgs.connectors.event;

import dev.samgs.spec.ModelSpec;
import java.util.List;

/** The forms that events can have. */
public enum EventFormat {
  /** See {@link JsonEventDecoder}. */
  JSON,
  /** See {@link AvroEventDecoder}. */
  AVRO;

  /**
   * A decoder of this format.
   *
   * @param spec its features and tasks are those that events may have
   * @param defaultModel model of events that name none; null to refuse them
   */
  public EventDecoder decoder(ModelSpec spec, String defaultModel) {
    return switch (this) {
      case JSON -> new JsonEventDecoder(spec, defaultModel);
      case AVRO -> new AvroEventDecoder(spec, defaultModel);
    };
  }

  /**
   * An encoder of this format.
   *
   * @param features names of the features, in the order of the rows
   * @param tasks names of the labels, in the order of the rows
   */
  public EventEncoder encoder(List<String> features, List<String> tasks, FeatureForm form) {
    return switch (this) {
      case JSON -> new JsonEventEncoder(features, tasks, form);
      case AVRO -> new AvroEventEncoder(features, tasks, form);
    };
  }
}
