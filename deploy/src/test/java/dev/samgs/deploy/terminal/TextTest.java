package dev.samgs.deploy.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.deploy.terminal.Terminal.Style;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void columnsAreAlignedWhateverTheirStyles() {
    Terminal terminal = terminal(true);
    TextTable table = new TextTable("lrl");
    table.add("task", "labels", "");
    table.add("width", "12", terminal.styled("better", Style.GREEN));
    table.add("f", "1,200", "not better");

    assertThat(table.lines())
        .containsExactly(
            "task   labels",
            "width      12  \u001b[32mbetter\u001b[0m",
            "f       1,200  not better");
  }

  @Test
  void aRowOfAnotherWidthIsRefused() {
    assertThatThrownBy(() -> new TextTable("ll").add("one"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 cells");
  }

  @ParameterizedTest
  @CsvSource({
    "0.96352, 0.964", "1234.56, '1,235'", "123.456, 123.5", "12.3456, 12.35", "1.23456, 1.235",
    "0.0123456, 0.01235", "0.00001, 1.00e-05", "NaN, -", "-3.14159, -3.142", "1e12, 1.00e+12",
  })
  void figuresHaveAboutFourSignificantDigits(double value, String text) {
    assertThat(Figures.figure(value)).isEqualTo(text);
  }

  @Test
  void durationsAndSizesAreShort() {
    assertThat(Figures.clock(Duration.ofSeconds(125))).isEqualTo("2:05");
    assertThat(Figures.bytes(1)).isEqualTo("1 KiB");
    assertThat(Figures.bytes(3 << 20)).isEqualTo("3.0 MiB");
    assertThat(Figures.number(1200)).isEqualTo("1200");
    assertThat(Figures.number(0.5)).isEqualTo("0.5");
  }

  @Test
  void nothingIsDrawnOrColouredElsewhereThanOnATerminal() {
    Terminal terminal = terminal(false);
    terminal.draw(List.of("progress"));
    terminal.erase();
    terminal.print(terminal.styled("done", Style.RED));
    assertThat(written()).isEqualTo("done" + System.lineSeparator());
  }

  @Test
  void whatIsPrintedReplacesWhatIsDrawn() {
    Terminal terminal = terminal(true);
    terminal.draw(List.of("one", "two"));
    bytes.reset();
    terminal.print("done");
    assertThat(written()).contains("\u001b[2F").contains("\u001b[J").endsWith("done\n");
    bytes.reset();
    terminal.print("more");
    assertThat(written()).as("nothing is left to erase").isEqualTo("more\n");
  }

  @Test
  void aBarIsFilledToItsFraction() {
    assertThat(Terminal.bar(0)).isEqualTo("[........................]   0 %");
    assertThat(Terminal.bar(0.5)).isEqualTo("[############............]  50 %");
    assertThat(Terminal.bar(1.2)).isEqualTo("[########################] 100 %");
  }

  @Test
  void aStopRequestEndsTheWaitAndInterrupts() throws Exception {
    StopRequest request = new StopRequest();
    assertThat(request.await(Duration.ofMillis(1))).isFalse();
    request.request();
    assertThat(request.await(Duration.ofDays(1))).isTrue();
    assertThat(request.requested()).isTrue();
    request.interrupt(Thread.currentThread());
    assertThat(Thread.interrupted()).isTrue();
  }

  private Terminal terminal(boolean real) {
    return new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), real, real);
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
