package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.samgs.deploy.Chromium;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report as a browser shows it: made by the command, opened in a headless Chromium. */
class ReportIT {
  private static final int PHONE = 375;

  /** Contrast that WCAG 2.1 asks of text at level AA. */
  private static final double READABLE = 4.5;

  /** A label that would run a script if it got into the page as it is. */
  private static final String HOSTILE = "<img src=x onerror=alert(1)>&\"'";

  @TempDir private static Path directory;

  private static Chromium chromium;
  private static Path page;

  @BeforeAll
  static void writeAndOpen() throws Exception {
    Optional<Path> executable = Chromium.installed();
    assumeTrue(
        executable.isPresent(),
        "Chromium is not installed, so the report is not looked at in a browser"
            + " (Debian, Ubuntu: apt install chromium)");
    Path report = directory.resolve("report");
    CommandRun run =
        CommandRun.of(
            "evaluate",
            "--data",
            stream("one.csv", 1500, 1),
            stream("a <b> & 'c'.csv", 300, 2),
            "--report",
            report);
    assertThat(run.exit()).as(run.err()).isZero();
    page = report.resolve("index.html");
    assertThat(run.err()).contains("report: " + page);
    chromium = new Chromium(executable.get(), Files.createDirectory(directory.resolve("profile")));
  }

  @BeforeEach
  void open() throws Exception {
    chromium.emulate(1200, 900, false, false);
    chromium.open(page.toUri());
  }

  @AfterAll
  static void close() throws Exception {
    if (chromium != null) {
      chromium.close();
    }
  }

  @Test
  void loadsNothingElseAndComplainsOfNothing() {
    assertThat(chromium.requests()).isNotEmpty().containsOnly(page.toUri().toString());
    assertThat(chromium.complaints()).isEmpty();
  }

  @Test
  void everyCurveIsDrawn() throws Exception {
    // Three tasks and three drawings of the gradients for each of the two streams.
    assertThat(number("document.querySelectorAll('svg.plot').length")).isEqualTo(12);
    assertThat(
            number(
                """
                [...document.querySelectorAll('svg.plot')].filter(plot =>
                  [...plot.querySelectorAll('path.line')].some(l => l.getTotalLength() > 100))
                  .length\
                """))
        .isEqualTo(12);
    assertThat(number("document.querySelectorAll('path.line.baseline').length")).isEqualTo(6);
    assertThat(number("document.querySelectorAll('#stream-1 svg.heat rect').length"))
        .as("two matrices of three tasks without their diagonals")
        .isEqualTo(12);
    assertThat(text("#stream-1 svg.heat g text")).matches("-?[01]\\.\\d\\d");
    assertThat(number("document.querySelectorAll('#stream-1 path.alarm').length"))
        .as("the label turns round half-way, and a detector sees it")
        .isPositive();
  }

  @Test
  void namesOfTheUserAreTextAndNothingElse() throws Exception {
    assertThat(number("document.images.length")).isZero();
    assertThat(text("#stream-1 tbody tr:nth-child(3) th")).isEqualTo(HOSTILE);
    assertThat(text("#stream-2 h2")).isEqualTo("a <b> & 'c'.csv");
    assertThat(text(".command"))
        .as("the command can be pasted into a shell")
        .contains("'" + directory.resolve("a <b> & '\\''c'\\''.csv") + "'");
  }

  @Test
  void aPhoneNeedsNoSidewaysScrolling() throws Exception {
    chromium.emulate(PHONE, 812, true, false);
    assertThat(number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(PHONE);
    assertThat(number("document.querySelector('svg.plot').getBoundingClientRect().right"))
        .isLessThanOrEqualTo(PHONE);
  }

  @Test
  void textIsReadableInLightAndDark() throws Exception {
    for (boolean dark : List.of(false, true)) {
      chromium.emulate(1200, 900, false, dark);
      assertThat(number("luminance(getComputedStyle(document.body).backgroundColor)", LUMINANCE))
          .as("brightness of the paper, dark: " + dark)
          .matches(brightness -> dark == brightness < 0.2);
      assertThat(number(LOWEST_CONTRAST, LUMINANCE))
          .as("lowest contrast of any text, dark: " + dark)
          .isGreaterThanOrEqualTo(READABLE);
    }
  }

  @Test
  void everyDrawingIsDescribedAndItsValuesCanBeReadWithTheKeyboard() throws Exception {
    assertThat(
            number(
                """
                [...document.querySelectorAll('svg[role=img]')].filter(svg =>
                  svg.querySelector(':scope > title')?.textContent.length > 5 &&
                  svg.querySelector(':scope > desc')?.textContent.length > 20).length\
                """))
        .isEqualTo(number("document.querySelectorAll('svg[role=img]').length"))
        .isEqualTo(16);
    String focused = "document.activeElement.matches('svg.plot')";
    for (int i = 0; i < 20 && !chromium.evaluate(focused).asBoolean(); i++) {
      chromium.press("Tab");
    }
    assertThat(chromium.evaluate(focused).asBoolean()).as("a drawing has the focus").isTrue();
    String values = "document.activeElement.parentElement.querySelector('output').textContent";
    String last = chromium.evaluate(values).asText();
    assertThat(last).startsWith("row 1,500: learner ").contains("baseline ");
    chromium.press("ArrowLeft");
    assertThat(chromium.evaluate(values).asText()).startsWith("row 1,4").isNotEqualTo(last);
  }

  @Test
  void thePointerShowsTheValuesUnderIt() throws Exception {
    JsonNode middle =
        chromium.evaluate(
            """
            (() => { const plot = document.querySelector('svg.plot');
              plot.scrollIntoView({block: 'center'});
              const box = plot.getBoundingClientRect();
              return {x: box.left + box.width / 2, y: box.top + box.height / 2}; })()\
            """);
    chromium.point(middle.get("x").asDouble(), middle.get("y").asDouble());
    assertThat(text("output")).matches("row (6|7|8)\\d\\d: learner [\\d.]+, baseline .*");
  }

  /** Makes {@code luminance(colour)}, the relative luminance of WCAG 2.1, known. */
  private static final String LUMINANCE =
      """
      const channels = colour => colour.match(/[\\d.]+/g).map(Number);
      const luminance = colour => channels(colour).slice(0, 3)
        .map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      """;

  /** Of all elements with text of their own, in front of the nearest painted background. */
  private static final String LOWEST_CONTRAST =
      """
      Math.min(...[...document.querySelectorAll('body *')].filter(e =>
          !e.closest('script, title, desc') &&
          [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
        .map(e => {
          const style = getComputedStyle(e);
          const front = luminance(e instanceof SVGElement ? style.fill : style.color);
          let behind = e;
          while (behind.parentElement && channels(getComputedStyle(behind).backgroundColor)[3] === 0) {
            behind = behind.parentElement;
          }
          const back = luminance(getComputedStyle(behind).backgroundColor);
          return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        }))\
      """;

  private static double number(String expression) throws Exception {
    return number(expression, "");
  }

  private static double number(String expression, String definitions) throws Exception {
    return chromium
        .evaluate("(() => {" + definitions + "return " + expression + ";})()")
        .asDouble();
  }

  private static String text(String selector) throws Exception {
    return chromium.evaluate("document.querySelector(\"" + selector + "\").textContent").asText();
  }

  /** A stream whose first label turns round half-way. */
  private static Path stream(String name, int rows, long seed) throws Exception {
    Random random = new Random(seed);
    StringBuilder csv =
        new StringBuilder(
            "ts,f_a,f_b,y_width,y_fault,\"y_" + HOSTILE.replace("\"", "\"\"") + "\"\n");
    for (int i = 0; i < rows; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      double width = i < rows / 2 ? 3 * a - b : 40 - 9 * a;
      csv.append(i).append(',').append(a).append(',').append(b).append(',').append(width);
      csv.append(',').append(a + b > 0.5 ? 1 : 0).append(',').append(a > 0.5 ? 2 : b > 0 ? 1 : 0);
      csv.append('\n');
    }
    return Files.writeString(directory.resolve(name), csv);
  }
}
