package dev.samgs.deploy.demo;

import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.job.config.OutputSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/** What the job has written to its topics, as far as it was read. Safe for several threads. */
final class Results {
  private final OutputSettings topics;
  private final Map<String, Map<String, TaskMetrics>> metrics = new TreeMap<>();
  private final Map<String, List<DriftAlarmRecord>> alarms = new TreeMap<>();
  private long deadLetters;

  Results(OutputSettings topics) {
    this.topics = topics;
  }

  /** The topics that are read: metrics, alarms and dead letters. */
  List<String> topics() {
    return List.of(topics.metrics(), topics.alarms(), topics.deadLetters());
  }

  /** Takes records of these topics. */
  synchronized void take(ConsumerRecords<byte[], byte[]> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      try {
        take(record);
      } catch (IOException e) {
        throw new UncheckedIOException(
            "a record of topic " + record.topic() + " is not what the job writes there", e);
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) throws IOException {
    if (record.topic().equals(topics.deadLetters())) {
      deadLetters++;
    } else if (record.topic().equals(topics.alarms())) {
      DriftAlarmRecord alarm = DriftAlarmRecord.fromJson(record.value());
      if (alarm.ofError()) {
        alarms.computeIfAbsent(alarm.model(), m -> new ArrayList<>()).add(alarm);
      }
    } else {
      TaskMetrics task = TaskMetrics.fromJson(record.value());
      metrics.computeIfAbsent(task.model(), m -> new LinkedHashMap<>()).put(task.task(), task);
    }
  }

  /** Newest metrics of every task of every model, models in alphabetical order; a copy. */
  synchronized Map<String, Map<String, TaskMetrics>> metrics() {
    Map<String, Map<String, TaskMetrics>> copy = new TreeMap<>();
    metrics.forEach((model, tasks) -> copy.put(model, new LinkedHashMap<>(tasks)));
    return copy;
  }

  /** Alarms of a risen error of a model's tasks, in order; a copy. */
  synchronized List<DriftAlarmRecord> alarms(String model) {
    return List.copyOf(alarms.getOrDefault(model, List.of()));
  }

  synchronized long deadLetters() {
    return deadLetters;
  }
}
