package dev.samgs.connectors.flink;

import java.io.IOException;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink.PrecommittingStatefulSinkWriter;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A writer of Kafka's exactly-once sink that also ends the admin client with which it looked for
 * open transactions. The connector (5.0.0) forgets it: with every restart of the job a thread stays
 * behind for every writer, and with the thread the class loader of the job, until the task manager
 * runs out of memory for classes.
 */
record ClosingWriter<T>(
    PrecommittingStatefulSinkWriter<T, KafkaWriterState, KafkaCommittable> writer)
    implements PrecommittingStatefulSinkWriter<T, KafkaWriterState, KafkaCommittable> {
  private static final Logger LOG = LoggerFactory.getLogger(ClosingWriter.class);

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
