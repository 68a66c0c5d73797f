package dev.samgs.connectors.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The oracle is the JDK, from the number's text. */
class DecimalNumberTest {
  private static final int NUMBERS = 50_000;

  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void randomNumbersOfEveryLengthAndPower() {
    for (int i = 0; i < NUMBERS; i++) {
      int digits = 1 + random.nextInt(DecimalNumber.MAX_DIGITS);
      BigInteger below = BigInteger.TEN.pow(digits);
      assertNearest(new BigInteger(Long.toUnsignedString(random.nextLong())).mod(below), power());
    }
  }

  @Test
  void everyPowerOfTenAndItsNeighbours() {
    for (int power = -DecimalNumber.MAX_POWER; power <= DecimalNumber.MAX_POWER; power++) {
      for (int p = 0; p < DecimalNumber.MAX_DIGITS; p++) {
        BigInteger one = BigInteger.TEN.pow(p);
        assertNearest(one, power);
        assertNearest(one.add(BigInteger.ONE), power);
        assertNearest(one.subtract(BigInteger.ONE), power);
      }
    }
  }

  @Test
  void whatADoubleIsWrittenAsComesBack() {
    for (int i = 0; i < NUMBERS; i++) {
      double value = Math.exp(60 * random.nextDouble() - 30);
      BigDecimal written = new BigDecimal(Double.toString(value));
      double read = DecimalNumber.nearest(written.unscaledValue().longValue(), -written.scale());
      assertThat(read).isEqualTo(value);
    }
  }

  /** Half-way between two doubles, and as near to that as 19 digits allow. */
  @Test
  void tiesAndTheirNeighbours() {
    int ties = 0;
    for (int i = 0; i < NUMBERS; i++) {
      long odd = random.nextLong(1L << 53, 1L << 54) | 1;
      int shift = random.nextInt(-4, 24);
      BigDecimal tie =
          shift < 0
              ? new BigDecimal(odd).divide(new BigDecimal(1L << -shift))
              : new BigDecimal(odd).multiply(new BigDecimal(1L << shift));
      tie = tie.stripTrailingZeros();
      if (tie.precision() <= DecimalNumber.MAX_DIGITS) {
        ties++;
        assertNearest(tie.unscaledValue(), -tie.scale());
        assertNearest(tie.unscaledValue().add(BigInteger.ONE), -tie.scale());
        assertNearest(tie.unscaledValue().subtract(BigInteger.ONE), -tie.scale());
      }
    }
    assertThat(ties).isGreaterThan(NUMBERS / 10);
  }

  private int power() {
    return random.nextInt(-DecimalNumber.MAX_POWER, DecimalNumber.MAX_POWER + 1);
  }

  private static void assertNearest(BigInteger digits, int power) {
    if (digits.signum() == 0) {
      return;
    }
    double read = DecimalNumber.nearest(digits.longValue(), power);
    // NaN is the right to say nothing, for numbers that 128 bits do not tell apart: very few.
    double nearest = Double.parseDouble(digits + "e" + power);
    if (read != nearest) {
      assertThat(read).as("%se%d", digits, power).isEqualTo(nearest);
    }
  }
}
