package dev.samgs.connectors.flink;

import java.io.IOException;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink.PrecommittingStatefulSinkWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's exactly-once sink, whose writers also end the admin client with which they looked for
 * open transactions. The connector (5.0.0) forgets it: with every restart of the job a thread stays
 * behind for every writer, and with the thread the class loader of the job, until the task manager
 * runs out of memory for classes.
 *
 * <p>Writer state and committables are the connector's own.
 */
final class ClosingKafkaSink<T>
    implements Sink<T>,
        SupportsWriterState<T, KafkaWriterState>,
        SupportsCommitter<KafkaCommittable>,
        Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ClosingKafkaSink.class);

  private final TwoPhaseCommittingStatefulSink<T, KafkaWriterState, KafkaCommittable> sink;

  ClosingKafkaSink(KafkaSink<T> sink) {
    this.sink = sink;
  }

  @Override
  public Writer<T> createWriter(WriterInitContext context) throws IOException {
    return new Writer<>(sink.createWriter(context));
  }

  @Override
  public Writer<T> restoreWriter(WriterInitContext context, Collection<KafkaWriterState> states)
      throws IOException {
    return new Writer<>(sink.restoreWriter(context, states));
  }

  @Override
  public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
    return sink.getWriterStateSerializer();
  }

  @Override
  public Committer<KafkaCommittable> createCommitter(CommitterInitContext context)
      throws IOException {
    return sink.createCommitter(context);
  }

  @Override
  public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
    return sink.getCommittableSerializer();
  }

  private record Writer<T>(
      PrecommittingStatefulSinkWriter<T, KafkaWriterState, KafkaCommittable> writer)
      implements PrecommittingStatefulSinkWriter<T, KafkaWriterState, KafkaCommittable> {
    @Override
    public void write(T element, Context context) throws IOException, InterruptedException {
      writer.write(element, context);
    }

    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
      writer.flush(endOfInput);
    }

    @Override
    public Collection<KafkaCommittable> prepareCommit() throws IOException, InterruptedException {
      return writer.prepareCommit();
    }

    @Override
    public List<KafkaWriterState> snapshotState(long checkpoint) throws IOException {
      return writer.snapshotState(checkpoint);
    }

    @Override
    public void close() throws Exception {
      try {
        writer.close();
      } finally {
        closeAdmin();
      }
    }

    private void closeAdmin() {
      try {
        Field field = writer.getClass().getDeclaredField("adminClient");
        field.setAccessible(true);
        if (field.get(writer) instanceof Admin admin) {
          admin.close(Duration.ZERO);
        }
      } catch (NoSuchFieldException e) {
        LOG.debug("{} has no admin client.", writer.getClass());
      } catch (ReflectiveOperationException | RuntimeException e) {
        LOG.warn("The admin client of a Kafka sink stays open, and with it its thread.", e);
      }
    }
  }
}
