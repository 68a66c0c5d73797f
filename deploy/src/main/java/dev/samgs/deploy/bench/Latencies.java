package dev.samgs.deploy.bench;

import dev.samgs.connectors.report.TaskMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/**
 * Time from an event's append to its topic to the update that learned it, as the two topics tell: a
 * report of the job says how many rows of its model are learned, and carries the time at which it
 * was made. What reports tell of is the mini-batch just learned.
 */
final class Latencies {
  private final Map<String, Integer> models = new HashMap<>();
  private final long[] appended;
  private final int miniBatch;
  private final String task;
  private final int from;
  private int[] millis = new int[1024];
  private int count;

  /**
   * @param appended time of each event; event <em>i</em> is the model <em>i</em> mod
   *     <em>models</em>'s
   * @param miniBatch events of a mini-batch
   * @param task the task whose reports are looked at: all have the same to say
   * @param from the first event that counts
   */
  Latencies(long[] appended, int models, int miniBatch, String task, int from) {
    this.appended = appended;
    this.miniBatch = miniBatch;
    this.task = task;
    this.from = from;
    for (int m = 0; m < models; m++) {
      this.models.put(EventFeed.model(m), m);
    }
  }

  /**
   * Takes the job's reports, but for the last of a model, which the end of the job brought about.
   */
  void take(ConsumerRecords<byte[], byte[]> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      try {
        TaskMetrics metrics = TaskMetrics.fromJson(record.value());
        if (metrics.task().equals(task)) {
          take(models.get(metrics.model()), metrics.rows(), record.timestamp());
        }
      } catch (IOException e) {
        throw new UncheckedIOException("a report of the job cannot be read", e);
      }
    }
  }

  private void take(int model, long rows, long updated) {
    for (long row = rows - miniBatch; row < rows; row++) {
      long event = row * models.size() + model;
      long next = event + (long) models.size() * miniBatch;
      if (event >= from && next < appended.length) {
        if (count == millis.length) {
          millis = Arrays.copyOf(millis, 2 * count);
        }
        millis[count++] = (int) Math.max(0, updated - appended[(int) event]);
      }
    }
  }

  /** What that share of the events does not exceed, in milliseconds; NaN without events. */
  double percentile(double share) {
    if (count == 0) {
      return Double.NaN;
    }
    Arrays.sort(millis, 0, count);
    return millis[Math.max(0, (int) Math.ceil(share * count) - 1)];
  }
}
