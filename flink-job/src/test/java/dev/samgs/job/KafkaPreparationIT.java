package dev.samgs.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.connectors.kafka.BrokerExtension;
import dev.samgs.job.config.ConfigurationException;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.operator.VersionFloor;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class KafkaPreparationIT {
  @RegisterExtension static final BrokerExtension BROKER = new BrokerExtension();

  private static JobConfiguration job(String topics, String timeout) throws ConfigurationException {
    return JobConfiguration.parse(
        "samgs.yaml",
        """
        name: prepared
        model:
          features: [a]
          tasks: [{name: x, kind: regression}]
        input: {topic: %1$s-events}
        output:
          snapshots: %1$s-snapshots
          metrics: %1$s-metrics
          alarms: %1$s-alarms
          dead-letters: %1$s-dead-letters
        kafka: {transaction-timeout: %2$s, bootstrap-servers: "%3$s"}
        """
            .formatted(topics, timeout, BROKER.connection().bootstrapServers()));
  }

  @Test
  void missingTopicsAreCreatedAndThenFoundInOrder() throws Exception {
    KafkaPreparation kafka = new KafkaPreparation(job("new", "10m"));

    kafka.topics();
    kafka.topics();

    try (Admin admin = Admin.create(BROKER.connection().with(Map.of()))) {
      assertThat(admin.listTopics().names().get())
          .contains("new-events", "new-snapshots", "new-metrics", "new-alarms", "new-dead-letters");
    }
    assertThat(kafka.floor()).isEqualTo(VersionFloor.above(Map.of(), false));
  }

  @Test
  void aTopicThatWouldLoseModelsIsRefusedWithASentence() throws Exception {
    try (Admin admin = Admin.create(BROKER.connection().with(Map.of()))) {
      NewTopic deleting =
          new NewTopic("wrong-snapshots", 1, (short) 1).configs(Map.of("cleanup.policy", "delete"));
      admin.createTopics(List.of(deleting)).all().get();
    }

    assertThatThrownBy(() -> new KafkaPreparation(job("wrong", "10m")).topics())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("topic wrong-snapshots has cleanup.policy=delete instead of compact")
        .hasMessageContaining("snapshots of idle models would be deleted; to change it: ");
  }

  @Test
  void aTransactionTimeoutThatTheBrokersRefuseIsRefusedBeforeTheyDo() throws Exception {
    assertThatCode(() -> new KafkaPreparation(job("any", "15m")).transactionTimeout())
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> new KafkaPreparation(job("any", "16m")).transactionTimeout())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "kafka.transaction-timeout is 960000 ms, but the brokers permit 900000 ms; lower it, or"
                + " raise transaction.max.timeout.ms on the brokers");
  }
}
