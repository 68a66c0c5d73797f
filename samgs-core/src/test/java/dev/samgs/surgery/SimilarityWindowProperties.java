package dev.samgs.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

class SimilarityWindowProperties {
  @Property(tries = 300, seed = "1")
  void theWindowKnowsTheLatestSimilarities(
      @ForAll @IntRange(min = 1, max = 9) int capacity,
      @ForAll @NotEmpty @Size(max = 30) List<@DoubleRange(min = 0, max = 1) Double> similarities,
      @ForAll @DoubleRange(min = 0, max = 1) double share) {
    SimilarityWindow window = new SimilarityWindow(capacity);
    similarities.forEach(window::add);
    double[] latest =
        similarities
            .subList(Math.max(0, similarities.size() - capacity), similarities.size())
            .stream()
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    double place = share * (latest.length - 1);
    int below = (int) Math.floor(place);
    int above = (int) Math.ceil(place);
    double expected = latest[below] + (place - below) * (latest[above] - latest[below]);
    assertThat(window.quantile(share)).isCloseTo(expected, within(1e-12));
    double mean = Arrays.stream(latest).average().orElseThrow();
    double variance =
        Arrays.stream(latest).map(s -> (s - mean) * (s - mean)).average().orElseThrow();
    assertThat(window.mean()).isCloseTo(mean, within(1e-12));
    assertThat(window.deviation()).isCloseTo(Math.sqrt(variance), within(1e-7));
  }

  @Property(tries = 200, seed = "1")
  void aWindowOfAnotherCapacityKeepsTheNewest(
      @ForAll @IntRange(min = 1, max = 9) int saved,
      @ForAll @IntRange(min = 1, max = 9) int restored,
      @ForAll @Size(max = 30) List<@DoubleRange(min = 0, max = 1) Double> similarities)
      throws IOException {
    SimilarityWindow window = new SimilarityWindow(saved);
    similarities.forEach(window::add);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    window.write(new StateWriter(new DataOutputStream(bytes)));
    SimilarityWindow other = new SimilarityWindow(restored);
    other.read(new StateReader(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));

    SimilarityWindow expected = new SimilarityWindow(Math.min(saved, restored));
    similarities.forEach(expected::add);
    if (!similarities.isEmpty()) {
      for (double share : new double[] {0, 0.3, 1}) {
        assertThat(other.quantile(share)).isEqualTo(expected.quantile(share));
      }
    }
  }
}
