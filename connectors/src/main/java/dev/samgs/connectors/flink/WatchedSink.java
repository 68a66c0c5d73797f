package dev.samgs.connectors.flink;

import dev.samgs.connectors.kafka.KafkaConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka sink whose lost transactions are noticed. The broker aborts a transaction that is open
 * for longer than its time-out. When the outage behind that ends, the connector finds that it
 * cannot commit any more, logs it and goes on. Here a {@link DropWatch} is told first, and the
 * transaction is given up only when that was noted.
 *
 * <p>Not every transaction that cannot be committed is lost. After a restart the committer commits
 * again what the checkpoint counts on, and the transactional id of a transaction that had been
 * committed may be in use for the next one. The broker tells which it is: a transaction that timed
 * out leaves its id aborted, one epoch further; a next use of the id begins one epoch after the one
 * that the end of this transaction took. Where the broker does not tell, the transaction counts as
 * lost.
 *
 * <p>State and its serializers are the wrapped sink's.
 */
final class WatchedSink<T>
    implements TwoPhaseCommittingStatefulSink<T, KafkaWriterState, KafkaCommittable>,
        SupportsPostCommitTopology<KafkaCommittable>,
        LineageVertexProvider {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(WatchedSink.class);
  private static final long ANSWER_SECONDS = 30;

  private final KafkaSink<T> sink;
  private final String name;
  private final KafkaConnection connection;
  private final DropWatch watch;

  /**
   * @param name of the sink, for the watch
   * @param connection where its transactions can be looked up
   */
  WatchedSink(KafkaSink<T> sink, String name, KafkaConnection connection, DropWatch watch) {
    this.sink = sink;
    this.name = name;
    this.connection = connection;
    this.watch = watch;
  }

  @Override
  public PrecommittingStatefulSinkWriter<T, KafkaWriterState, KafkaCommittable> createWriter(
      WriterInitContext context) throws IOException {
    return new ClosingWriter<>(sink.createWriter(context));
  }

  @Override
  public PrecommittingStatefulSinkWriter<T, KafkaWriterState, KafkaCommittable> restoreWriter(
      WriterInitContext context, Collection<KafkaWriterState> state) {
    return new ClosingWriter<>(sink.restoreWriter(context, state));
  }

  @Override
  public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
    return sink.getWriterStateSerializer();
  }

  @Override
  public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
    return sink.getCommittableSerializer();
  }

  @Override
  public void addPostCommitTopology(DataStream<CommittableMessage<KafkaCommittable>> committed) {
    sink.addPostCommitTopology(committed);
  }

  @Override
  public LineageVertex getLineageVertex() {
    return sink.getLineageVertex();
  }

  @Override
  public Committer<KafkaCommittable> createCommitter(CommitterInitContext context) {
    return new WatchingCommitter(sink.createCommitter(context), watch.open(name));
  }

  private final class WatchingCommitter implements Committer<KafkaCommittable> {
    private final Committer<KafkaCommittable> committer;
    private final DropWatch.Listener listener;

    WatchingCommitter(Committer<KafkaCommittable> committer, DropWatch.Listener listener) {
      this.committer = committer;
      this.listener = listener;
    }

    @Override
    public void commit(Collection<CommitRequest<KafkaCommittable>> requests)
        throws IOException, InterruptedException {
      List<WatchedRequest> watched = new ArrayList<>(requests.size());
      for (CommitRequest<KafkaCommittable> request : requests) {
        watched.add(new WatchedRequest(request));
      }
      committer.commit(new ArrayList<>(watched));
      for (WatchedRequest request : watched) {
        if (request.givenUp != null) {
          settle(request);
        }
      }
    }

    private void settle(WatchedRequest request) throws InterruptedException {
      KafkaCommittable committable = request.getCommittable();
      String ended = ended(committable);
      if (ended == null) {
        LOG.info(
            "Transaction {} of the sink {} was committed before the restart.",
            committable.getTransactionalId(),
            name);
        request.request.signalAlreadyCommitted();
        return;
      }
      try {
        listener.dropped(committable.getTransactionalId(), ended);
        request.request.signalFailedWithKnownReason(request.givenUp);
      } catch (RuntimeException e) {
        LOG.error(
            "The loss of transaction {} of the sink {} cannot be noted yet; trying again.",
            committable.getTransactionalId(),
            name,
            e);
        // The connector has closed the producer: the next attempt needs one of its own.
        request.request.updateAndRetryLater(
            new KafkaCommittable(
                committable.getProducerId(),
                committable.getEpoch(),
                committable.getTransactionalId(),
                null));
      }
    }

    @Override
    public void close() throws Exception {
      try (listener) {
        committer.close();
      }
    }
  }

  /** How a transaction was lost, in a sentence; null if it was not. */
  private String ended(KafkaCommittable committable) throws InterruptedException {
    String id = committable.getTransactionalId();
    try (Admin admin = Admin.create(connection.with(Map.of()))) {
      TransactionDescription now =
          admin
              .describeTransactions(List.of(id))
              .description(id)
              .get(ANSWER_SECONDS, TimeUnit.SECONDS);
      return usedAgain(committable, now)
          ? null
          : "the broker has it as "
              + now.state()
              + ", epoch "
              + now.producerEpoch()
              + " after "
              + committable.getEpoch();
    } catch (ExecutionException e) {
      return "the broker does not tell its state: " + e.getCause().getMessage();
    } catch (TimeoutException e) {
      return "the broker did not tell its state within " + ANSWER_SECONDS + " s";
    }
  }

  /** Whether the id has begun another transaction, as it only does after this one's end. */
  private static boolean usedAgain(KafkaCommittable committable, TransactionDescription now) {
    if (now.producerId() != committable.getProducerId()) {
      return false;
    }
    int epochs = now.producerEpoch() - committable.getEpoch();
    boolean aborted =
        now.state() == TransactionState.COMPLETE_ABORT
            || now.state() == TransactionState.PREPARE_ABORT
            || now.state() == TransactionState.PREPARE_EPOCH_FENCE;
    return epochs > 1 || (epochs == 1 && !aborted);
  }

  /** Holds back that the connector gives a transaction up, until that is noted. */
  private static final class WatchedRequest implements Committer.CommitRequest<KafkaCommittable> {
    private final Committer.CommitRequest<KafkaCommittable> request;
    private Throwable givenUp;

    WatchedRequest(Committer.CommitRequest<KafkaCommittable> request) {
      this.request = request;
    }

    @Override
    public KafkaCommittable getCommittable() {
      return request.getCommittable();
    }

    @Override
    public int getNumberOfRetries() {
      return request.getNumberOfRetries();
    }

    @Override
    public void signalFailedWithKnownReason(Throwable reason) {
      givenUp = reason;
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable reason) {
      request.signalFailedWithUnknownReason(reason);
    }

    @Override
    public void retryLater() {
      request.retryLater();
    }

    @Override
    public void updateAndRetryLater(KafkaCommittable committable) {
      request.updateAndRetryLater(committable);
    }

    @Override
    public void signalAlreadyCommitted() {
      request.signalAlreadyCommitted();
    }
  }
}
