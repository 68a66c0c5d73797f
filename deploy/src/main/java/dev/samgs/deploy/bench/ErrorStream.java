package dev.samgs.deploy.bench;

import java.util.SplittableRandom;

/**
 * Errors in [0, 1] with the places where they begin to rise.
 *
 * @param errors in order
 * @param changes indices of the first errors after a change, ascending; none for a stationary
 *     stream
 * @param horizon errors after a change within which an alarm counts as its detection
 */
record ErrorStream(double[] errors, int[] changes, int horizon) {
  private static final int BEFORE = 10_000;
  private static final int TRANSITION = 2_000;
  private static final int AFTER = 4_000;
  private static final double LOW = 0.2;
  private static final double HIGH = 0.5;

  /** Where a stream's errors come from, and how they change. */
  enum Kind {
    /** Wrong classes; the rate steps from 0.2 to 0.5. */
    ABRUPT,
    /** The rate steps from 0.1 to 0.2. */
    SMALL,
    /** Over 2,000 errors ever more of them are of the new rate. */
    GRADUAL,
    /** The rate itself rises over 4,000 errors. */
    INCREMENTAL,
    /** 0.2 and 0.5 by turns, 4,000 errors each. */
    RECURRING,
    /** Absolute errors of a normal variable, against three deviations; they grow by half. */
    NUMBERS;

    String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** A stream of that kind. */
  static ErrorStream of(Kind kind, long seed) {
    SplittableRandom random = new SplittableRandom(seed * 31 + kind.ordinal());
    return switch (kind) {
      case ABRUPT -> step(random, LOW, HIGH);
      case SMALL -> step(random, 0.1, 0.2);
      case GRADUAL -> gradual(random);
      case INCREMENTAL -> incremental(random);
      case RECURRING -> recurring(random);
      case NUMBERS -> numbers(random);
    };
  }

  private static ErrorStream step(SplittableRandom random, double low, double high) {
    double[] errors = new double[BEFORE + AFTER];
    for (int i = 0; i < errors.length; i++) {
      errors[i] = wrong(random, i < BEFORE ? low : high);
    }
    return new ErrorStream(errors, new int[] {BEFORE}, AFTER);
  }

  private static ErrorStream gradual(SplittableRandom random) {
    double[] errors = new double[BEFORE + TRANSITION + AFTER];
    for (int i = 0; i < errors.length; i++) {
      double share = Math.max(0, Math.min(1, (double) (i - BEFORE) / TRANSITION));
      errors[i] = wrong(random, random.nextDouble() < share ? HIGH : LOW);
    }
    return new ErrorStream(errors, new int[] {BEFORE}, TRANSITION + AFTER);
  }

  private static ErrorStream incremental(SplittableRandom random) {
    double[] errors = new double[BEFORE + 2 * TRANSITION + AFTER];
    for (int i = 0; i < errors.length; i++) {
      double share = Math.max(0, Math.min(1, (double) (i - BEFORE) / (2 * TRANSITION)));
      errors[i] = wrong(random, LOW + share * (HIGH - LOW));
    }
    return new ErrorStream(errors, new int[] {BEFORE}, 2 * TRANSITION + AFTER);
  }

  private static ErrorStream recurring(SplittableRandom random) {
    int turns = 6;
    double[] errors = new double[turns * AFTER];
    int[] changes = new int[turns / 2];
    for (int i = 0; i < errors.length; i++) {
      errors[i] = wrong(random, i / AFTER % 2 == 0 ? LOW : HIGH);
    }
    for (int c = 0; c < changes.length; c++) {
      changes[c] = (2 * c + 1) * AFTER;
    }
    return new ErrorStream(errors, changes, AFTER);
  }

  private static ErrorStream numbers(SplittableRandom random) {
    double[] errors = new double[BEFORE + AFTER];
    for (int i = 0; i < errors.length; i++) {
      errors[i] = distance(random, i < BEFORE ? 0.5 : 0.75);
    }
    return new ErrorStream(errors, new int[] {BEFORE}, AFTER);
  }

  /** Errors without a change, independent of each other: three rates, then numbers. */
  static ErrorStream stationary(int quarter, int length) {
    SplittableRandom random = new SplittableRandom(1000 + quarter);
    double[] errors = new double[length];
    for (int i = 0; i < length; i++) {
      errors[i] =
          switch (quarter) {
            case 0 -> wrong(random, 0.05);
            case 1 -> wrong(random, 0.2);
            case 2 -> wrong(random, 0.5);
            default -> distance(random, 0.5);
          };
    }
    return new ErrorStream(errors, new int[0], 0);
  }

  /**
   * Errors without a lasting change that depend on each other: rates of 0.1 and 0.3 take turns, 50
   * errors each on average.
   */
  static ErrorStream dependent(int length) {
    SplittableRandom random = new SplittableRandom(2000);
    double[] errors = new double[length];
    double rate = 0.1;
    for (int i = 0; i < length; i++) {
      if (random.nextInt(50) == 0) {
        rate = 0.4 - rate;
      }
      errors[i] = wrong(random, rate);
    }
    return new ErrorStream(errors, new int[0], 0);
  }

  private static double wrong(SplittableRandom random, double rate) {
    return random.nextDouble() < rate ? 1 : 0;
  }

  private static double distance(SplittableRandom random, double deviation) {
    return Math.min(1, Math.abs(deviation * random.nextGaussian()) / 3);
  }
}
