package dev.samgs.job;

import dev.samgs.connectors.event.DeadLetter;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.connectors.flink.CommittedSnapshots;
import dev.samgs.connectors.flink.ConnectorTypes;
import dev.samgs.connectors.flink.EventSource;
import dev.samgs.connectors.flink.ResultSinks;
import dev.samgs.connectors.flink.SnapshotStore;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.kafka.TopicPlan;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.job.config.CheckSettings.Duplicates;
import dev.samgs.job.config.InputSettings;
import dev.samgs.job.config.InputSettings.Ordering;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.operator.AdmitFunction;
import dev.samgs.job.operator.ArrangeFunction;
import dev.samgs.job.operator.Candidate;
import dev.samgs.job.operator.ControlFunction;
import dev.samgs.job.operator.DecodeFunction;
import dev.samgs.job.operator.DroppedTransactions;
import dev.samgs.job.operator.EncodeFunction;
import dev.samgs.job.operator.RegistryFunction;
import dev.samgs.job.operator.ResolvedCommand;
import dev.samgs.job.operator.TrainFunction;
import dev.samgs.job.operator.TrainSettings;
import dev.samgs.job.operator.TrainingRow;
import dev.samgs.job.operator.VersionFloor;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Which operator feeds which.
 *
 * <pre>
 * events → decode [→ admit → arrange] → (by model) train → task-metrics
 *             │                 ├────→ drift-alarms
 *             │        ↑        └────→ encode-snapshots → snapshots
 *             │        └── (by model) resolve-commands ← control
 *             └──→ dead-letters
 *
 * committed-snapshots → registry
 * </pre>
 *
 * Admit is there only where the number of models or their idle time is limited, arrange where that
 * is so, where events are put in the order of event time, or where duplicates are refused.
 *
 * <p>The uids are part of every savepoint: they never change.
 */
final class TrainingPipeline {
  /**
   * How long an event may wait on its way to training for others to travel with. Results travel in
   * Flink's own time: nobody sees them before a checkpoint, which waits for none.
   */
  private static final long EVENTS_WAIT_MILLIS = 5;

  private TrainingPipeline() {}

  /** Adds the job to an environment. */
  static void wire(
      StreamExecutionEnvironment environment, JobConfiguration configuration, VersionFloor floor) {
    ResultSinks sinks =
        new ResultSinks(
            configuration.kafka().connection(),
            configuration.name(),
            DeliveryGuarantee.EXACTLY_ONCE,
            configuration.kafka().transactionTimeout(),
            DroppedTransactions.of(configuration));

    SingleOutputStreamOperator<SourceRecord> events =
        named(
            environment.fromSource(
                source(configuration),
                EventTimes.of(configuration.input(), configuration.model()),
                "events",
                ConnectorTypes.SOURCE_RECORD),
            "events");

    SingleOutputStreamOperator<TrainingRow> decoded =
        named(
            events
                .process(
                    new DecodeFunction(
                        configuration.model(),
                        configuration.input(),
                        configuration.models(),
                        configuration.metrics(),
                        judged(configuration)))
                .returns(TrainingRow.TYPE)
                .setBufferTimeout(EVENTS_WAIT_MILLIS),
            "decode");

    SnapshotStore store =
        configuration.snapshots().store() == null
            ? null
            : new SnapshotStore(
                configuration.snapshots().store(), configuration.snapshots().keep());
    SingleOutputStreamOperator<ResolvedCommand> commands =
        named(
            named(
                    environment.fromSource(
                        control(configuration),
                        EventTimes.ofCommands(),
                        "control",
                        ConnectorTypes.SOURCE_RECORD),
                    "control")
                .process(new ControlFunction(configuration.metrics(), store))
                .returns(ResolvedCommand.TYPE),
            "resolve-commands");

    DataStream<TrainingRow> rows = decoded;
    DataStream<DeadLetter> deadLetters = decoded.getSideOutput(DecodeFunction.DEAD_LETTERS);
    DataStream<ResolvedCommand> obeyed = commands;
    if (judged(configuration)) {
      DataStream<Candidate> candidates =
          decoded
              .getSideOutput(DecodeFunction.CANDIDATES)
              .union(
                  named(
                      named(commands.filter(ResolvedCommand::retires), "retirements")
                          .map(resolved -> Candidate.retirement(resolved.command().model()))
                          .returns(Candidate.TYPE),
                      "retirement-words"));
      obeyed = named(commands.filter(resolved -> !resolved.retires()), "other-commands");
      if (configuration.models().limited()) {
        SingleOutputStreamOperator<Candidate> admitted =
            named(
                candidates
                    .process(new AdmitFunction(configuration.models(), configuration.metrics()))
                    .returns(Candidate.TYPE)
                    .forceNonParallel()
                    .setBufferTimeout(EVENTS_WAIT_MILLIS),
                "admit");
        deadLetters = deadLetters.union(admitted.getSideOutput(DecodeFunction.DEAD_LETTERS));
        candidates = admitted;
      }
      SingleOutputStreamOperator<TrainingRow> arranged =
          named(
              candidates
                  .keyBy(Candidate::model, Types.STRING)
                  .process(new ArrangeFunction(configuration.input(), configuration.metrics()))
                  .returns(TrainingRow.TYPE)
                  .setBufferTimeout(EVENTS_WAIT_MILLIS),
              "arrange");
      deadLetters = deadLetters.union(arranged.getSideOutput(DecodeFunction.DEAD_LETTERS));
      rows = arranged;
    }

    SingleOutputStreamOperator<TaskMetrics> metrics =
        named(
            rows.keyBy(TrainingRow::model, Types.STRING)
                .connect(obeyed.keyBy(resolved -> resolved.command().model(), Types.STRING))
                .process(new TrainFunction(TrainSettings.of(configuration, floor)))
                .returns(ConnectorTypes.TASK_METRICS),
            "train");

    // A chain of its own: encoding takes its time on another thread than training.
    SingleOutputStreamOperator<SnapshotRecord> snapshots =
        named(
            metrics
                .getSideOutput(TrainFunction.snapshots(configuration.model()))
                .process(
                    new EncodeFunction(
                        configuration.metrics(),
                        configuration.snapshots().largest().bytes(),
                        store,
                        configuration.snapshots().signingKey()))
                .returns(ConnectorTypes.SNAPSHOT_RECORD)
                .startNewChain(),
            "encode-snapshots");

    int largest = Math.toIntExact(configuration.snapshots().largest().bytes());
    named(
        snapshots.sinkTo(sinks.snapshots(configuration.output().snapshots(), largest)),
        "snapshots");
    named(metrics.sinkTo(sinks.taskMetrics(configuration.output().metrics())), "task-metrics");
    named(
        metrics
            .getSideOutput(TrainFunction.ALARMS)
            .sinkTo(sinks.driftAlarms(configuration.output().alarms())),
        "drift-alarms");
    named(
        deadLetters.sinkTo(
            sinks.deadLetters(
                configuration.output().deadLetters(), TopicPlan.DEFAULT_RECORD_BYTES)),
        "dead-letters");
    if (store != null) {
      register(environment, configuration, store);
    }
  }

  /** Whether an event that was decoded may still be refused, and needs its record till then. */
  private static boolean judged(JobConfiguration configuration) {
    InputSettings input = configuration.input();
    return configuration.models().limited()
        || input.ordering() == Ordering.EVENT_TIME
        || input.checks().duplicates() == Duplicates.REFUSE;
  }

  /**
   * Every sink runs on a thread of its own: at a checkpoint it waits for the broker to have all,
   * and for a new transaction, and training does not.
   */
  private static void named(DataStreamSink<?> sink, String name) {
    sink.uid(name).name(name).disableChaining();
  }

  /** The store's registry follows what was committed, as any reader of the topic does. */
  private static void register(
      StreamExecutionEnvironment environment, JobConfiguration configuration, SnapshotStore store) {
    named(
            environment.fromSource(
                CommittedSnapshots.source(
                    configuration.kafka().connection(),
                    configuration.output().snapshots(),
                    configuration.group() + "-registry",
                    configuration.input().bounded()),
                WatermarkStrategy.noWatermarks(),
                "committed-snapshots",
                ConnectorTypes.SNAPSHOT_RECORD),
            "committed-snapshots")
        .setParallelism(1)
        .process(new RegistryFunction(configuration.metrics(), store))
        .returns(Types.VOID)
        .uid("registry")
        .name("registry")
        .setParallelism(1);
  }

  private static KafkaSource<SourceRecord> control(JobConfiguration configuration) {
    KafkaConnection connection = configuration.kafka().connection();
    String topic = configuration.snapshots().control();
    return configuration.input().bounded()
        ? EventSource.bounded(
            connection, topic, configuration.group() + "-control", EventSource.Start.COMMITTED)
        : EventSource.unbounded(
            connection, topic, configuration.group() + "-control", EventSource.Start.COMMITTED);
  }

  private static KafkaSource<SourceRecord> source(JobConfiguration configuration) {
    KafkaConnection connection = configuration.kafka().connection();
    InputSettings input = configuration.input();
    EventSource.Start start =
        switch (input.startingOffsets()) {
          case EARLIEST -> EventSource.Start.EARLIEST;
          case LATEST -> EventSource.Start.LATEST;
          case COMMITTED -> EventSource.Start.COMMITTED;
        };
    return input.bounded()
        ? EventSource.bounded(connection, input.topic(), configuration.group(), start)
        : EventSource.unbounded(connection, input.topic(), configuration.group(), start);
  }

  private static <T> SingleOutputStreamOperator<T> named(
      SingleOutputStreamOperator<T> operator, String name) {
    return operator.uid(name).name(name);
  }
}
