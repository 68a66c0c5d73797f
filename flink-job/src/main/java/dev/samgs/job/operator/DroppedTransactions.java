package dev.samgs.job.operator;

import dev.samgs.connectors.flink.DropWatch;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.ControlCommand.Action;
import dev.samgs.connectors.snapshot.NewestVersions;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.job.config.MetricsSettings;
import dev.samgs.job.metrics.SharedMetrics;
import io.micrometer.core.instrument.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the job does about transactions that the broker did not keep: it counts and reports each,
 * and when snapshots were among the lost it asks for them again, on the control topic. From there
 * the request reaches the model's state like every command, with the offset of its record in the
 * checkpoint, and what it publishes goes out exactly once. A request may be written twice: it names
 * the version that was lost, and a model that has a newer one does not heed it.
 *
 * @param snapshots topic of the snapshots; {@code control} that of commands
 */
public record DroppedTransactions(
    KafkaConnection connection, String snapshots, String control, MetricsSettings metrics)
    implements DropWatch {
  private static final Logger LOG = LoggerFactory.getLogger(DroppedTransactions.class);
  private static final String SNAPSHOTS = "snapshots";

  /** The watch over a job's transactions. */
  public static DroppedTransactions of(JobConfiguration configuration) {
    return new DroppedTransactions(
        configuration.kafka().connection(),
        configuration.output().snapshots(),
        configuration.snapshots().control(),
        configuration.metrics());
  }

  @Override
  public Listener open(String sink) {
    return new Counted(sink, SharedMetrics.lease(metrics));
  }

  private final class Counted implements Listener {
    private final String sink;
    private final SharedMetrics.Lease lease;
    private final Counter dropped;

    Counted(String sink, SharedMetrics.Lease lease) {
      this.sink = sink;
      this.lease = lease;
      this.dropped =
          Counter.builder("samgs.dropped.transactions")
              .description("Transactions that the broker aborted before the job could commit them")
              .tag("sink", sink)
              .register(lease.registry());
    }

    @Override
    public void dropped(String transaction, String why) {
      if (sink.equals(SNAPSHOTS)) {
        askAgain(transaction);
      }
      dropped.increment();
      LOG.error(
          "Transaction {} of the sink {} is lost with the records in it ({}): the brokers were out"
              + " of reach for longer than kafka.transaction-timeout.",
          transaction,
          sink,
          why);
    }

    @Override
    public void close() {
      lease.close();
    }
  }

  /** Asks for the newest snapshot of every model whose newest record was not committed. */
  private void askAgain(String transaction) {
    // In this order: what is committed in between is not taken for lost.
    Map<String, Long> written = NewestVersions.written(connection, snapshots);
    Map<String, Long> committed = NewestVersions.read(connection, snapshots);
    List<ControlCommand> commands = new ArrayList<>();
    written.forEach(
        (model, version) -> {
          if (version > committed.getOrDefault(model, Long.MIN_VALUE)) {
            commands.add(
                new ControlCommand(
                    model,
                    Action.REPUBLISH,
                    OptionalLong.of(version),
                    "the job itself",
                    "transaction " + transaction + " was lost"));
          }
        });
    if (!commands.isEmpty()) {
      send(commands);
    }
  }

  private void send(List<ControlCommand> commands) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            connection.with(Map.of("acks", "all")),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      commands.forEach(command -> sent.add(producer.send(command.toProducerRecord(control))));
      for (Future<RecordMetadata> record : sent) {
        record.get();
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw new FlinkRuntimeException(
          "the request to publish again cannot be written to topic " + control, e);
    }
  }
}
