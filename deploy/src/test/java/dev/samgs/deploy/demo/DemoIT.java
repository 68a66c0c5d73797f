package dev.samgs.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.deploy.SamgsProcess;
import dev.samgs.deploy.simulator.Factory;
import dev.samgs.deploy.simulator.FactoryLine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @TempDir Path directory;

  @Test
  void learnsThroughDriftRefusesPoisonPublishesModelsAndLeavesNoFiles() throws Exception {
    try (SamgsProcess demo =
        SamgsProcess.java(
            directory, "demo", "--duration", "25s", "--rate", 600, "--port", 0, "-o", "json")) {
      assertThat(demo.exit(PATIENCE)).as("exit code, %s", demo.err()).isZero();

      assertThat(demo.out().lines()).as("standard output").hasSize(1);
      JsonNode report = JSON.readTree(demo.out());
      assertThat(keys(report))
          .startsWith(
              "events",
              "updates",
              "snapshots",
              "poisonSent",
              "deadLetters",
              "driftAlarms",
              "eventsPerSecond")
          .contains("tasks", "models");
      assertThat(report.get("poisonSent").asLong()).isPositive();
      assertThat(report.get("events").asLong() + report.get("poisonSent").asLong())
          .isEqualTo(25 * 600);
      assertThat(report.get("deadLetters")).isEqualTo(report.get("poisonSent"));
      assertThat(report.get("predictions")).isEqualTo(report.get("events"));
      assertThat(report.get("snapshots").asLong()).isGreaterThan(Factory.lines().size());
      assertThat(report.get("snapshotsRead")).isEqualTo(report.get("snapshots"));
      long latency = report.get("snapshotLatencyP50Ms").asLong();
      assertThat(latency).isPositive();
      assertThat(report.get("snapshotLatencyP95Ms").asLong()).isGreaterThanOrEqualTo(latency);
      assertThat(report.get("updates").asLong()).isGreaterThan(1000);
      assertThat(report.get("driftAlarms").asLong()).isPositive();
      assertThat(firstAlarm(report, "line-1")).isEqualTo(FactoryLine.QUALITY);
      assertThat(firstAlarm(report, "line-2")).isEqualTo(FactoryLine.REMAINING_HOURS);
      assertThat(keys(report.get("models"))).containsExactlyElementsOf(Factory.lines());
      long rows = 0;
      for (JsonNode model : report.get("models")) {
        rows += model.get("rows").asLong();
        assertThat(keys(model.get("tasks"))).containsExactlyElementsOf(FactoryLine.TASKS);
        model.get("tasks").forEach(DemoIT::assertBetterThanBaseline);
      }
      assertThat(rows).isEqualTo(report.get("events").asLong());
      assertThat(report.get("tasks")).isEqualTo(report.at("/models/line-1/tasks"));
      assertThat(demo.temporaryDirectory()).doesNotExist();
    }
  }

  @Test
  void anInterruptEndsItInGoodOrder() throws Exception {
    try (SamgsProcess demo =
        SamgsProcess.java(
            directory, "demo", "--duration", "30m", "--rate", 600, "--port", 0, "-o", "json")) {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> demo.err().matches("(?s).*running: \\d{2,}.*"));
      demo.signal("INT");

      assertThat(demo.exit(PATIENCE)).as("exit code, %s", demo.err()).isZero();
      JsonNode report = JSON.readTree(demo.out());
      assertThat(report.get("interrupted").asBoolean()).isTrue();
      assertThat(report.get("deadLetters")).isEqualTo(report.get("poisonSent"));
      assertThat(report.get("predictions")).isEqualTo(report.get("events"));
      assertThat(demo.temporaryDirectory()).doesNotExist();
    }
  }

  /** The task that was alarmed first after the lines changed. */
  private static String firstAlarm(JsonNode report, String line) {
    for (JsonNode alarm : report.at("/models/" + line + "/alarms")) {
      if (alarm.get("timestamp").asLong() >= report.get("driftedAt").asLong()) {
        return alarm.get("task").asText();
      }
    }
    return "none";
  }

  private static void assertBetterThanBaseline(JsonNode task) {
    if (task.get("kind").asText().equals("regression")) {
      assertThat(task.get("mae").asDouble()).isLessThan(task.get("baselineMae").asDouble());
    } else {
      assertThat(task.get("logLoss").asDouble()).isLessThan(task.get("baselineLogLoss").asDouble());
      assertThat(task.get("accuracy").asDouble())
          .isGreaterThan(task.get("baselineAccuracy").asDouble());
    }
  }

  private static List<String> keys(JsonNode object) {
    List<String> keys = new ArrayList<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }
}
