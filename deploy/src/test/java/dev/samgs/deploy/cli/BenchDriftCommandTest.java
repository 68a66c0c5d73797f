package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.drift.DetectorMethod;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchDriftCommandTest {
  @TempDir Path directory;

  @Test
  void everyDetectorIsMeasuredNextToTheControls() throws Exception {
    CommandRun run =
        CommandRun.of(
            "bench",
            "drift",
            "--events",
            200_000,
            "--streams",
            1,
            "--data",
            directory,
            "-o",
            "json");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err().lines()).hasSize(5).allMatch(line -> line.startsWith("passed over: "));
    JsonNode detectors = new ObjectMapper().readTree(run.out()).get("detectors");
    assertThat(detectors).hasSize(DetectorMethod.all().size() + 2);

    JsonNode never = detectors.get("(never)");
    assertThat(never.get("f1").asDouble()).isZero();
    assertThat(never.get("stationary").get("falseAlarms").asLong()).isZero();
    JsonNode always = detectors.get("(always)");
    assertThat(always.get("stationary").get("falseAlarms").asLong()).isEqualTo(200_000);
    assertThat(always.get("abrupt").get("medianDelay").asInt()).isEqualTo(1);
    assertThat(always.get("f1").asDouble()).isLessThan(0.01);

    JsonNode byDefault = detectors.get(DetectorMethod.all().get(0).name());
    for (String kind : new String[] {"abrupt", "gradual", "incremental", "recurring", "numbers"}) {
      assertThat(byDefault.get(kind).get("found").asInt())
          .as(kind)
          .isEqualTo(byDefault.get(kind).get("changes").asInt());
    }
    assertThat(byDefault.get("f1").asDouble()).isGreaterThan(0.9);
    assertThat(byDefault.get("stationary").get("falseAlarms").asLong()).isZero();
    assertThat(byDefault.get("learners").get("line, material").get("driftsSeen").asInt())
        .isEqualTo(1);

    JsonNode features = new ObjectMapper().readTree(run.out()).get("features");
    assertThat(features.get("abrupt").get("found").asInt()).isEqualTo(1);
    assertThat(features.get("none").get("falseAlarms").asLong()).isZero();
  }

  @Test
  void tooFewEventsAreRefused() {
    CommandRun run = CommandRun.of("bench", "drift", "--events", 10);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--events must be at least 1000, not 10");
  }
}
