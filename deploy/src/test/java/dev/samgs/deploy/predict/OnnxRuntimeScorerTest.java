package dev.samgs.deploy.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.predict.GraphScorer;
import dev.samgs.predict.Scorer;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class OnnxRuntimeScorerTest {
  /** Both compute the network in float and round in their own order. */
  private static final Offset<Double> FLOAT_ROUNDING = Offset.offset(1e-5);

  @Test
  void itPredictsWhatTheBuiltInScorerPredicts() {
    try (Scorer builtIn = GraphScorer.load(Published.untrained("line-1"));
        Scorer onnxRuntime = OnnxRuntimeScorer.load(Published.untrained("line-1"))) {
      assertThat(onnxRuntime.features()).isEqualTo(builtIn.features());
      assertThat(onnxRuntime.outputs()).isEqualTo(builtIn.outputs());
      assertThat(onnxRuntime.columns()).isEqualTo(5);
      int rows = 40;
      double[] features =
          new SplittableRandom(1)
              .doubles(3L * rows, -3, 3)
              .map(x -> x < -2 ? Double.NaN : x)
              .toArray();
      double[] expected = new double[5 * rows];
      double[] actual = new double[5 * rows];
      builtIn.score(features, rows, expected);
      onnxRuntime.score(features, rows, actual);
      assertThat(actual).containsExactly(expected, FLOAT_ROUNDING);
      onnxRuntime.score(features, 0, actual);
    }
  }

  @Test
  void whatIsNoModelIsRefusedInASentence() {
    assertThatThrownBy(() -> OnnxRuntimeScorer.load(new byte[] {1, 2, 3}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("ONNX Runtime does not accept the model: ");
  }
}
