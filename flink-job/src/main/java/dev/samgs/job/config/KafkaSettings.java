package dev.samgs.job.config;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.spec.InvalidSettingException;
import dev.samgs.spec.Setting;
import java.io.Serializable;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How Kafka is reached. */
public record KafkaSettings(
    @Setting("brokers to begin with, as host:port, separated by commas") String bootstrapServers,
    @Setting(
            value =
                "how long an unfinished transaction of a sink is kept; at most the broker's"
                    + " transaction.max.timeout.ms, and longer than a checkpoint and a restart take",
            min = 10,
            max = 86_400)
        Duration transactionTimeout,
    @Setting(
            value =
                "partitions of topics that the job creates; at least the parallelism of the job",
            min = 1,
            max = 10_000)
        int partitions,
    @Setting(
            value = "copies of topics that the job creates; 0 for the brokers' own default",
            min = 0,
            max = 32)
        int replication,
    @Setting("further properties of the Kafka clients, such as security.protocol")
        Map<String, String> properties)
    implements Serializable {

  /** What exactly-once depends on is not the user's to change. */
  private static final Set<String> FIXED =
      Set.of(
          "auto.offset.reset",
          "bootstrap.servers",
          "enable.auto.commit",
          "enable.idempotence",
          "group.id",
          "isolation.level",
          "key.deserializer",
          "key.serializer",
          "transaction.timeout.ms",
          "transactional.id",
          "value.deserializer",
          "value.serializer");

  /** Settings that are used where the user gives none. */
  public static KafkaSettings defaults() {
    return new KafkaSettings("localhost:9092", Duration.ofMinutes(10), 4, 0, Map.of());
  }

  public KafkaSettings {
    properties = Collections.unmodifiableSortedMap(new TreeMap<>(properties));
    if (bootstrapServers.isBlank()) {
      throw new InvalidSettingException(
          "bootstrapServers", "name at least one broker, for example localhost:9092");
    }
    for (String key : properties.keySet()) {
      if (FIXED.contains(key)) {
        throw new InvalidSettingException(
            "properties", "'" + key + "' is set by the job itself; remove it");
      }
    }
  }

  /** How clients connect. */
  public KafkaConnection connection() {
    return new KafkaConnection(bootstrapServers, properties);
  }

  KafkaSettings withBootstrapServers(String servers) {
    return new KafkaSettings(servers, transactionTimeout, partitions, replication, properties);
  }
}
