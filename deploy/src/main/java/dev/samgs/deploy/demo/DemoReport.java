package dev.samgs.deploy.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.report.DriftAlarmRecord;
import dev.samgs.connectors.report.TaskMetrics;
import dev.samgs.deploy.demo.DemoStatus.Model;
import dev.samgs.deploy.evaluate.TaskFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a demonstration has come to.
 *
 * @param status where everything stood at the end
 * @param published newest published version of each model
 * @param snapshotLatencies milliseconds from the newest event that a snapshot has learned until it
 *     predicts, in ascending order
 * @param interrupted whether it was asked to stop before its time
 */
public record DemoReport(
    DemoSettings settings,
    String surgery,
    DemoStatus status,
    Map<String, Long> published,
    long[] snapshotLatencies,
    boolean interrupted) {

  /** A task with fewer labels than this need not have beaten its baseline yet. */
  private static final long ENOUGH_LABELS = 1000;

  private static final long VERSION_MASK = 0xffffffffL;

  /** Snapshots published, all models together. */
  long snapshots() {
    return published.values().stream().mapToLong(version -> version & VERSION_MASK).sum();
  }

  /** Snapshots that the predictor has read and loaded. */
  long snapshotsRead() {
    return models().stream().mapToLong(model -> model.predictor().snapshots()).sum();
  }

  /**
   * The smallest latency that this share of the snapshots stays within; null if none was measured.
   */
  Long snapshotLatency(double share) {
    int count = snapshotLatencies.length;
    return count == 0 ? null : snapshotLatencies[(int) Math.ceil(share * count) - 1];
  }

  /** Rows that the predictor has predicted. */
  long predictions() {
    return models().stream().mapToLong(model -> model.predictor().predictions()).sum();
  }

  /** Drift alarms, all models together. */
  long driftAlarms() {
    return models().stream().mapToLong(model -> model.alarms().size()).sum();
  }

  /** Tasks of all models. */
  long tasks() {
    return models().stream().mapToLong(model -> model.tasks().size()).sum();
  }

  /** Tasks of all models that are better than their baseline. */
  long tasksBetter() {
    return models().stream()
        .flatMap(model -> model.tasks().values().stream())
        .filter(task -> TaskFigures.of(task).beatsBaseline())
        .count();
  }

  private List<Model> models() {
    return status.models();
  }

  /** What did not work, a sentence each; empty if all did. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (status.deadLetters() != status.poison()) {
      problems.add(
          "there are "
              + status.deadLetters()
              + " dead letters, but "
              + status.poison()
              + " poison records were sent");
    }
    long rows = models().stream().mapToLong(Model::rows).sum();
    if (rows != status.events()) {
      problems.add("of " + status.events() + " events sent, " + rows + " were learned");
    }
    if (predictions() != status.events()) {
      problems.add("of " + status.events() + " events sent, " + predictions() + " were predicted");
    }
    for (Model model : models()) {
      for (TaskMetrics task : model.tasks().values()) {
        if (task.scored() >= ENOUGH_LABELS && !TaskFigures.of(task).beatsBaseline()) {
          problems.add(
              "task " + task.task() + " of " + model.name() + " does not beat its baseline");
        }
      }
    }
    return problems;
  }

  /** As JSON. {@code tasks} is the first line's; {@code models} has those of all. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("events", status.events());
    json.put("updates", models().stream().mapToLong(Model::updates).sum());
    json.put("snapshots", snapshots());
    json.put("poisonSent", status.poison());
    json.put("deadLetters", status.deadLetters());
    json.put("driftAlarms", driftAlarms());
    json.put("eventsPerSecond", status.eventsPerSecond());
    json.put("snapshotsRead", snapshotsRead());
    json.put("predictions", predictions());
    json.put("snapshotLatencyP50Ms", snapshotLatency(0.5));
    json.put("snapshotLatencyP95Ms", snapshotLatency(0.95));
    json.put("seconds", status.elapsed().toNanos() / 1e9);
    json.put("drifted", status.drifted());
    json.put("driftedAt", status.driftedAt());
    json.put("interrupted", interrupted);
    json.put("seed", settings.seed());
    json.put("surgery", surgery);
    if (status.metricsPort().isPresent()) {
      json.put("metricsPort", status.metricsPort().getAsInt());
    } else {
      json.putNull("metricsPort");
    }
    ObjectNode models = JsonNodeFactory.instance.objectNode();
    models().forEach(model -> models.set(model.name(), json(model)));
    if (models().isEmpty()) {
      json.putNull("tasksOf");
      json.putObject("tasks");
    } else {
      String first = models().get(0).name();
      json.put("tasksOf", first);
      json.set("tasks", models.get(first).get("tasks"));
    }
    json.set("models", models);
    return json;
  }

  private ObjectNode json(Model model) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("rows", model.rows());
    json.put("updates", model.updates());
    json.put("equalisedShare", model.equalisedShare());
    json.put("driftAlarms", model.alarms().size());
    json.put("snapshots", published.getOrDefault(model.name(), 0L) & VERSION_MASK);
    json.put("snapshotsRead", model.predictor().snapshots());
    json.put("predictions", model.predictor().predictions());
    ArrayNode alarms = json.putArray("alarms");
    for (DriftAlarmRecord alarm : model.alarms()) {
      alarms
          .addObject()
          .put("task", alarm.task())
          .put("timestamp", alarm.timestamp())
          .put("began", alarm.began())
          .put("before", alarm.before())
          .put("after", alarm.after());
    }
    ObjectNode tasks = json.putObject("tasks");
    model.tasks().forEach((name, task) -> tasks.set(name, TaskFigures.of(task).toJson()));
    return json;
  }
}
