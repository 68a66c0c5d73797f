package dev.samgs.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.deploy.SamgsProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bounded part of the faults; {@code samgs chaos} makes them all. */
class ChaosIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  @TempDir Path directory;

  @Test
  void killedProcessesLeaveNoTrace() throws Exception {
    try (SamgsProcess chaos =
        SamgsProcess.java(directory, "chaos", "--minutes", 0, "--faults", "both", "-o", "json")) {
      assertThat(chaos.exit(PATIENCE)).as("exit code, %s, %s", chaos.out(), chaos.err()).isZero();

      JsonNode report = JSON.readTree(chaos.out());
      assertThat(report.get("kills").asInt()).isEqualTo(3);
      assertThat(report.get("events").asLong()).isGreaterThan(1000);
      assertThat(report.get("versions").asLong()).isGreaterThan(10);
      assertThat(report.get("reports").asLong()).isGreaterThan(100);
      assertThat(report.get("lost").asLong()).isZero();
      assertThat(report.get("doubled").asLong()).isZero();
      assertThat(report.get("weightsEqual").asBoolean()).isTrue();
      assertThat(report.get("recoveryP95Seconds").asDouble()).isPositive();
      assertThat(chaos.temporaryDirectory()).doesNotExist();
    }
  }
}
