package dev.samgs.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.connectors.event.Decoded;
import dev.samgs.connectors.event.JsonEventDecoder;
import dev.samgs.connectors.event.SourceRecord;
import dev.samgs.job.config.JobConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README shows is what the code takes. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)[^):]*\\)");

  @Test
  void theConfigurationIsTenLinesAndIsRead() throws Exception {
    String yaml = block("yaml");
    assertThat(yaml.lines().filter(line -> !line.isBlank()).count()).isEqualTo(10);
    JobConfiguration configuration = configuration(yaml);
    assertThat(configuration.model().tasks()).hasSize(3);
    assertThat(configuration.input().topic()).isEqualTo("events");
  }

  @Test
  void theEventIsOneThatTheConfiguredJobTakes() throws Exception {
    JsonEventDecoder decoder = new JsonEventDecoder(configuration(block("yaml")).model());
    Decoded decoded =
        decoder.decode(
            new SourceRecord(
                "events", 0, 0, -1, null, block("json").getBytes(StandardCharsets.UTF_8)));
    assertThat(decoded.refusals()).isEmpty();
    assertThat(decoded.event().model()).isEqualTo("line-3");
    assertThat(decoded.event().row().labels()).containsExactly(Double.NaN, 0, Double.NaN);
  }

  @Test
  void everyLinkOfTheReadmeAndTheDocsLeadsToAFile() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (var docs = Files.walk(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).forEach(pages::add);
    }
    for (Path page : pages) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        assertThat(page.resolveSibling(link.group(1))).as("link of " + page).exists();
      }
    }
  }

  private static JobConfiguration configuration(String yaml) throws Exception {
    Path file = Files.createTempFile("readme", ".yaml");
    try {
      Files.writeString(file, yaml);
      return JobConfiguration.read(file);
    } finally {
      Files.delete(file);
    }
  }

  private static String block(String language) throws IOException {
    Matcher fence =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(ROOT.resolve("README.md")));
    assertThat(fence.find()).as("a block of " + language).isTrue();
    return fence.group(1);
  }
}
