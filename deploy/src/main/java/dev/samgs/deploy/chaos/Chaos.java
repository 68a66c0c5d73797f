package dev.samgs.deploy.chaos;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.deploy.embedded.EmbeddedFlink;
import dev.samgs.deploy.embedded.TopicReader;
import dev.samgs.deploy.simulator.FactoryLine;
import dev.samgs.job.SamGsJob;
import dev.samgs.job.config.ConfigurationException;
import dev.samgs.job.config.JobConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Runs the job in processes of its own, on simulated lines that never pause, makes one fault after
 * the other, and then compares all that it has committed with what an undisturbed run over the same
 * events commits.
 */
public final class Chaos {
  private static final String EVENTS = "events";
  private static final int PARTITIONS = 2;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration TICK = Duration.ofMillis(50);

  /** Faults come this much after the job has recovered from the last one, at most. */
  private static final Duration LONGEST_PEACE = Duration.ofSeconds(6);

  private final ChaosSettings settings;
  private final Path directory;
  private final Consumer<String> progress;
  private final SplittableRandom random;
  private final Map<Fault, Integer> made = new EnumMap<>(Fault.class);
  private final DoubleStream.Builder recoveries = DoubleStream.builder();
  private int parallelism = Plant.SLOTS;

  private Chaos(ChaosSettings settings, Path directory, Consumer<String> progress) {
    this.settings = settings;
    this.directory = directory;
    this.progress = progress;
    this.random = new SplittableRandom(settings.seed());
  }

  /**
   * Does it.
   *
   * @param directory empty; the processes' data and logs are left there
   * @param progress is told what is going on
   * @throws IllegalStateException if the job does not recover from a fault
   */
  public static ChaosReport run(ChaosSettings settings, Path directory, Consumer<String> progress)
      throws Exception {
    return new Chaos(settings, directory, progress).run();
  }

  private ChaosReport run() throws Exception {
    try (Plant plant = new Plant(directory)) {
      KafkaConnection connection = KafkaConnection.to(plant.bootstrapServers());
      JobConfiguration job = JobConfiguration.read(file(plant, "disturbed", false));
      plant.awaitBroker(PATIENCE);
      Topics.prepare(connection, SamGsJob.topics(job));
      Reports disturbed = new Reports();
      long events;
      try (TopicReader reader = reader(connection, job, disturbed);
          Line line = new Line(connection, EVENTS, settings.models(), settings.rate())) {
        plant.startJob(file(plant, "disturbed", false));
        progress.accept("the job runs in processes of its own ...");
        awaitReports(disturbed, line.time());
        disturb(plant, disturbed, line);
        events = line.stop();
        progress.accept("learning what is left of " + events + " events ...");
        awaitAllRead(connection, job);
        plant.finish();
        reader.awaitEnd(PATIENCE);
      }
      Map<String, byte[]> models = newest(connection, job);

      progress.accept("the same events again, undisturbed ...");
      JobConfiguration plain = JobConfiguration.read(file(plant, "undisturbed", true));
      Reports undisturbed = undisturbed(connection, plain);
      return report(
          events, plant.kills(), disturbed, undisturbed, models, newest(connection, plain));
    }
  }

  private ChaosReport report(
      long events,
      int kills,
      Reports disturbed,
      Reports undisturbed,
      Map<String, byte[]> models,
      Map<String, byte[]> plainModels) {
    double[] seconds = recoveries.build().sorted().toArray();
    long different = disturbed.different(undisturbed);
    boolean same =
        models.keySet().equals(plainModels.keySet())
            && models.size() == settings.models()
            && models.entrySet().stream()
                .allMatch(e -> Arrays.equals(e.getValue(), plainModels.get(e.getKey())));
    return new ChaosReport(
        events,
        kills,
        made,
        disturbed.count(),
        disturbed.versions(),
        disturbed.missing(undisturbed),
        disturbed.doubled() + undisturbed.missing(disturbed),
        different,
        same && different == 0,
        new ChaosReport.Quantiles(quantile(seconds, 0.5), quantile(seconds, 0.95)));
  }

  private static double quantile(double[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.min(sorted.length - 1, (int) Math.ceil(share * sorted.length) - 1)];
  }

  private void disturb(Plant plant, Reports reports, Line line) throws Exception {
    long end = System.nanoTime() + settings.duration().toNanos();
    for (int i = 0; i < settings.faults().size() || System.nanoTime() - end < 0; i++) {
      Thread.sleep(random.nextLong(LONGEST_PEACE.toMillis()));
      int choice = i < settings.faults().size() ? i : random.nextInt(settings.faults().size());
      Fault fault = settings.faults().get(choice);
      if (fault == Fault.RESCALE) {
        parallelism = parallelism == 1 ? Plant.SLOTS : 1;
      }
      long before = System.nanoTime();
      plant.make(fault, file(plant, "disturbed", false));
      made.merge(fault, 1, Integer::sum);
      awaitReports(reports, line.time());
      double took = (System.nanoTime() - before) / 1e9;
      recoveries.add(took);
      progress.accept(String.format(Locale.ROOT, "%s: recovered in %.1f s", fault, took));
    }
  }

  /** Waits for a committed report that covers events sent from now on. */
  private static void awaitReports(Reports reports, long time) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (reports.watermark() <= time) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "nothing was committed for " + PATIENCE.toSeconds() + " s; see the processes' logs");
      }
      Thread.sleep(TICK.toMillis());
    }
  }

  /** Waits for a completed checkpoint after the last event. */
  private static void awaitAllRead(KafkaConnection connection, JobConfiguration job)
      throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Admin admin = Admin.create(connection.with(Map.of()))) {
      Map<TopicPartition, OffsetSpec> partitions = new TreeMap<>(BY_PARTITION);
      for (int p = 0; p < PARTITIONS; p++) {
        partitions.put(new TopicPartition(EVENTS, p), OffsetSpec.latest());
      }
      var ends = admin.listOffsets(partitions).all().get();
      while (true) {
        Map<TopicPartition, OffsetAndMetadata> read =
            admin.listConsumerGroupOffsets(job.group()).partitionsToOffsetAndMetadata().get();
        if (ends.entrySet().stream()
            .allMatch(
                e ->
                    e.getValue().offset() == 0
                        || read.get(e.getKey()) != null
                            && read.get(e.getKey()).offset() >= e.getValue().offset())) {
          return;
        }
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("the job did not come to the end of its input: " + read);
        }
        Thread.sleep(TICK.toMillis());
      }
    }
  }

  private static final java.util.Comparator<TopicPartition> BY_PARTITION =
      java.util.Comparator.comparing(TopicPartition::partition);

  private Reports undisturbed(KafkaConnection connection, JobConfiguration job) throws Exception {
    Topics.prepare(connection, SamGsJob.topics(job));
    Reports reports = new Reports();
    try (EmbeddedFlink flink =
            EmbeddedFlink.start(
                Plant.SLOTS,
                Files.createDirectories(directory.resolve("undisturbed")),
                new Configuration());
        TopicReader reader = reader(connection, job, reports)) {
      StreamExecutionEnvironment environment =
          StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
      SamGsJob.build(environment, job);
      JobID id = flink.submit(environment.getStreamGraph());
      JobResult result =
          flink.result(id).get(PATIENCE.plus(settings.duration()).toSeconds(), TimeUnit.SECONDS);
      if (!result.isSuccess()) {
        throw new IllegalStateException(
            "the undisturbed run has failed", result.getSerializedThrowable().orElseThrow());
      }
      reader.awaitEnd(PATIENCE);
    }
    return reports;
  }

  private static TopicReader reader(
      KafkaConnection connection, JobConfiguration job, Reports reports) {
    return new TopicReader(
        "read-reports", connection, List.of(job.output().metrics()), reports::take);
  }

  /** The newest snapshot of every model. */
  private static Map<String, byte[]> newest(KafkaConnection connection, JobConfiguration job)
      throws Exception {
    Map<String, byte[]> newest = new TreeMap<>();
    try (TopicReader reader =
        new TopicReader(
            "read-snapshots",
            connection,
            List.of(job.output().snapshots()),
            records ->
                records.forEach(
                    record ->
                        newest.put(
                            new String(record.key(), StandardCharsets.UTF_8), record.value())))) {
      reader.awaitEnd(PATIENCE);
    }
    return newest;
  }

  /** Writes the job's configuration as it is at this time. */
  private Path file(Plant plant, String name, boolean bounded)
      throws IOException, ConfigurationException {
    Path file = directory.resolve(name + ".yaml");
    return Files.writeString(
        file,
        String.format(
            Locale.ROOT,
            """
            name: %1$s
            model:
              features: [%2$s]
              tasks:
                - {name: %3$s, kind: regression}
                - {name: %4$s, kind: binary}
                - {name: %5$s, kind: multiclass, classes: 3}
                - {name: %6$s, kind: regression}
            kafka:
              bootstrap-servers: "%7$s"
              partitions: %8$d
              properties: {reconnect.backoff.max.ms: "500"}
            input: {topic: %9$s, bounded: %10$s, starting-offsets: earliest}
            output:
              snapshots: %1$s-snapshots
              metrics: %1$s-metrics
              alarms: %1$s-alarms
              dead-letters: %1$s-dead-letters
            snapshots: {every: 4, control: %1$s-control}
            metrics: {every: 1, host: 127.0.0.1, port: 0}
            checkpoints:
              interval: 1s
              directory: "%11$s"
              resume: newest
            execution: {parallelism: %12$d, state-backend: %13$s}
            """,
            name,
            String.join(", ", FactoryLine.FEATURES),
            FactoryLine.REMAINING_HOURS,
            FactoryLine.FAULT,
            FactoryLine.QUALITY,
            FactoryLine.ENERGY_KWH,
            plant.bootstrapServers(),
            PARTITIONS,
            EVENTS,
            bounded,
            (bounded ? directory.resolve("undisturbed-checkpoints") : plant.checkpoints()).toUri(),
            bounded ? Plant.SLOTS : parallelism,
            settings.stateBackend().name().toLowerCase(Locale.ROOT)));
  }
}
