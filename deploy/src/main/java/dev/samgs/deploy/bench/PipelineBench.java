package dev.samgs.deploy.bench;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.kafka.Topics;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.deploy.embedded.EmbeddedFlink;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.embedded.TemporaryDirectory;
import dev.samgs.deploy.embedded.TopicReader;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.job.SamGsJob;
import dev.samgs.job.config.ExecutionSettings;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.config.OutputSettings;
import dev.samgs.job.config.PortRange;
import dev.samgs.job.config.SnapshotSettings;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.spec.GateSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/**
 * Measures the whole job, broker and cluster included, in this JVM: exactly-once checkpoints,
 * snapshots and metrics are on. Three runs, each a job of its own:
 *
 * <ol>
 *   <li>a short one, for the compiler's sake;
 *   <li>one over a topic that was filled before: the rate, and where the CPU's time goes;
 *   <li>one fed at half that rate: the latency, of the second half of its events.
 * </ol>
 *
 * Every run ends with proof that each event was learned once.
 */
public final class PipelineBench {
  /** The first task's name; the others are numbered on. */
  private static final String FIRST_TASK = "label-0";

  private static final long WARM_UP_EVENTS = 500_000;

  /** Updates between two reports where the latency is measured: each report is a sample of it. */
  private static final long PACED_REPORT_EVERY = 8;

  /** More updates between two snapshots than a run has. */
  private static final long NEVER = 1_000_000_000;

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final PipelineSettings settings;
  private final Consumer<String> progress;
  private final TemporaryDirectory temporary;
  private final EmbeddedFlink flink;
  private final KafkaConnection connection;
  private final ModelSpec model;
  private final EventFeed feed;

  private PipelineBench(
      PipelineSettings settings,
      Consumer<String> progress,
      TemporaryDirectory temporary,
      EmbeddedFlink flink,
      KafkaConnection connection) {
    this.settings = settings;
    this.progress = progress;
    this.temporary = temporary;
    this.flink = flink;
    this.connection = connection;
    this.model = model(settings);
    this.feed = new EventFeed(connection, settings.format(), model, settings.models());
  }

  /**
   * Measures. Leaves no files behind.
   *
   * @param progress is told what is going on
   * @throws IllegalStateException if the job fails, or does not learn each event once
   */
  public static PipelineFigures run(PipelineSettings settings, Consumer<String> progress)
      throws Exception {
    try (TemporaryDirectory temporary = TemporaryDirectory.create();
        EmbeddedKafka kafka = EmbeddedKafka.start(temporary.directory("kafka"));
        EmbeddedFlink flink =
            EmbeddedFlink.start(
                settings.parallelism(), temporary.directory("flink"), new Configuration())) {
      return new PipelineBench(
              settings, progress, temporary, flink, KafkaConnection.to(kafka.bootstrapServers()))
          .run();
    }
  }

  private static ModelSpec model(PipelineSettings settings) {
    List<String> features =
        IntStream.range(0, settings.features()).mapToObj(f -> "feature-" + f).toList();
    List<TaskSpec> tasks =
        IntStream.range(0, settings.tasks())
            .mapToObj(
                t ->
                    switch (t % 3) {
                      case 0 -> TaskSpec.regression("label-" + t);
                      case 1 -> TaskSpec.binary("label-" + t);
                      default -> TaskSpec.multiclass("label-" + t, 3);
                    })
            .toList();
    return new ModelSpec(
        features,
        tasks,
        new NetworkSpec(settings.trunk(), NetworkSpec.defaults().activation(), List.of(), true),
        settings.preset().learning(),
        SurgeryMethod.all().get(0).defaults(),
        DetectorMethod.all().get(0).defaults());
  }

  private PipelineFigures run() throws Exception {
    progress.accept("warming up ...");
    throughput("warm-up", Math.min(settings.events(), WARM_UP_EVENTS));
    Throughput throughput = throughput("full", settings.events());
    Latencies latencies = latency(throughput.perSecond() / 2);
    return new PipelineFigures(
        settings.preset().name().toLowerCase(Locale.ROOT),
        settings.models(),
        throughput.perSecond(),
        latencies.percentile(0.5),
        latencies.percentile(0.95),
        latencies.percentile(0.99),
        throughput.gcShare(),
        throughput.cpuByStage());
  }

  private record Throughput(double perSecond, double gcShare, Map<String, Double> cpuByStage) {}

  private Throughput throughput(String name, long events) throws Exception {
    JobConfiguration job = job(name, true, MetricsSettings.defaults().every());
    prepare(job, Map.of());
    progress.accept("filling topic " + job.input().topic() + " with " + events + " events ...");
    feed.send(job.input().topic(), events, 0, null);
    progress.accept("learning them ...");
    try (SharedMetrics.Lease metrics = SharedMetrics.lease(job.metrics())) {
      CompletableFuture<JobResult> result = flink.result(flink.submit(graph(job)));
      while (decoded(metrics) == 0 && !result.isDone()) {
        Thread.sleep(1);
      }
      long start = System.currentTimeMillis();
      CpuMeter meter = new CpuMeter();
      try (meter) {
        JobResult ended = result.get();
        if (!ended.isSuccess()) {
          throw new IllegalStateException(
              "the job has failed", ended.getSerializedThrowable().orElse(null));
        }
      }
      long end = learned(job, events);
      return new Throughput(
          events / (Math.max(1, end - start) / 1e3), meter.gcShare(), meter.microsPerEvent(events));
    }
  }

  private Latencies latency(double perSecond) throws Exception {
    double wanted = perSecond * settings.paced().toMillis() / 1e3;
    int events = (int) Math.min(settings.events(), wanted);
    long[] appended = new long[events];
    Latencies latencies =
        new Latencies(
            appended,
            settings.models(),
            settings.preset().learning().miniBatch(),
            FIRST_TASK,
            events / 2);
    if (events > 0) {
      pace(events, perSecond, appended, latencies);
    }
    return latencies;
  }

  private void pace(int events, double perSecond, long[] appended, Latencies latencies)
      throws Exception {
    JobConfiguration job = job("paced", false, PACED_REPORT_EVERY);
    prepare(job, Map.of("message.timestamp.type", "LogAppendTime"));
    try (SharedMetrics.Lease metrics = SharedMetrics.lease(job.metrics())) {
      JobID id = flink.submit(graph(job));
      await("the job has not started", () -> flink.allRunning(id));
      progress.accept("sending " + events + " events, " + Math.round(perSecond) + " a second ...");
      feed.send(job.input().topic(), events, perSecond, appended);
      await("the job has not read all events", () -> decoded(metrics) == events);
      // Learns the last, partial mini-batches and commits all that was written.
      flink.stop(id, checkpoints(), true, PATIENCE);
    }
    learned(job, events);
    readMetrics(job, latencies::take);
  }

  private JobConfiguration job(String name, boolean bounded, long metricsEvery) {
    JobConfiguration plain =
        JobConfiguration.of("bench-" + name, model)
            .withBootstrapServers(connection.bootstrapServers());
    MetricsSettings metrics = plain.metrics();
    OutputSettings output = plain.output();
    return new JobConfiguration(
        plain.name(),
        model,
        plain.kafka(),
        new InputSettings(
            name + "-events",
            settings.format(),
            null,
            "default",
            InputSettings.StartingOffsets.EARLIEST,
            bounded),
        new OutputSettings(
            name + "-snapshots",
            name + "-metrics",
            name + "-alarms",
            name + "-dead-letters",
            output.retention()),
        snapshots(plain.snapshots()),
        new MetricsSettings(
            metricsEvery,
            Duration.ZERO,
            true,
            "127.0.0.1",
            PortRange.parse("0"),
            metrics.maxSeries()),
        plain.checkpoints(),
        new ExecutionSettings(
            settings.parallelism(),
            plain.execution().maxParallelism(),
            plain.execution().stateBackend()));
  }

  private SnapshotSettings snapshots(SnapshotSettings plain) {
    GateSpec gate = plain.gate();
    return new SnapshotSettings(
        settings.snapshotEvery() == 0 ? NEVER : settings.snapshotEvery(),
        plain.eventTime(),
        plain.improvement(),
        new GateSpec(
            settings.gate(),
            gate.tolerance(),
            gate.tolerances(),
            gate.labels(),
            gate.largestNorm(),
            gate.rollbackAfter()),
        plain.largest(),
        plain.store(),
        plain.keep(),
        plain.signingKey(),
        plain.control(),
        plain.startFrom(),
        plain.newIncarnation());
  }

  /**
   * @param events settings of the topic of events
   */
  private void prepare(JobConfiguration job, Map<String, String> events) {
    Topics.prepare(
        connection,
        List.of(new TopicPlan(job.input().topic(), settings.parallelism(), (short) 1, events)));
  }

  private StreamGraph graph(JobConfiguration job) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints());
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    SamGsJob.build(environment, job);
    return environment.getStreamGraph();
  }

  private String checkpoints() throws IOException {
    return temporary.directory("checkpoints").toUri().toString();
  }

  private static long decoded(SharedMetrics.Lease metrics) {
    return metrics.registry().find("samgs.events").counters().stream()
        .mapToLong(counter -> Math.round(counter.count()))
        .sum();
  }

  private interface Condition {
    boolean met() throws Exception;
  }

  private static void await(String otherwise, Condition condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.met()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(otherwise + " after " + PATIENCE.toMinutes() + " minutes");
      }
      Thread.sleep(50);
    }
  }

  /**
   * Makes sure that a job that has ended has learned each event once.
   *
   * @return when the last of them was learned, in milliseconds since 1970
   */
  private long learned(JobConfiguration job, long events) throws Exception {
    Map<String, Long> rows = new HashMap<>();
    long[] last = new long[1];
    readMetrics(
        job,
        records ->
            records.forEach(
                record -> {
                  try {
                    TaskMetrics metrics = TaskMetrics.fromJson(record.value());
                    rows.merge(metrics.model(), metrics.rows(), Math::max);
                    last[0] = Math.max(last[0], record.timestamp());
                  } catch (IOException e) {
                    throw new UncheckedIOException("a report of the job cannot be read", e);
                  }
                }));
    long learned = rows.values().stream().mapToLong(Long::longValue).sum();
    if (learned != events) {
      throw new IllegalStateException("of " + events + " events, " + learned + " were learned");
    }
    return last[0];
  }

  private void readMetrics(JobConfiguration job, Consumer<ConsumerRecords<byte[], byte[]>> taker)
      throws Exception {
    try (TopicReader reader =
        new TopicReader("bench-reports", connection, List.of(job.output().metrics()), taker)) {
      reader.awaitEnd(PATIENCE);
    }
  }
}
