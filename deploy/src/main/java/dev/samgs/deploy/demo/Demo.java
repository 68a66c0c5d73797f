package dev.samgs.deploy.demo;

import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.NewestVersions;
import dev.samgs.deploy.demo.DemoStatus.Phase;
import dev.samgs.deploy.embedded.EmbeddedFlink;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.embedded.TemporaryDirectory;
import dev.samgs.deploy.predict.LivePredictor;
import dev.samgs.deploy.simulator.Factory;
import dev.samgs.deploy.terminal.StopRequest;
import dev.samgs.job.SamGsJob;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.surgery.SurgeryMethod;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

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
    Results results = new Results(job.output());
    String checkpoints = temporary.directory("checkpoints").toUri().toString();
    try (EmbeddedFlink flink =
        EmbeddedFlink.start(
            job.execution().parallelism(), temporary.directory("flink"), new Configuration())) {
      JobID id = flink.submit(graph(checkpoints));
      try (LivePredictor predictor = LivePredictor.follow(connection, job.output().snapshots());
          TopicReader events =
              new TopicReader(
                  "demo-predictor",
                  connection,
                  List.of(job.input().topic()),
                  new EventPredictor(predictor, job.model())::take);
          TopicReader reports =
              new TopicReader("demo-results", connection, results.topics(), results::take);
          Traffic traffic =
              new Traffic(
                  connection,
                  job.input().topic(),
                  new Factory(settings.seed()),
                  settings.rate(),
                  settings.duration())) {
        Supervision supervision =
            new Supervision(
                settings,
                watcher,
                traffic,
                predictor,
                List.of(events, reports),
                results,
                flink.result(id));

        supervision.await(
            "the job has not started", () -> flink.status(id).get() == JobStatus.RUNNING);
        supervision.enter(Phase.RUNNING);
        traffic.start();
        supervision.watch(() -> traffic.finished() || stop.requested());
        boolean interrupted = !traffic.finished();
        traffic.stop();

        supervision.enter(Phase.FINISHING);
        supervision.await("the job does not keep up with the events", this::allConsumed);
        flink.stop(id, checkpoints, true, Supervision.PATIENCE);
        supervision.jobHasEnded();
        events.awaitEnd(Supervision.PATIENCE);
        reports.awaitEnd(Supervision.PATIENCE);
        Map<String, Long> published = NewestVersions.read(connection, job.output().snapshots());
        supervision.await(
            "the predictor has not read the last snapshots",
            () -> published.equals(predictor.versions()));
        return new DemoReport(
            settings,
            SurgeryMethod.of(job.model().surgery()).name(),
            supervision.status(),
            published,
            interrupted);
      }
    }
  }

  private StreamGraph graph(String checkpoints) {
    Configuration configuration = new Configuration();
    configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    SamGsJob.build(environment, job);
    return environment.getStreamGraph();
  }

  /** Whether the job has committed that it has read all that was sent. */
  private boolean allConsumed() throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(connection.with(Map.of()))) {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(job.group()).partitionsToOffsetAndMetadata().get();
      Map<TopicPartition, ListOffsetsResultInfo> ends =
          admin.listOffsets(latest(admin)).all().get();
      return ends.entrySet().stream()
          .allMatch(
              end ->
                  end.getValue().offset() == 0
                      || committed.containsKey(end.getKey())
                          && committed.get(end.getKey()).offset() >= end.getValue().offset());
    }
  }

  private Map<TopicPartition, OffsetSpec> latest(Admin admin)
      throws InterruptedException, ExecutionException {
    String topic = job.input().topic();
    return admin
        .describeTopics(List.of(topic))
        .allTopicNames()
        .get()
        .get(topic)
        .partitions()
        .stream()
        .collect(
            Collectors.toMap(
                partition -> new TopicPartition(topic, partition.partition()),
                partition -> OffsetSpec.latest()));
  }
}
