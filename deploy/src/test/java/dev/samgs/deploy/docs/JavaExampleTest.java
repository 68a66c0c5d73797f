package dev.samgs.deploy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example for Java programs compiles as it stands. */
class JavaExampleTest {
  private static final Path PAGE = Path.of("..", "docs", "how-to", "serve-predictions.md");

  private static final String IMPORTS =
      """
      import dev.samgs.connectors.kafka.KafkaConnection;
      import dev.samgs.connectors.snapshot.*;
      import dev.samgs.predict.GraphScorer;
      import io.micrometer.core.instrument.MeterRegistry;
      import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
      import java.time.Duration;
      """;

  @TempDir Path directory;

  @Test
  void theFollowerAndTheModelsAreUsedAsThePageSays() throws Exception {
    Matcher block =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    assertThat(block.find()).isTrue();
    Path source =
        Files.writeString(
            directory.resolve("Example.java"),
            IMPORTS + "class Example { void run() throws Exception {\n" + block.group(1) + "}}\n");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter complaints = new StringWriter();
    boolean compiles =
        compiler
            .getTask(
                complaints,
                null,
                null,
                List.of("-proc:none", "-d", directory.toString()),
                null,
                compiler
                    .getStandardFileManager(null, null, null)
                    .getJavaFileObjects(source.toFile()))
            .call();
    assertThat(compiles).as(complaints.toString()).isTrue();
  }
}
