package dev.samgs.connectors.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Eight recorded streams whose tasks are known. */
class SharedStreamsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hydraulic        | 2205   | 85  | cooler:3 valve:4 pump_leak:3 accumulator:4 unstable:2 accumulator_bar",
        "hydraulic_mixed  | 2205   | 85  | cooler:3 valve:4 pump_leak:3 accumulator:4 unstable:2 accumulator_bar",
        "gas              | 6697   | 128 | gas:6 conc",
        "cmapss           | 160359 | 25  | rul rul_cap125 health:3 next_s4 next_s11",
        "airquality       | 9357   | 10  | co nmhc c6h6 nox no2 no2_high:2",
        "ai4i             | 10000  | 6   | failure:2 twf:2 hdf:2 pwf:2 osf:2 rnf:2",
        "steel            | 35040  | 7   | usage_kwh co2_t load_type:3 next_usage_kwh",
        "nab_machine_temp | 22695  | 9   | anomaly:2 next5min next1h",
      })
  void everyTaskIsFoundWithItsKind(String name, long rows, int features, String tasks) {
    Path file = Path.of(System.getProperty("samgs.shared", "."), "data", name + ".csv.gz");
    assumeTrue(
        Files.exists(file), "the recorded stream " + file + " is not here; set -Dsamgs.shared");
    List<String> complaints = new ArrayList<>();
    CsvInference inference = CsvStream.open(file).infer(Map.of(), complaints::add);
    assertThat(complaints).isEmpty();
    assertThat(inference.rows()).isEqualTo(rows);
    assertThat(inference.rejected()).isZero();
    assertThat(inference.features()).hasSize(features);
    assertThat(inference.tasks())
        .extracting(SharedStreamsTest::nameAndClasses)
        .containsExactly(tasks.split(" "));
  }

  private static String nameAndClasses(TaskSpec task) {
    return task.kind() == TaskKind.REGRESSION
        ? task.name()
        : task.name() + ":" + task.labelClasses();
  }
}
