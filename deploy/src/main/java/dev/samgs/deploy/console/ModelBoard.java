package dev.samgs.deploy.console;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is known of one model: the newest figures, their course, and what has happened to it. */
final class ModelBoard {
  private static final int POINTS = 160;
  private static final long RECENT_SLOT_MILLIS = 4_000;
  private static final long FIRST_SLOT_MILLIS = 1_000;
  private static final int ALARMS = 50;
  private static final int SNAPSHOTS = 30;
  private static final int COMMANDS = 20;

  /** The page has room for so many; the job's own limit is far below. */
  private static final int MAX_TASKS = 100;

  private static final long RATE_OVER_MILLIS = 5_000;

  private static final class Task {
    static final String[] CHANNELS = {"score", "baselineScore", "loss", "baselineLoss"};
    final Series recent = Series.recent(POINTS, CHANNELS.length, RECENT_SLOT_MILLIS);
    final Series whole = Series.whole(POINTS, CHANNELS.length, FIRST_SLOT_MILLIS);
    TaskMetrics newest;
  }

  private static final String[] SURGERY = {"equalised", "similarity"};

  private final String name;
  private final Map<String, Task> tasks = new LinkedHashMap<>();
  private final Series recentSurgery = Series.recent(POINTS, SURGERY.length, RECENT_SLOT_MILLIS);
  private final Series wholeSurgery = Series.whole(POINTS, SURGERY.length, FIRST_SLOT_MILLIS);
  private final Recent<DriftAlarmRecord> alarms = new Recent<>(ALARMS);

  /** As JSON text, which takes a tenth of the room of its tree. */
  private final Recent<String> snapshots = new Recent<>(SNAPSHOTS);

  private final Recent<String> commands = new Recent<>(COMMANDS);
  private TaskMetrics newest;
  private long seen;
  private double rate = Double.NaN;
  private long rateRows;
  private long rateAt;
  private long changed;

  ModelBoard(String name) {
    this.name = name;
  }

  /** The sequence number of the last change. */
  long changed() {
    return changed;
  }

  void changed(long sequence) {
    changed = sequence;
  }

  /**
   * Takes the metrics of a task.
   *
   * @param written when the record was written, milliseconds since 1970
   */
  void take(TaskMetrics metrics, long written) {
    Task task = tasks.get(metrics.task());
    if (task == null) {
      if (tasks.size() == MAX_TASKS) {
        return;
      }
      task = new Task();
      tasks.put(metrics.task(), task);
    }
    task.newest = metrics;
    double[] values = {
      metrics.score(), metrics.baselineScore(), metrics.loss(), metrics.baselineLoss()
    };
    task.recent.add(metrics.watermark(), 1, values);
    task.whole.add(metrics.watermark(), 1, values);
    if (newest == null || metrics.update() != newest.update()) {
      takeStep(metrics);
    }
    newest = metrics;
    seen = Math.max(seen, written);
    measureRate(metrics.rows(), written);
  }

  /** The share of equalised steps is over the model's life; the page shows that of each stretch. */
  private void takeStep(TaskMetrics metrics) {
    boolean onwards = newest != null && metrics.update() > newest.update();
    double steps = onwards ? metrics.update() - newest.update() : metrics.update();
    double equalised = metrics.equalisedShare() * metrics.update();
    if (onwards) {
      equalised -= newest.equalisedShare() * newest.update();
    }
    // Cumulative shares are rounded, so that their difference may lie outside of what is possible.
    double share = Math.max(0, Math.min(1, equalised / steps));
    recentSurgery.add(metrics.watermark(), steps, share, metrics.meanSimilarity());
    wholeSurgery.add(metrics.watermark(), steps, share, metrics.meanSimilarity());
  }

  private void measureRate(long rows, long written) {
    if (rateAt == 0 || rows < rateRows) {
      rateAt = written;
      rateRows = rows;
    } else if (written - rateAt >= RATE_OVER_MILLIS) {
      rate = (rows - rateRows) * 1e3 / (written - rateAt);
      rateAt = written;
      rateRows = rows;
    }
  }

  void take(DriftAlarmRecord alarm) {
    alarms.add(alarm);
  }

  void takeSnapshot(ObjectNode snapshot) {
    snapshots.add(snapshot.toString());
  }

  /** The model is published no more. */
  void forgetSnapshots() {
    snapshots.clear();
  }

  void takeCommand(ObjectNode command) {
    commands.add(command.toString());
  }

  /** Tasks that are drifting. */
  long drifting() {
    return tasks.values().stream()
        .filter(task -> TaskMetrics.DRIFT.equals(task.newest.driftState()))
        .count();
  }

  /** When its newest metrics were written, milliseconds since 1970; 0 before the first. */
  long seen() {
    return seen;
  }

  /** Events per second, as of the newest metrics; NaN if they are too few to tell. */
  double rate() {
    return rate;
  }

  /** Writes an array: what the list of models shows. */
  void writeSummary(JsonGenerator out) throws IOException {
    double margin = Double.POSITIVE_INFINITY;
    for (Task task : tasks.values()) {
      double ahead = task.newest.score() - task.newest.baselineScore();
      margin = Double.isNaN(ahead) ? margin : Math.min(margin, ahead);
    }
    out.writeStartArray();
    out.writeString(name);
    out.writeNumber(tasks.size());
    out.writeNumber(drifting());
    out.writeNumber(alarms.added());
    BoardJson.figure(out, margin);
    BoardJson.figure(out, rate);
    out.writeNumber(seen);
    out.writeEndArray();
  }

  /** Writes all of it. */
  void writeDetail(JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", name);
    out.writeNumberField("seen", seen);
    BoardJson.figure(out, "rate", rate);
    out.writeArrayFieldStart("tasks");
    for (Task task : tasks.values()) {
      out.writeStartObject();
      raw(out, "newest", task.newest.toJson());
      out.writeFieldName("recent");
      task.recent.write(out, Task.CHANNELS);
      out.writeFieldName("whole");
      task.whole.write(out, Task.CHANNELS);
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeObjectFieldStart("surgery");
    out.writeFieldName("recent");
    recentSurgery.write(out, SURGERY);
    out.writeFieldName("whole");
    wholeSurgery.write(out, SURGERY);
    out.writeEndObject();
    out.writeArrayFieldStart("alarms");
    for (DriftAlarmRecord alarm : alarms.newestFirst()) {
      out.writeRawValue(new String(alarm.toJson(), StandardCharsets.UTF_8));
    }
    out.writeEndArray();
    writeAll(out, "snapshots", snapshots);
    writeAll(out, "commands", commands);
    out.writeEndObject();
  }

  private static void writeAll(JsonGenerator out, String name, Recent<String> objects)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (String object : objects.newestFirst()) {
      out.writeRawValue(object);
    }
    out.writeEndArray();
  }

  private static void raw(JsonGenerator out, String name, byte[] json) throws IOException {
    out.writeFieldName(name);
    out.writeRawValue(new String(json, StandardCharsets.UTF_8));
  }
}
