package dev.samgs.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * What a run of {@link PipelineBench} has measured.
 *
 * @param eventsPerSecond from the first event that the job took to the last that it learned
 * @param latencyP50Ms median time from an event's append to its topic to the update that learned
 *     it, at half that rate; NaN if no update was reported
 * @param latencyP95Ms the same, not exceeded by 95 % of the events
 * @param latencyP99Ms the same, not exceeded by 99 % of the events
 * @param gcShare share of the time, 0 to 1, that the collector stopped or worked
 * @param cpuByStage CPU time of each stage in microseconds per event
 */
public record PipelineFigures(
    String preset,
    int models,
    double eventsPerSecond,
    double latencyP50Ms,
    double latencyP95Ms,
    double latencyP99Ms,
    double gcShare,
    Map<String, Double> cpuByStage) {

  /** As JSON, keys as the components are named. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("preset", preset);
    json.put("models", models);
    json.put("eventsPerSecond", eventsPerSecond);
    put(json, "latencyP50Ms", latencyP50Ms);
    put(json, "latencyP95Ms", latencyP95Ms);
    put(json, "latencyP99Ms", latencyP99Ms);
    json.put("gcShare", gcShare);
    ObjectNode stages = json.putObject("cpuByStage");
    cpuByStage.forEach(stages::put);
    return json;
  }

  private static void put(ObjectNode json, String key, double value) {
    if (Double.isNaN(value)) {
      json.putNull(key);
    } else {
      json.put(key, value);
    }
  }
}
