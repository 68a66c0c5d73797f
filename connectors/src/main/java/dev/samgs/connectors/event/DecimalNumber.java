package dev.samgs.connectors.event;

import java.math.BigInteger;

/**
 * The double nearest to a decimal number of up to 19 digits.
 *
 * <p>A number <em>w</em> · 10<sup><em>q</em></sup> is (<em>w</em> · 5<sup><em>q</em></sup>) ·
 * 2<sup><em>q</em></sup>, and only the first factor needs work. The 128 leading bits of every power
 * of five are kept in a table. 55 leading bits of their product with <em>w</em> decide the
 * rounding; only where the bits behind them are all ones could what was left out carry into them,
 * and then the second half of the power is multiplied too. What is a true tie can be told from the
 * bits as well, since the power then fits into 64 bits. After D. Lemire, <em>Number Parsing at a
 * Gigabyte per Second</em>, Software: Practice and Experience 51 (2021).
 */
final class DecimalNumber {
  /** Largest power of ten, and the smallest with its sign: no result is subnormal or infinite. */
  static final int MAX_POWER = 70;

  /** Digits that an unsigned long holds for certain. */
  static final int MAX_DIGITS = 19;

  /** Powers of ten that can make a tie: others times an integer have too many bits for one. */
  private static final int LEAST_TIE = -4;

  private static final int GREATEST_TIE = 23;

  /** From here on 5 to the −q fits into 64 bits: rounded up, its inverse gives exact quotients. */
  private static final int LEAST_ROUNDED_UP = -27;

  private static final int MANTISSA_BITS = 52;
  private static final int BIAS = 1023;

  /** Bits of a product behind those that decide, if its first bit is a zero. */
  private static final int UNDECIDED_BITS = Long.SIZE - (MANTISSA_BITS + 3);

  private static final long UNDECIDED = (1L << UNDECIDED_BITS) - 1;

  /** The 128 leading bits of the powers of five, from the smallest on. */
  private static final long[] HIGH = new long[2 * MAX_POWER + 1];

  private static final long[] LOW = new long[2 * MAX_POWER + 1];

  static {
    BigInteger five = BigInteger.valueOf(5);
    for (int q = -MAX_POWER; q <= MAX_POWER; q++) {
      BigInteger power = five.pow(Math.abs(q));
      BigInteger leading;
      if (q < 0) {
        BigInteger one = BigInteger.ONE.shiftLeft(power.bitLength() + 127);
        leading = one.divide(power);
        if (q >= LEAST_ROUNDED_UP) {
          leading = leading.add(BigInteger.ONE);
        }
      } else {
        int shift = 128 - power.bitLength();
        leading = shift >= 0 ? power.shiftLeft(shift) : power.shiftRight(-shift);
      }
      HIGH[q + MAX_POWER] = leading.shiftRight(Long.SIZE).longValue();
      LOW[q + MAX_POWER] = leading.longValue();
    }
  }

  private DecimalNumber() {}

  /**
   * The double nearest to digits · 10<sup>power</sup>, ties to the even one.
   *
   * @param digits not zero; unsigned
   * @param power at most {@link #MAX_POWER}, with either sign
   * @return NaN if 128 bits do not decide
   */
  static double nearest(long digits, int power) {
    int zeros = Long.numberOfLeadingZeros(digits);
    long w = digits << zeros;
    int entry = power + MAX_POWER;
    long high = multiplyHigh(w, HIGH[entry]);
    long low = w * HIGH[entry];
    if ((high & UNDECIDED) == UNDECIDED) {
      long sum = low + multiplyHigh(w, LOW[entry]);
      if (Long.compareUnsigned(sum, low) < 0) {
        high++;
      }
      low = sum;
      if (low == -1) {
        return Double.NaN;
      }
    }
    int first = (int) (high >>> (Long.SIZE - 1));
    int behind = UNDECIDED_BITS + first;
    // One bit more than a mantissa: the last one tells which way to round.
    long mantissa = high >>> behind;
    boolean rest = low != 0 && low != 1 || mantissa << behind != high;
    if (!rest && (mantissa & 3) == 1 && power >= LEAST_TIE && power <= GREATEST_TIE) {
      mantissa--;
    }
    mantissa += mantissa & 1;
    mantissa >>>= 1;
    // log2(10) in 16 fractional bits.
    long exponent = ((217_706L * power) >> 16) + (Long.SIZE - 1) + first - zeros + BIAS;
    if (mantissa == 1L << (MANTISSA_BITS + 1)) {
      mantissa >>>= 1;
      exponent++;
    }
    return Double.longBitsToDouble(
        exponent << MANTISSA_BITS | mantissa & ((1L << MANTISSA_BITS) - 1));
  }

  /** The upper half of the product of two unsigned numbers. */
  private static long multiplyHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
  }
}
