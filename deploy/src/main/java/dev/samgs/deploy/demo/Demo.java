package dev.samgs.deploy.demo;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.NewestVersions;
import dev.samgs.deploy.console.Console;
import dev.samgs.deploy.console.ConsoleTopics;
import dev.samgs.deploy.demo.DemoStatus.Phase;
import dev.samgs.deploy.embedded.EmbeddedFlink;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.embedded.TemporaryDirectory;
import dev.samgs.deploy.embedded.TopicReader;
import dev.samgs.deploy.simulator.Factory;
import dev.samgs.deploy.simulator.Traffic;
import dev.samgs.deploy.terminal.StopRequest;
import dev.samgs.job.SamGsJob;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.metrics.SharedMetrics;
import dev.samgs.surgery.SurgeryMethod;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * The whole system in one process: a simulated factory sends events to a real broker, the job
 * trains a model for each line on a real cluster, and a predictor picks up the snapshots and
 * predicts the same events. When the factory has sent all, the demonstration waits until all of it
 * is learned and committed, and reports.
 */
public final class Demo {
  private final DemoSettings settings;
  private final StopRequest stop;
  private final Consumer<DemoStatus> watcher;
  private final TemporaryDirectory temporary;
  private final JobConfiguration job;
  private final KafkaConnection connection;

  private Demo(
      DemoSettings settings,
      StopRequest stop,
      Consumer<DemoStatus> watcher,
      TemporaryDirectory temporary,
      JobConfiguration job) {
    this.settings = settings;
    this.stop = stop;
    this.watcher = watcher;
    this.temporary = temporary;
    this.job = job;
    this.connection = job.kafka().connection();
  }

  /**
   * Runs a demonstration from beginning to end. Leaves no files behind.
   *
   * @param stop ends it before its time, in good order
   * @param watcher is told several times a second how it stands
   * @throws DemoException if a part of it fails or takes too long
   */
  public static DemoReport run(
      DemoSettings settings, StopRequest stop, Consumer<DemoStatus> watcher) throws Exception {
    try (TemporaryDirectory temporary = TemporaryDirectory.create();
        EmbeddedKafka kafka = EmbeddedKafka.start(temporary.directory("kafka"))) {
      JobConfiguration job = DemoConfiguration.of(settings, kafka.bootstrapServers());
      return new Demo(settings, stop, watcher, temporary, job).run();
    }
  }

  private DemoReport run() throws Exception {
    String snapshots = job.output().snapshots();
    String events = job.input().topic();
    long planned = Math.max(1, Math.round(settings.rate() * settings.duration().toNanos() / 1e9));
    try (SharedMetrics.Lease metrics = SharedMetrics.lease(job.metrics());
        EmbeddedFlink flink =
            EmbeddedFlink.start(
                job.execution().parallelism(), temporary.directory("flink"), new Configuration());
        DemoPredictor predictor = new DemoPredictor(connection, snapshots);
        Console console = console()) {
      JobID id = flink.submit(graph());
      Results results = new Results(job.output());
      EventPredictor predictions = new EventPredictor(predictor, job.model());
      try (TopicReader reports =
              new TopicReader("demo-results", connection, results.topics(), results::take);
          TopicReader sent =
              new TopicReader("demo-predictor", connection, List.of(events), predictions::take);
          Traffic traffic =
              new Traffic(
                  connection,
                  events,
                  new Factory(settings.seed()),
                  settings.rate(),
                  planned,
                  planned / 2)) {
        Supervision supervision =
            new Supervision(
                settings,
                watcher,
                traffic,
                predictor,
                List.of(sent, reports),
                results,
                flink.result(id),
                console == null ? null : console.address());

        supervision.await("the job has not started", () -> flink.allRunning(id));
        supervision.enter(Phase.RUNNING);
        traffic.start();
        supervision.watch(() -> traffic.finished() || stop.requested());
        boolean interrupted = !traffic.finished();
        predictor.measured();
        traffic.stop();

        supervision.enter(Phase.FINISHING);
        supervision.await(
            "the job has not read all events",
            () -> consumed(metrics) >= traffic.events() + traffic.poison());
        supervision.jobIsToEnd();
        // Learns the last, partial mini-batches and commits all that was written.
        flink.stop(id, checkpoints(), true, Supervision.PATIENCE);
        reports.awaitEnd(Supervision.PATIENCE);
        sent.awaitEnd(Supervision.PATIENCE);
        Map<String, Long> published = NewestVersions.read(connection, snapshots);
        supervision.await(
            "the predictor has not read the last snapshots",
            () -> published.equals(predictor.versions()));
        predictions.predictWaiting();
        return new DemoReport(
            settings,
            SurgeryMethod.of(job.model().surgery()).name(),
            supervision.status(),
            published,
            predictor.latencies(),
            interrupted);
      }
    }
  }

  private Console console() throws DemoException {
    if (settings.console() == null) {
      return null;
    }
    ConsoleTopics topics =
        new ConsoleTopics(
            job.output().metrics(),
            job.output().alarms(),
            job.output().snapshots(),
            job.output().deadLetters(),
            job.snapshots().control());
    try {
      return Console.start(
          "127.0.0.1", settings.console(), connection, topics, Duration.ofDays(1), true);
    } catch (IOException e) {
      throw new DemoException(
          e.getMessage() + "; choose another --console-port, or --no-console", e);
    }
  }

  private StreamGraph graph() throws IOException {
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

  /** Records that the job has taken from its topic. */
  private static double consumed(SharedMetrics.Lease metrics) {
    return Stream.of("samgs.events", "samgs.dead.letters")
        .flatMap(name -> metrics.registry().find(name).counters().stream())
        .mapToDouble(Counter::count)
        .sum();
  }
}
