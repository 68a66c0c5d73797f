package dev.samgs.connectors.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimeTest {
  @ParameterizedTest
  @CsvSource({
    "2026-01-01T12:00:00Z, 2026-01-01T12:00:00Z",
    "2026-01-01t12:00:00z, 2026-01-01T12:00:00Z",
    "2026-01-01 12:00:00Z, 2026-01-01T12:00:00Z",
    "2026-01-01T12:00:00.5Z, 2026-01-01T12:00:00.500Z",
    "2026-01-01T12:00:00.123456789Z, 2026-01-01T12:00:00.123Z",
    "2026-01-01T00:30:00+01:00, 2025-12-31T23:30:00Z",
    "2025-12-31T23:30:00-05:45, 2026-01-01T05:15:00Z",
    "2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z",
    "2016-12-31T23:59:60Z, 2017-01-01T00:00:00Z",
  })
  void readsRfc3339(String text, String instant) {
    assertThat(EventTime.parse(text)).isEqualTo(Instant.parse(instant).toEpochMilli());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-01-01",
        "2026-01-01T12:00:00",
        "2026-01-01T12:00Z",
        "2026-13-01T12:00:00Z",
        "2026-00-01T12:00:00Z",
        "2026-04-31T12:00:00Z",
        "2025-02-29T12:00:00Z",
        "1900-02-29T12:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T12:60:00Z",
        "2026-01-01T12:00:61Z",
        "2026-01-01T12:00:00.Z",
        "2026-01-01T12:00:00+0100",
        "2026-01-01T12:00:00+24:00",
        "2026-01-01T12:00:00Zx",
        "2026-01-01X12:00:00Z",
        "+026-01-01T12:00:00Z",
      })
  void refusesWhatIsNot(String text) {
    assertThat(EventTime.parse(text)).isEqualTo(EventTime.INVALID);
  }
}
