package dev.samgs.connectors.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopicsIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();

  private static final int MEGABYTES_8 = 8 << 20;

  @Test
  void createsWhatIsMissingWithItsSettings() throws Exception {
    List<TopicPlan> plans =
        List.of(
            TopicPlan.events("new-events", 3, 1),
            TopicPlan.snapshots("new-snapshots", 2, 1, MEGABYTES_8),
            TopicPlan.reports("new-metrics", 1, -1, Duration.ofDays(7)),
            TopicPlan.deadLetters("new-dead", 1, 1, Duration.ofDays(14), MEGABYTES_8));
    assertThat(Topics.prepare(BROKER.connection(), plans)).allMatch(TopicReport::created);
    for (TopicPlan plan : plans) {
      Config found = describe(plan.name());
      plan.settings()
          .forEach((name, value) -> assertThat(found.get(name).value()).as(name).isEqualTo(value));
    }
    assertThat(Topics.prepare(BROKER.connection(), plans))
        .allSatisfy(
            report -> {
              assertThat(report.created()).isFalse();
              assertThat(report.differences()).isEmpty();
              assertThat(report.unfit()).isFalse();
            });
  }

  @Test
  void aNewTopicCanBeWrittenToAtOnce() throws Exception {
    int partitions = 50;
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            // Without a retry the first batch must be taken.
            BROKER.connection().with(Map.of("retries", 0, "enable.idempotence", false)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < 2; i++) {
        String topic = "at-once-" + i;
        Topics.prepare(BROKER.connection(), List.of(TopicPlan.events(topic, partitions, 1)));
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
          sent.add(producer.send(new ProducerRecord<>(topic, partition, null, new byte[1])));
        }
        for (Future<RecordMetadata> confirmation : sent) {
          assertThat(confirmation.get().offset()).isZero();
        }
      }
    }
  }

  @Test
  void saysWhatIsWrongWithAnExistingTopicAndWhatToDo() throws Exception {
    create("old-snapshots", Map.of("cleanup.policy", "delete", "max.message.bytes", "1000"));
    TopicReport report =
        Topics.prepare(
                BROKER.connection(),
                List.of(TopicPlan.snapshots("old-snapshots", 1, 1, MEGABYTES_8)))
            .get(0);
    assertThat(report.created()).isFalse();
    assertThat(report.unfit()).isTrue();
    assertThat(report.differences())
        .filteredOn(TopicReport.Difference::harmful)
        .extracting(TopicReport.Difference::setting)
        .containsExactlyInAnyOrder("cleanup.policy", "max.message.bytes");
    assertThat(report.differences().get(0).sentence())
        .isEqualTo(
            "topic old-snapshots has cleanup.policy=delete instead of compact: snapshots of idle"
                + " models would be deleted; to change it: kafka-configs.sh --bootstrap-server "
                + BROKER.connection().bootstrapServers()
                + " --alter --entity-type topics --entity-name old-snapshots --add-config"
                + " cleanup.policy=compact");
  }

  @Test
  void whatIsTheOwnersChoiceIsReportedButDoesNoHarm() throws Exception {
    create(
        "old-dead",
        Map.of("retention.ms", "1000", "max.message.bytes", Integer.toString(2 * MEGABYTES_8)));
    TopicReport report =
        Topics.prepare(
                BROKER.connection(),
                List.of(TopicPlan.deadLetters("old-dead", 1, 1, Duration.ofDays(14), MEGABYTES_8)))
            .get(0);
    assertThat(report.unfit()).isFalse();
    assertThat(report.differences())
        .extracting(TopicReport.Difference::setting)
        .containsExactly("retention.ms");
  }

  @Test
  void aClusterThatCannotBeReachedIsNamed() {
    KafkaConnection nobody =
        new KafkaConnection(
            "127.0.0.1:1", Map.of("default.api.timeout.ms", "1000", "request.timeout.ms", "1000"));
    assertThatThrownBy(() -> Topics.prepare(nobody, List.of()))
        .isInstanceOf(KafkaAccessException.class)
        .hasMessageContaining("Kafka at 127.0.0.1:1 cannot be asked for its topics: ")
        .hasMessageContaining("; check the bootstrap servers");
  }

  private static void create(String name, Map<String, String> settings) throws Exception {
    try (Admin admin = Admin.create(BROKER.connection().with(Map.of()))) {
      admin.createTopics(List.of(new NewTopic(name, 1, (short) 1).configs(settings))).all().get();
    }
  }

  private static Config describe(String name) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    try (Admin admin = Admin.create(BROKER.connection().with(Map.of()))) {
      return admin.describeConfigs(List.of(resource)).all().get().get(resource);
    }
  }
}
