package dev.samgs.deploy.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.embedded.EmbeddedKafka;
import dev.samgs.deploy.predict.Published;
import dev.samgs.predict.GraphScorer;
import dev.samgs.predict.Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples for other languages do what the page says; each where its language is installed. */
class PythonExampleIT {
  private static final Path PAGE = Path.of("..", "docs", "how-to", "predict-in-python.md");
  private static final Path NODE_MODULES = Path.of("target", "node", "node_modules");
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir Path directory;

  /** The first block of a language on the page. */
  private static String block(String language) throws IOException {
    Matcher fence =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE));
    assertThat(fence.find()).as("a block of " + language).isTrue();
    return fence.group(1);
  }

  private Process start(Path output, String... command) throws IOException {
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  private boolean runs(String... command) throws Exception {
    try {
      return start(directory.resolve("probe"), command).waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void debiansKafkaClientForPythonFollowsTheSnapshots() throws Exception {
    assumeThat(runs("/usr/bin/python3", "-c", "import kafka"))
        .as("python3-kafka is installed")
        .isTrue();
    Path output = directory.resolve("output");
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        Published published =
            new Published(KafkaConnection.to(kafka.bootstrapServers()), "model-snapshots")) {
      Path script =
          Files.writeString(
              directory.resolve("follow.py"),
              block("python").replace("localhost:9092", kafka.bootstrapServers()));
      published.publish("line-3");
      SnapshotRecord second = published.publish("line-3");
      Process python = start(output, "/usr/bin/python3", script.toString());
      try {
        awaitFile(python, output, second);
        SnapshotRecord spoilt = published.next("line-3");
        published.commit(spoilt.fetched(new byte[] {1, 2, 3}).toProducerRecord("model-snapshots"));
        awaitFile(python, output, published.publish("line-3"));
      } finally {
        python.destroyForcibly().waitFor();
      }
    }
  }

  private void awaitFile(Process python, Path output, SnapshotRecord snapshot) {
    Path model = directory.resolve("line-3.onnx");
    await()
        .atMost(DEADLINE)
        .untilAsserted(
            () -> {
              assertThat(python.isAlive()).as(Files.readString(output)).isTrue();
              assertThat(model).exists();
              assertThat(Arrays.equals(Files.readAllBytes(model), snapshot.onnx())).isTrue();
            });
  }

  @Test
  void onnxRuntimeForNodePredictsWhatTheBuiltInScorerPredicts() throws Exception {
    assumeThat(NODE_MODULES.resolve("onnxruntime-node"))
        .as("npm install --prefix deploy/target/node --ignore-scripts onnxruntime-node")
        .exists();
    byte[] onnx = Published.untrained("line-3");
    Path model = Files.write(directory.resolve("line-3.onnx"), onnx);
    Path script = Files.writeString(directory.resolve("predict.js"), block("javascript"));
    Path output = directory.resolve("output");
    ProcessBuilder node =
        new ProcessBuilder("node", script.toString(), model.toString(), "20.5", "NaN", "500")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    node.environment().put("NODE_PATH", NODE_MODULES.toAbsolutePath().toString());
    assertThat(node.start().waitFor()).as(Files.readString(output)).isZero();

    double[] expected = new double[5];
    try (Scorer scorer = GraphScorer.load(onnx)) {
      scorer.score(new double[] {20.5, Double.NaN, 500}, 1, expected);
    }
    JsonNode outputs = new ObjectMapper().readTree(Files.readString(output));
    assertClose(outputs.at("/hours/0"), expected[0]);
    assertClose(outputs.at("/fault_probability/0"), expected[1]);
    for (int c = 0; c < 3; c++) {
      assertClose(outputs.at("/grade_probabilities/" + c), expected[2 + c]);
    }
  }

  /** Both compute the network in float and round in their own order. */
  private static void assertClose(JsonNode actual, double expected) {
    assertThat(actual.asDouble(Double.NaN)).isCloseTo(expected, Offset.offset(1e-5));
  }
}
