package dev.samgs.deploy.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedFlinkIT {
  @TempDir Path directory;

  @Test
  void runsAJobToItsEndAndLeavesNoFilesOutsideItsDirectory() throws Exception {
    Path system = Path.of(System.getProperty("java.io.tmpdir"));
    Set<String> before = flinkFiles(system);
    try (EmbeddedFlink flink = EmbeddedFlink.start(2, directory, new Configuration())) {
      JobID job = flink.submit(numbers(100));
      assertThat(flink.result(job).get(60, TimeUnit.SECONDS).isSuccess()).isTrue();
    }
    assertThat(flinkFiles(system)).isEqualTo(before);
  }

  @Test
  void stopsAnEndlessJobWithASavepoint() throws Exception {
    Path savepoints = Files.createDirectory(directory.resolve("savepoints"));
    try (EmbeddedFlink flink = EmbeddedFlink.start(1, directory, new Configuration())) {
      JobID job = flink.submit(numbers(Long.MAX_VALUE));
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> flink.allRunning(job));
      String savepoint =
          flink.stop(job, savepoints.toUri().toString(), false, Duration.ofSeconds(60));
      assertThat(Path.of(URI.create(savepoint)).resolve("_metadata")).isNotEmptyFile();
      assertThat(flink.result(job).get().isSuccess()).isTrue();
    }
  }

  private static StreamGraph numbers(long count) {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
    environment.setParallelism(1);
    environment.fromSequence(1, count).sinkTo(new DiscardingSink<>());
    return environment.getStreamGraph();
  }

  private static Set<String> flinkFiles(Path directory) throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return new TreeSet<>(
          files.map(f -> f.getFileName().toString()).filter(n -> !n.startsWith("junit")).toList());
    }
  }
}
