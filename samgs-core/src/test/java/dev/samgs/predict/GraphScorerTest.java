package dev.samgs.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.vectors.Allocation;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import org.junit.jupiter.api.Test;

/** That it predicts what ONNX Runtime predicts is a property of the encoder's tests. */
class GraphScorerTest {
  private static final int ROWS = 70;

  /** A published model of format 1 with three features and three tasks. */
  private static byte[] onnx() throws IOException {
    try (InputStream in =
        GraphScorerTest.class.getResourceAsStream("/dev/samgs/snapshot/mixture-format-1.onnx")) {
      return in.readAllBytes();
    }
  }

  private static double[] features(int rows) {
    SplittableRandom random = new SplittableRandom(1);
    return random.doubles(3L * rows, -100, 2000).map(x -> x < 0 ? Double.NaN : x).toArray();
  }

  private static double[] score(Scorer scorer, double[] features) {
    int rows = features.length / scorer.features();
    double[] predictions = new double[rows * scorer.columns()];
    scorer.score(features, rows, predictions);
    return predictions;
  }

  @Test
  void theOutputsAreThoseOfTheGraph() throws Exception {
    try (Scorer scorer = GraphScorer.load(onnx())) {
      assertThat(scorer.features()).isEqualTo(3);
      assertThat(scorer.outputs())
          .containsExactly(
              new Scorer.Output("thickness", 1),
              new Scorer.Output("scrap_probability", 1),
              new Scorer.Output("fault_probabilities", 3));
      assertThat(scorer.columns()).isEqualTo(5);
    }
  }

  @Test
  void aRowIsPredictedAlikeAloneAndAmongOthers() throws Exception {
    try (Scorer scorer = GraphScorer.load(onnx())) {
      double[] features = features(ROWS);
      double[] together = score(scorer, features);
      for (int r = 0; r < ROWS; r++) {
        double[] row = {features[3 * r], features[3 * r + 1], features[3 * r + 2]};
        double[] alone = score(scorer, row);
        for (int c = 0; c < 5; c++) {
          assertThat(together[5 * r + c]).isEqualTo(alone[c]);
        }
      }
    }
  }

  @Test
  void scoringAllocatesNothing() throws Exception {
    try (Scorer scorer = GraphScorer.load(onnx())) {
      double[] features = features(ROWS);
      double[] predictions = new double[ROWS * scorer.columns()];
      assertThat(Allocation.afterWarmUp(() -> scorer.score(features, ROWS, predictions))).isZero();
    }
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    double[] features = features(ROWS);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Scorer scorer = GraphScorer.load(onnx())) {
      double[] expected = score(scorer, features);
      Callable<Boolean> always =
          () ->
              IntStream.range(0, 200)
                  .allMatch(i -> Arrays.equals(score(scorer, features), expected));
      for (Future<Boolean> same : threads.invokeAll(List.of(always, always, always, always))) {
        assertThat(same.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void arraysThatAreTooShortAreRefused() throws Exception {
    try (Scorer scorer = GraphScorer.load(onnx())) {
      assertThatThrownBy(() -> scorer.score(new double[5], 2, new double[10]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("2 rows of 3 features and 5 predictions do not fit arrays of 5 and 10");
    }
  }

  @Test
  void whatIsNoModelOrHasOtherOperatorsIsRefusedInASentence() throws Exception {
    assertThatThrownBy(() -> GraphScorer.load(new byte[] {1, 2, 3}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("these 3 bytes are not an ONNX model: ");
    ModelProto.Builder model = ModelProto.parseFrom(onnx()).toBuilder();
    model.getGraphBuilder().addNode(NodeProto.newBuilder().setOpType("Erf").addOutput("x"));
    assertThatThrownBy(() -> GraphScorer.load(model.build().toByteArray()))
        .hasMessage(
            "the built-in scorer cannot evaluate this ONNX model: it has the operator Erf; ONNX"
                + " Runtime may");
  }

  @Test
  void aDamagedFileIsRefusedOrScoredButNeverBreaksAnythingElse() throws Exception {
    byte[] whole = onnx();
    SplittableRandom random = new SplittableRandom(7);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = Arrays.copyOf(whole, random.nextInt(1, whole.length + 1));
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      try (Scorer scorer = GraphScorer.load(damaged)) {
        assertThat(scorer.columns()).isPositive();
      } catch (IllegalArgumentException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }
}
