package dev.samgs.deploy.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;

/** The reports of a run, as a reader of committed records sees them come. */
final class Reports {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One task's report. A model that is published at the end of its input, with no row left to
   * learn, reports its last update a second time, under a higher version.
   */
  private record Report(String model, String task, long update, long version) {}

  private record Version(String model, long version) {}

  private final Map<Report, String> reports = new HashMap<>();
  private final Set<Version> versions = new HashSet<>();
  private final Map<String, Long> newest = new HashMap<>();
  private final Map<String, Long> newestVersion = new HashMap<>();
  private long watermark = Long.MIN_VALUE;
  private long doubled;

  /** Takes what was read. */
  synchronized void take(ConsumerRecords<byte[], byte[]> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      String text = new String(record.value(), StandardCharsets.UTF_8);
      try {
        take(JSON.readTree(text), text);
      } catch (JsonProcessingException e) {
        throw new UncheckedIOException(new IOException("a report that is not JSON: " + text, e));
      }
    }
  }

  private void take(JsonNode json, String text) {
    String model = json.get("model").asText();
    String task = json.get("task").asText();
    long update = json.get("update").asLong();
    long version = json.get("version").asLong();
    boolean inOrder = newest.getOrDefault(model + "/" + task, -1L) <= update;
    boolean versionInOrder = newestVersion.getOrDefault(model + "/" + task, -1L) <= version;
    if (reports.put(new Report(model, task, update, version), text) != null
        || !inOrder
        || !versionInOrder) {
      doubled++;
    }
    newest.merge(model + "/" + task, update, Math::max);
    newestVersion.merge(model + "/" + task, version, Math::max);
    versions.add(new Version(model, version));
    watermark = Math.max(watermark, json.get("watermark").asLong());
  }

  /** The newest event time, in milliseconds since 1970, that a report covers. */
  synchronized long watermark() {
    return watermark;
  }

  synchronized long count() {
    return reports.size();
  }

  synchronized long versions() {
    return versions.size();
  }

  /** Reports that came twice, or after a later one of the same task. */
  synchronized long doubled() {
    return doubled;
  }

  /** Reports of another run that this one did not make. */
  synchronized long missing(Reports other) {
    return other.reports.keySet().stream().filter(report -> !reports.containsKey(report)).count();
  }

  /** Reports of another run that say something else in this one. */
  synchronized long different(Reports other) {
    return other.reports.entrySet().stream()
        .filter(e -> reports.containsKey(e.getKey()))
        .filter(e -> !reports.get(e.getKey()).equals(e.getValue()))
        .count();
  }
}
