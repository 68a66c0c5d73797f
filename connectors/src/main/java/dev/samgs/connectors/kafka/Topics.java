package dev.samgs.connectors.kafka;

import dev.samgs.connectors.kafka.TopicReport.Difference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics that are missing and checks those that exist. Changes none that exists. */
public final class Topics {
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final long RETRY_MILLIS = 20;

  private Topics() {}

  /**
   * Makes sure that the topics exist and that their partitions can be written to.
   *
   * @return a report for each plan, in their order
   * @throws KafkaAccessException if the cluster cannot be reached, or does not let us
   */
  public static List<TopicReport> prepare(KafkaConnection connection, List<TopicPlan> plans) {
    return with(
        connection,
        (admin, existing) -> {
          List<TopicReport> reports = new ArrayList<>();
          for (TopicPlan plan : plans) {
            boolean created = false;
            if (!existing.contains(plan.name())) {
              created = create(admin, plan);
              awaitLeaders(admin, plan.name());
            }
            reports.add(
                created
                    ? new TopicReport(plan.name(), true, List.of())
                    : new TopicReport(plan.name(), false, differences(admin, plan, connection)));
          }
          return reports;
        });
  }

  /**
   * Compares the topics that exist with their plans, and changes nothing.
   *
   * @return a report for each plan whose topic exists, in their order
   * @throws KafkaAccessException if the cluster cannot be reached, or does not let us
   */
  public static List<TopicReport> inspect(KafkaConnection connection, List<TopicPlan> plans) {
    return with(
        connection,
        (admin, existing) -> {
          List<TopicReport> reports = new ArrayList<>();
          for (TopicPlan plan : plans) {
            if (existing.contains(plan.name())) {
              reports.add(
                  new TopicReport(plan.name(), false, differences(admin, plan, connection)));
            }
          }
          return reports;
        });
  }

  /** What is to be done with a cluster. */
  private interface Work {
    List<TopicReport> on(Admin admin, Set<String> existing)
        throws ExecutionException, InterruptedException;
  }

  private static List<TopicReport> with(KafkaConnection connection, Work work) {
    try (Admin admin =
        Admin.create(
            connection.with(
                Map.of(
                    "default.api.timeout.ms",
                    TIMEOUT_MILLIS,
                    "request.timeout.ms",
                    TIMEOUT_MILLIS / 2)))) {
      return work.on(admin, new HashSet<>(admin.listTopics().names().get()));
    } catch (ExecutionException | KafkaException e) {
      throw new KafkaAccessException(
          "Kafka at " + connection.bootstrapServers() + " cannot be asked for its topics",
          e,
          "check the bootstrap servers and the permission to describe and create topics");
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /** Whether we created it; somebody else may have done so in the meantime. */
  private static boolean create(Admin admin, TopicPlan plan)
      throws ExecutionException, InterruptedException {
    NewTopic topic =
        new NewTopic(
                plan.name(),
                Optional.of(plan.partitions()),
                plan.replicationFactor() < 0
                    ? Optional.empty()
                    : Optional.of(plan.replicationFactor()))
            .configs(plan.settings());
    try {
      admin.createTopics(List.of(topic)).all().get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Waits until every partition is served. An idempotent producer that writes earlier can lose its
   * first batch to a leader that is not ready, have the next ones taken, and then be refused for
   * ever because its sequence begins in the middle (KAFKA-15591).
   */
  private static void awaitLeaders(Admin admin, String topic)
      throws ExecutionException, InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000L;
    while (true) {
      try {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (TopicPartitionInfo partition :
            admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions()) {
          ends.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest());
        }
        admin.listOffsets(ends).all().get();
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof RetriableException) || System.nanoTime() - deadline > 0) {
          throw e;
        }
        Thread.sleep(RETRY_MILLIS);
      }
    }
  }

  private static List<Difference> differences(
      Admin admin, TopicPlan plan, KafkaConnection connection)
      throws ExecutionException, InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, plan.name());
    Config found = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    List<Difference> differences = new ArrayList<>();
    plan.settings()
        .forEach(
            (setting, planned) -> {
              ConfigEntry entry = found.get(setting);
              String value = entry == null ? "" : entry.value();
              if (!value.equals(planned) && !permits(setting, value, planned)) {
                differences.add(difference(plan, setting, value, planned, connection));
              }
            });
    return differences;
  }

  /** A larger limit than planned does no harm. */
  private static boolean permits(String setting, String value, String planned) {
    return setting.equals(TopicPlan.MAX_MESSAGE_BYTES)
        && Long.parseLong(value) >= Long.parseLong(planned);
  }

  private static Difference difference(
      TopicPlan plan, String setting, String found, String planned, KafkaConnection connection) {
    String consequence =
        switch (setting) {
          case TopicPlan.CLEANUP_POLICY ->
              planned.equals("compact")
                  ? "snapshots of idle models would be deleted"
                  : "records would be lost or refused, for they have no unique keys";
          case TopicPlan.MAX_MESSAGE_BYTES -> "larger records would be refused";
          default -> null;
        };
    String sentence =
        "topic "
            + plan.name()
            + " has "
            + setting
            + "="
            + found
            + " instead of "
            + planned
            + (consequence == null ? "" : ": " + consequence)
            + "; to change it: kafka-configs.sh --bootstrap-server "
            + connection.bootstrapServers()
            + " --alter --entity-type topics --entity-name "
            + plan.name()
            + " --add-config "
            + setting
            + "="
            + planned;
    return new Difference(setting, found, planned, consequence != null, sentence);
  }
}
