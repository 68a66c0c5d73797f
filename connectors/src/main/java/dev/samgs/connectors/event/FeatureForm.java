package dev.samgs.connectors.event;

/** How an event's features are written. */
public enum FeatureForm {
  /** By name: the reader may have them in another order, or know more of them. */
  BY_NAME,
  /** By position, which is shorter and read faster: all of them, in the order of the model. */
  BY_POSITION
}
