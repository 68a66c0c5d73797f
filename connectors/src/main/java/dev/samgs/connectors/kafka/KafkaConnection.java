package dev.samgs.connectors.kafka;

import java.io.Serializable;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * How to reach a Kafka cluster.
 *
 * @param bootstrapServers {@code host:port}, several separated by commas
 * @param properties further client properties that the user sets, such as those of security; they
 *     win over ours
 */
public record KafkaConnection(String bootstrapServers, Map<String, String> properties)
    implements Serializable {
  public KafkaConnection {
    properties = Map.copyOf(properties);
  }

  /** A connection without further properties. */
  public static KafkaConnection to(String bootstrapServers) {
    return new KafkaConnection(bootstrapServers, Map.of());
  }

  /**
   * Properties of a client on this connection.
   *
   * @param ours what the client itself needs; the user's properties win over them
   */
  public Properties with(Map<String, ?> ours) {
    Properties merged = new Properties();
    new TreeMap<>(ours).forEach((name, value) -> merged.setProperty(name, String.valueOf(value)));
    properties.forEach(merged::setProperty);
    merged.setProperty("bootstrap.servers", bootstrapServers);
    return merged;
  }
}
