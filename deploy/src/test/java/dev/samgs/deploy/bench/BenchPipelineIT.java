package dev.samgs.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.deploy.SamgsProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchPipelineIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @TempDir Path directory;

  /** The command itself fails if an event of a run was not learned, or more than once. */
  @Test
  void measuresRateLatencyAndWhereTheTimeGoes() throws Exception {
    try (SamgsProcess bench =
        SamgsProcess.java(
            directory, "bench", "pipeline", "--events", 20_000, "--models", 3, "-o", "json")) {
      assertThat(bench.exit(PATIENCE)).as("exit code, %s", bench.err()).isZero();

      JsonNode figures = JSON.readTree(bench.out());
      assertThat(keys(figures))
          .containsExactly(
              "preset",
              "models",
              "eventsPerSecond",
              "latencyP50Ms",
              "latencyP95Ms",
              "latencyP99Ms",
              "gcShare",
              "cpuByStage");
      assertThat(figures.get("preset").asText()).isEqualTo("fast");
      assertThat(figures.get("models").asInt()).isEqualTo(3);
      assertThat(figures.get("eventsPerSecond").asDouble()).isPositive();
      assertThat(figures.get("latencyP50Ms").asDouble())
          .isPositive()
          .isLessThanOrEqualTo(figures.get("latencyP95Ms").asDouble());
      assertThat(figures.get("latencyP95Ms").asDouble())
          .isLessThanOrEqualTo(figures.get("latencyP99Ms").asDouble());
      assertThat(figures.get("gcShare").asDouble()).isBetween(0.0, 1.0);
      assertThat(keys(figures.get("cpuByStage")))
          .containsExactly(
              "fetch", "decode", "train", "encode-snapshots", "sinks", "produce", "broker", "rest");
      assertThat(figures.get("cpuByStage"))
          .as("every stage was seen at work")
          .allSatisfy(stage -> assertThat(stage.asDouble()).isPositive());
      assertThat(bench.temporaryDirectory()).doesNotExist();
    }
  }

  private static List<String> keys(JsonNode object) {
    List<String> keys = new ArrayList<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }
}
