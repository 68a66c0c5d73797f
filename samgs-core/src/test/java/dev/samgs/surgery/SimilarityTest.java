package dev.samgs.surgery;

import static dev.samgs.vectors.VectorSource.number;
import static dev.samgs.vectors.VectorSource.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.samgs.vectors.VectorSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimilarityTest {
  @ParameterizedTest
  @EnumSource
  void theMeasuresOfAPairAreThoseOfThePublishedCode(VectorSource source) {
    for (JsonNode pair : source.read("similarity_measures.json").get("cases")) {
      double[] a = vector(pair.get("g1"));
      double[] b = vector(pair.get("g2"));
      double normA = Math.sqrt(dot(a, a));
      double normB = Math.sqrt(dot(b, b));
      double cosine = Similarity.cosine(dot(a, b), normA, normB);
      String name = pair.get("name").textValue() + " of length " + a.length;
      assertMeasure(name + ", cosine", cosine, pair.get("cosine"));
      if (normA > 0 || normB > 0) {
        assertMeasure(
            name + ", magnitude similarity",
            Similarity.magnitude(normA, normB),
            pair.get("magnitude_similarity"));
      }
      assertMeasure(
          name + ", curvature",
          Similarity.curvature(cosine, normA, normB),
          pair.get("curvature_bounding_measure"));
    }
  }

  /**
   * 1 − cos² of nearly parallel gradients is rounding noise, so an absolute error of 10⁻¹² is as
   * good as 10⁻¹⁰ of the value.
   */
  private static void assertMeasure(String what, double actual, JsonNode recorded) {
    double expected = number(recorded);
    if (Double.isNaN(expected)) {
      assertThat(actual).as(what).isNaN();
    } else {
      assertThat(actual)
          .as(what)
          .isCloseTo(expected, within(Math.max(1e-12, 1e-10 * Math.abs(expected))));
    }
  }

  @Test
  void twoZeroGradientsAreAlikeInMagnitude() {
    assertThat(Similarity.magnitude(0, 0)).isEqualTo(1);
  }

  @Test
  void magnitudeSimilarityIsRightAtTheEndsOfTheRange() {
    assertThat(Similarity.magnitude(1e300, 3e300)).isCloseTo(0.6, within(1e-15));
    assertThat(Similarity.magnitude(3e-300, 1e-300)).isCloseTo(0.6, within(1e-15));
    assertThat(Similarity.magnitude(1e-300, 1e300)).isZero();
  }

  @Test
  void magnitudeSimilarityOfOneAndThreeIsExactlySixTenths() {
    assertThat(Similarity.magnitude(1, 3)).isEqualTo(0.6);
  }

  @Test
  void theReportOfAStepHoldsEachPairAndLeavesOutAbsentAndZeroGradients() {
    TaskGradients gradients = new TaskGradients(4, 2);
    Gradients.set(gradients, 0, 3, 0);
    Gradients.set(gradients, 1, -1, 0);
    Gradients.set(gradients, 3, 0, 0);
    PairwiseSimilarity pairs = new PairwiseSimilarity(4);
    pairs.measure(gradients);
    assertThat(pairs.magnitude(0, 1)).isEqualTo(0.6);
    assertThat(pairs.cosine(1, 0)).isEqualTo(-1);
    assertThat(pairs.curvature(0, 1)).isZero();
    assertThat(pairs.comparable(0, 2)).isFalse();
    assertThat(pairs.magnitude(0, 2)).isNaN();
    assertThat(pairs.cosine(0, 3)).isNaN();
    assertThat(pairs.curvature(2, 3)).isNaN();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
