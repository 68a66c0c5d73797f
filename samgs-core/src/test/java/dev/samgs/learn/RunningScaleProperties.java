package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RunningScaleProperties {
  /**
   * Welford's method against the definition in 40 decimal digits. Its mean is off by a few
   * roundings per value at the size of the values, its variance by as much at the size of their
   * squares (Chan, Golub and LeVeque 1983).
   */
  @Property(seed = "1")
  void upToTheWindowItIsThePlainMeanAndVariance(
      @ForAll @Size(min = 1, max = 200) List<@DoubleRange(min = -1e6, max = 1e6) Double> values) {
    RunningScale scale = new RunningScale(1, 200);
    values.forEach(value -> scale.observe(0, value));
    MathContext digits = new MathContext(40);
    BigDecimal n = BigDecimal.valueOf(values.size());
    BigDecimal mean =
        values.stream()
            .map(BigDecimal::new)
            .reduce(BigDecimal.ZERO, BigDecimal::add)
            .divide(n, digits);
    double variance =
        values.stream()
            .map(value -> new BigDecimal(value).subtract(mean).pow(2))
            .reduce(BigDecimal.ZERO, BigDecimal::add)
            .divide(n, digits)
            .doubleValue();
    double size = values.stream().mapToDouble(Math::abs).max().orElseThrow();
    double rounding = values.size() * 0x1p-52;
    assertThat(scale.mean(0)).isCloseTo(mean.doubleValue(), within(rounding * size));
    double deviation = scale.deviation(0);
    assertThat(deviation * deviation)
        .isCloseTo(variance, within(rounding * size * size + 1e-24 * size * size));
  }

  /** A change of unit and of zero point is a change of nothing: what is learned is the same. */
  @Property(seed = "1")
  void standardisedNumbersDoNotDependOnTheUnit(
      @ForAll @Size(min = 3, max = 100) List<@DoubleRange(min = -10, max = 10) Double> values,
      @ForAll @IntRange(min = -200, max = 200) int power) {
    double unit = Math.scalb(1.0, power);
    RunningScale scale = new RunningScale(1, 20);
    RunningScale other = new RunningScale(1, 20);
    for (double value : values) {
      scale.observe(0, value);
      other.observe(0, value * unit);
    }
    // A power of two changes exponents only, so that every operation rounds alike.
    assertThat(other.standardise(0, 3 * unit)).isEqualTo(scale.standardise(0, 3));
  }
}
