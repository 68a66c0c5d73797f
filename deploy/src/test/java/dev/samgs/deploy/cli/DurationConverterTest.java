package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationConverterTest {
  private final DurationConverter converter = new DurationConverter();

  @ParameterizedTest
  @CsvSource({
    "90s, 90000",
    "2m, 120000",
    "1h30m, 5400000",
    "500ms, 500",
    "1m500ms, 60500",
    "7d, 604800000"
  })
  void readsNumbersWithUnits(String text, long millis) {
    assertThat(converter.convert(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "90", "s", "2 m", "-1s", "1.5m", "1w"})
  void refusesAnythingElse(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("90s, 2m or 1h30m");
  }

  @Test
  void refusesNumbersThatAreTooLong() {
    assertThatThrownBy(() -> converter.convert("12345678901h"))
        .isInstanceOf(TypeConversionException.class);
  }
}
