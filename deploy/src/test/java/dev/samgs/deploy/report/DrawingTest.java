package dev.samgs.deploy.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class DrawingTest {
  @Test
  void textAndAttributesAreEscaped() {
    String hostile = "</script><b a=\"'\">&\u0000\u202E";
    Markup markup = new Markup();
    markup.open("p", "title", hostile).text(hostile).close();
    String escaped = "&lt;/script&gt;&lt;b a=&quot;&#39;&quot;&gt;&amp;\uFFFD\uFFFD";
    assertThat(markup.toString()).isEqualTo("<p title=\"" + escaped + "\">" + escaped + "</p>");
  }

  @Test
  void anElementLeftOpenIsAFault() {
    Markup markup = new Markup().open("p");
    assertThatThrownBy(markup::toString).hasMessageContaining("p");
  }

  @Test
  void ticksAreRoundAndInsideTheRange() {
    assertThat(Scale.linear(0, 1, 0, 100).ticks(4)).containsExactly(0.0, 0.5, 1.0);
    assertThat(Scale.linear(0, 2205, 0, 100).ticks(4)).containsExactly(0.0, 1000.0, 2000.0);
    assertThat(Scale.linear(-0.31, 0.29, 0, 100).ticks(4))
        .usingComparatorForType(
            (a, b) -> Math.abs(a - b) < 1e-9 ? 0 : Double.compare(a, b), Double.class)
        .containsExactly(-0.2, 0.0, 0.2);
    assertThat(Scale.powersOfTen(0.003, 4, 0, 100).ticks(4)).hasSize(5).startsWith(0.001);
  }

  @Test
  void aRangeWithoutExtentStillHasAPlaceForItsValue() {
    assertThat(Scale.linear(5, 5, 0, 100).place(5)).isCloseTo(50, within(1e-9));
    assertThat(Scale.linear(0, 0, 0, 100).place(0)).isCloseTo(50, within(1e-9));
  }

  @Test
  void aLineIsInterruptedWhereItHasNoValue() {
    Markup markup = new Markup();
    new LineChart("title", "description", 4, 1)
        .line("learner", "learner", new double[] {1, Double.NaN, 2, 3})
        .range(0, 4)
        .write(markup);
    assertThat(markup.toString())
        .containsPattern(
            "class=\"line learner\" d=\"M[\\d.]+ [\\d.]+h0.1M[\\d.]+ [\\d.]+L[\\d.]+ [\\d.]+\"")
        .contains("data-values=\"1.000 - 2.000 3.000\"");
  }

  @Test
  void aChartWithoutValuesSaysSo() {
    Markup markup = new Markup();
    new LineChart("title", "description", 4, 1)
        .line("learner", "learner", new double[] {Double.NaN})
        .write(markup);
    assertThat(markup.toString()).contains("Nothing was measured").doesNotContain("<svg");
  }

  @Test
  void aMatrixTellsItsValuesInWordsToo() {
    Markup markup = new Markup();
    HeatMap.write(
        markup,
        "Cosine",
        "How alike.",
        List.of("a", "b", "c"),
        (i, j) -> i == 2 || j == 2 ? Double.NaN : -0.25);
    assertThat(markup.toString())
        .contains("How alike. a and b -0.250.")
        .contains("class=\"against\"")
        .contains("a and c: never together");
  }
}
