package dev.samgs.deploy.doctor;

import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.TopicReport;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.snapshot.SnapshotHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.utils.AppInfoParser;

/** Looks at brokers, topics, transactions, clocks and snapshots, and changes nothing. */
public final class KafkaChecks {
  private static final int TIMEOUT_MILLIS = 15_000;

  /** Clocks that are kept in step differ by less, network included. */
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(60);

  private final KafkaConnection connection;
  private final List<TopicPlan> plans;
  private final String snapshots;
  private final Duration longestTransaction;
  private final List<Finding> findings = new ArrayList<>();

  private KafkaChecks(
      KafkaConnection connection,
      List<TopicPlan> plans,
      String snapshots,
      Duration longestTransaction) {
    this.connection = connection;
    this.plans = plans;
    this.snapshots = snapshots;
    this.longestTransaction = longestTransaction;
  }

  /**
   * Looks at everything.
   *
   * @param plans the topics as they should be
   * @param snapshots which of them has the snapshots
   * @param longestTransaction a transaction that is open for longer hangs
   */
  public static List<Finding> run(
      KafkaConnection connection,
      List<TopicPlan> plans,
      String snapshots,
      Duration longestTransaction) {
    KafkaChecks checks = new KafkaChecks(connection, plans, snapshots, longestTransaction);
    try (Admin admin =
        Admin.create(
            connection.with(
                Map.of(
                    "default.api.timeout.ms",
                    TIMEOUT_MILLIS,
                    "request.timeout.ms",
                    TIMEOUT_MILLIS / 2)))) {
      if (checks.cluster(admin)) {
        Set<String> existing = checks.topics();
        checks.partitions(admin, existing);
        if (existing.contains(snapshots)) {
          checks.snapshots();
        }
      }
    } catch (KafkaException e) {
      checks.findings.add(
          Finding.bad(
              "broker",
              "no connection to "
                  + connection.bootstrapServers()
                  + " can be set up: "
                  + (e.getCause() == null ? e : e.getCause()).getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return checks.findings;
  }

  private boolean cluster(Admin admin) throws InterruptedException {
    try {
      DescribeClusterResult cluster = admin.describeCluster();
      findings.add(
          Finding.good(
              "broker",
              cluster.nodes().get().size()
                  + " brokers of cluster "
                  + cluster.clusterId().get()
                  + " answer; client "
                  + AppInfoParser.getVersion()));
      return true;
    } catch (ExecutionException e) {
      findings.add(
          Finding.bad(
              "broker",
              "no broker answers at "
                  + connection.bootstrapServers()
                  + " ("
                  + e.getCause().getMessage()
                  + "); start one, or check the address, firewall and listeners"));
      return false;
    }
  }

  /** The topics that exist. */
  private Set<String> topics() {
    Set<String> existing = new HashSet<>();
    try {
      for (TopicReport report : Topics.inspect(connection, plans)) {
        existing.add(report.topic());
        report
            .differences()
            .forEach(
                d ->
                    findings.add(
                        d.harmful()
                            ? Finding.bad("topic", d.sentence())
                            : Finding.warning("topic", d.sentence())));
        if (report.differences().isEmpty()) {
          findings.add(Finding.good("topic", report.topic() + " is as it should be"));
        }
      }
      for (TopicPlan plan : plans) {
        if (!existing.contains(plan.name())) {
          findings.add(
              Finding.good("topic", plan.name() + " does not exist yet; the job creates it"));
        }
      }
    } catch (KafkaAccessException e) {
      findings.add(Finding.bad("topic", e.getMessage()));
    }
    return existing;
  }

  private void partitions(Admin admin, Set<String> topics) throws InterruptedException {
    try {
      Set<TopicPartition> partitions = new HashSet<>();
      for (var topic : admin.describeTopics(topics).allTopicNames().get().values()) {
        for (TopicPartitionInfo partition : topic.partitions()) {
          if (partition.leader() == null) {
            findings.add(
                Finding.bad(
                    "topic",
                    topic.name()
                        + "-"
                        + partition.partition()
                        + " has no leader: its brokers are down; start them"));
          } else {
            partitions.add(new TopicPartition(topic.name(), partition.partition()));
          }
        }
      }
      transactions(admin, partitions);
      clock(admin, partitions);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        findings.add(
            Finding.warning(
                "broker",
                "transactions and clocks cannot be looked at: " + e.getCause().getMessage()));
      } else {
        findings.add(Finding.bad("broker", e.getCause().getMessage()));
      }
    }
  }

  /** What a transaction has written is held back, and all that comes after it, until it ends. */
  private void transactions(Admin admin, Set<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    long now = System.currentTimeMillis();
    int open = 0;
    int hanging = 0;
    for (var partition : admin.describeProducers(partitions).all().get().entrySet()) {
      for (ProducerState producer : partition.getValue().activeProducers()) {
        if (producer.currentTransactionStartOffset().isEmpty()) {
          continue;
        }
        open++;
        Duration age = Duration.ofMillis(Math.max(0, now - producer.lastTimestamp()));
        if (age.compareTo(longestTransaction) > 0) {
          hanging++;
          long start = producer.currentTransactionStartOffset().getAsLong();
          findings.add(
              Finding.bad(
                  "transactions",
                  "a transaction of producer "
                      + producer.producerId()
                      + " is open on "
                      + partition.getKey()
                      + " since "
                      + age.toSeconds()
                      + " s and holds back readers; end it: kafka-transactions.sh"
                      + " --bootstrap-server "
                      + connection.bootstrapServers()
                      + " abort --topic "
                      + partition.getKey().topic()
                      + " --partition "
                      + partition.getKey().partition()
                      + " --start-offset "
                      + start));
        }
      }
    }
    if (hanging == 0) {
      findings.add(
          Finding.good("transactions", "none hangs; " + open + " partitions have one open"));
    }
  }

  /** Brokers do not tell their time; records from the future tell that a clock is wrong. */
  private void clock(Admin admin, Set<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> newest = new HashMap<>();
    partitions.forEach(p -> newest.put(p, OffsetSpec.maxTimestamp()));
    long now = System.currentTimeMillis();
    boolean ahead = false;
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> entry :
        admin.listOffsets(newest).all().get().entrySet()) {
      long timestamp = entry.getValue().timestamp();
      if (timestamp > now + CLOCK_TOLERANCE.toMillis()) {
        ahead = true;
        findings.add(
            Finding.warning(
                "clock",
                entry.getKey()
                    + " has a record of "
                    + Instant.ofEpochMilli(timestamp)
                    + ", but here it is "
                    + Instant.ofEpochMilli(now)
                    + ": this clock is behind, or the producer's ahead; run an NTP client on"
                    + " both"));
      }
    }
    if (!ahead) {
      findings.add(Finding.good("clock", "no record is from the future"));
    }
  }

  private void snapshots() {
    Set<String> models = new HashSet<>();
    List<String> problems = new ArrayList<>();
    try {
      SnapshotHistory.read(
          connection,
          snapshots,
          entry -> {
            if (entry.problem() != null) {
              problems.add(entry.problem());
            } else if (entry.removal()) {
              models.remove(entry.model());
            } else {
              models.add(entry.model());
            }
          });
    } catch (KafkaAccessException e) {
      findings.add(Finding.bad("snapshots", e.getMessage()));
      return;
    }
    problems.forEach(problem -> findings.add(Finding.warning("snapshots", problem)));
    findings.add(
        Finding.good(
            "snapshots",
            models.size() + " models are published in a format that this version reads"));
  }
}
