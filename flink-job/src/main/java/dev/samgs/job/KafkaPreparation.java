package dev.samgs.job;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.TopicReport;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.snapshot.NewestVersions;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.OutputSettings;
import dev.samgs.job.operator.VersionFloor;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be so in Kafka before the job may start. */
final class KafkaPreparation {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaPreparation.class);

  private final JobConfiguration configuration;
  private final KafkaConnection connection;

  KafkaPreparation(JobConfiguration configuration) {
    this.configuration = configuration;
    this.connection = configuration.kafka().connection();
  }

  /**
   * Creates the topics that are missing and checks the others.
   *
   * @throws IllegalStateException if a topic would lose or refuse what the job writes
   */
  void topics() {
    List<TopicReport> reports = Topics.prepare(connection, plans());
    for (TopicReport report : reports) {
      if (report.created()) {
        LOG.info("Created topic {}.", report.topic());
      }
      report.differences().stream()
          .filter(difference -> !difference.harmful())
          .forEach(difference -> LOG.warn("The {}.", difference.sentence()));
    }
    String harm =
        reports.stream()
            .flatMap(report -> report.differences().stream())
            .filter(TopicReport.Difference::harmful)
            .map(TopicReport.Difference::sentence)
            .collect(Collectors.joining(System.lineSeparator()));
    if (!harm.isEmpty()) {
      throw new IllegalStateException(harm);
    }
  }

  /** The topics as they should be. */
  List<TopicPlan> plans() {
    OutputSettings output = configuration.output();
    int partitions =
        Math.max(configuration.kafka().partitions(), configuration.execution().parallelism());
    int replication = configuration.kafka().replication();
    int copies = replication == 0 ? -1 : replication;
    return List.of(
        TopicPlan.events(configuration.input().topic(), partitions, copies),
        TopicPlan.snapshots(
            output.snapshots(),
            partitions,
            copies,
            Math.toIntExact(configuration.snapshots().largest().bytes())),
        TopicPlan.reports(output.metrics(), partitions, copies, output.retention()),
        TopicPlan.reports(output.alarms(), partitions, copies, output.retention()),
        TopicPlan.reports(
            configuration.snapshots().control(), partitions, copies, output.retention()),
        TopicPlan.deadLetters(
            output.deadLetters(),
            partitions,
            copies,
            output.retention(),
            TopicPlan.DEFAULT_RECORD_BYTES));
  }

  /**
   * Compares the transactions' time-out with what the brokers permit.
   *
   * @throws IllegalStateException if they would refuse every transaction
   */
  void transactionTimeout() {
    long wanted = configuration.kafka().transactionTimeout().toMillis();
    OptionalLong permitted = Brokers.longestTransaction(connection);
    if (permitted.isEmpty()) {
      LOG.info(
          "The brokers do not tell their transaction.max.timeout.ms; it has to be {}.", wanted);
    } else if (wanted > permitted.getAsLong()) {
      throw new IllegalStateException(
          "kafka.transaction-timeout is "
              + wanted
              + " ms, but the brokers permit "
              + permitted.getAsLong()
              + " ms; lower it, or raise transaction.max.timeout.ms on the brokers");
    }
  }

  /** What the job's versions have to stay above. */
  VersionFloor floor() {
    return VersionFloor.above(
        NewestVersions.read(connection, configuration.output().snapshots()),
        configuration.snapshots().newIncarnation());
  }
}
