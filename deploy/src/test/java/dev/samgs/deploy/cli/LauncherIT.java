package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.deploy.SamgsProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with the build that is there. */
class LauncherIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void runsFromAnywhereThroughSymbolicLinksAndPathsWithSpaces() throws Exception {
    Path elsewhere = Files.createDirectory(directory.resolve("some where else"));
    Path link = Files.createSymbolicLink(elsewhere.resolve("samgs link"), SamgsProcess.launcher());
    Path relative =
        Files.createSymbolicLink(
            directory.resolve("again"), Path.of("some where else", "samgs link"));
    Files.writeString(elsewhere.resolve("my data.csv"), "ts,f_a,y_b\n1,2,0.5\n2,3,1.5\n");
    Path cache = Files.createDirectory(directory.resolve("my cache"));
    try (SamgsProcess samgs =
        SamgsProcess.script(
            relative,
            elsewhere,
            Map.of("XDG_CACHE_HOME", cache.toString()),
            "evaluate",
            "--data",
            "my data.csv",
            "-o",
            "json")) {
      assertThat(samgs.exit(PATIENCE)).as("exit code, %s", samgs.err()).isZero();
      assertThat(samgs.out()).startsWith("{\"data\":\"my data.csv\",\"rows\":2,");
      assertThat(samgs.err()).isEmpty();
    }
    assertThat(link).exists();
    assertThat(cache.resolve("samgs/javacpp")).as("unpacked natives").isDirectory();
  }

  @Test
  void passesTheExitCodeOn() throws Exception {
    try (SamgsProcess samgs =
        SamgsProcess.script(SamgsProcess.launcher(), directory, Map.of(), "fly")) {
      assertThat(samgs.exit(PATIENCE)).isEqualTo(2);
      assertThat(samgs.out()).isEmpty();
      assertThat(samgs.err().lines()).singleElement().asString().startsWith("samgs: ");
    }
  }
}
