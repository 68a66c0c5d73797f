package dev.samgs.job;

import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.kafka.KafkaConnection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;

/** What the brokers say about themselves. */
final class Brokers {
  private static final String LONGEST_TRANSACTION = "transaction.max.timeout.ms";
  private static final int TIMEOUT_MILLIS = 15_000;

  private Brokers() {}

  /**
   * The longest time-out that a transaction may have, in milliseconds; empty if we may not ask.
   *
   * @throws KafkaAccessException if the brokers cannot be reached
   */
  static OptionalLong longestTransaction(KafkaConnection connection) {
    try (Admin admin =
        Admin.create(
            connection.with(
                Map.of(
                    "default.api.timeout.ms",
                    TIMEOUT_MILLIS,
                    "request.timeout.ms",
                    TIMEOUT_MILLIS / 2)))) {
      String broker = admin.describeCluster().nodes().get().iterator().next().idString();
      ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker);
      ConfigEntry entry =
          admin
              .describeConfigs(List.of(resource))
              .values()
              .get(resource)
              .get()
              .get(LONGEST_TRANSACTION);
      return entry == null || entry.value() == null
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(entry.value()));
    } catch (ExecutionException | KafkaException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return OptionalLong.empty();
      }
      throw new KafkaAccessException(
          "Kafka at " + connection.bootstrapServers() + " cannot be reached",
          e,
          "check the bootstrap servers");
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
