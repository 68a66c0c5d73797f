package dev.samgs.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules for Prometheus, by Prometheus' own tool. */
class PrometheusRulesIT {
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");
  private static final Path RULES = Path.of("prometheus/samgs.rules.yml");
  private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");
  private static final Pattern RUNBOOK = Pattern.compile("runbook: (\\S+)");

  @Test
  void theRulesAndTheirTestsHold() throws Exception {
    promtool("check", "rules", "samgs.rules.yml");
    promtool("test", "rules", "samgs.rules.test.yml");
    promtool("check", "config", "prometheus.yml");
  }

  @Test
  void everyAlertHasATestAndARunbookThatNamesIt() throws IOException {
    List<String> alerts = found(ALERT);
    List<String> runbooks = found(RUNBOOK);
    assertThat(alerts).isNotEmpty().doesNotHaveDuplicates().hasSameSizeAs(runbooks);
    String tests = Files.readString(Path.of("prometheus/samgs.rules.test.yml"));
    for (int i = 0; i < alerts.size(); i++) {
      assertThat(tests).contains("alertname: " + alerts.get(i));
      assertThat(Path.of("..", runbooks.get(i)))
          .content()
          .contains("Alert `" + alerts.get(i) + "`");
    }
  }

  private static List<String> found(Pattern pattern) throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(RULES));
    return matcher.results().map(r -> r.group(1)).collect(Collectors.toList());
  }

  private static void promtool(String... words) throws Exception {
    assumeTrue(Files.isExecutable(PROMTOOL), "promtool is not installed (Debian: prometheus)");
    ProcessBuilder builder =
        new ProcessBuilder(Stream.concat(Stream.of(PROMTOOL.toString()), Stream.of(words)).toList())
            .directory(RULES.getParent().toFile())
            .redirectErrorStream(true);
    Process promtool = builder.start();
    String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(promtool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(promtool.exitValue()).as(said).isZero();
  }
}
