package dev.samgs.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every drift detector promises, whatever its method. A detector's test inherits this and
 * states the figures that are its own. Streams are seeded, so that the figures are facts and not
 * chances: they move only when the detector does.
 */
abstract class DriftDetectorContract {
  private static final int STEPS = 100;

  /** Errors before a step; more than any detector's warm-up. */
  private static final int BEFORE = 1000;

  /** Name of the detector in configuration. */
  abstract String name();

  /**
   * Most false alarms in a million errors with a constant rate, over rates of 0.05, 0.2 and 0.5.
   */
  abstract double falseAlarmsPerMillion();

  /**
   * Errors within which a step of the error rate from 0.2 to 0.6 is seen in half of the streams.
   */
  abstract int usualDelay();

  /** Errors within which it is seen in 95 of 100 streams. */
  abstract int longestDelay();

  /** Alarms for one such step, on average, within 5000 errors. */
  abstract double alarmsPerStep();

  /** Errors within which a rise of real-valued errors from a mean of 0.08 to 0.5 is seen. */
  int realValuedDelay() {
    return 3 * longestDelay();
  }

  /**
   * How far the estimated beginning of the change may lie from the true one in half of the streams.
   */
  abstract int changePointError();

  final DriftDetector detector() {
    return DetectorMethod.create(DetectorMethod.named(name()).defaults());
  }

  @Test
  final void alarmsOnAStationaryStreamAreNoMoreThanStated() {
    long alarms = 0;
    long errors = 0;
    for (double rate : new double[] {0.05, 0.2, 0.5}) {
      for (int seed = 0; seed < 7; seed++) {
        DriftDetector detector = detector();
        DoubleSupplier stream = bernoulli(rate, 1000 + seed);
        for (int i = 0; i < 100_000; i++) {
          alarms += detector.add(stream.getAsDouble()) ? 1 : 0;
          errors++;
        }
      }
    }
    assertThat(alarms * 1e6 / errors)
        .as("%d alarms in %d errors, per million", alarms, errors)
        .isLessThanOrEqualTo(falseAlarmsPerMillion());
  }

  @Test
  final void aStepIsSeenWithinTheStatedDelayAndItsBeginningIsEstimated() {
    int[] delays = new int[STEPS];
    int[] offBy = new int[STEPS];
    for (int seed = 0; seed < STEPS; seed++) {
      DriftDetector detector = detector();
      feed(detector, bernoulli(0.2, seed), BEFORE);
      delays[seed] = untilAlarm(detector, bernoulli(0.6, 5000 + seed), 10_000);
      assertThat(delays[seed]).as("stream %d: the step is not missed", seed).isPositive();
      DriftDetector.Change change = detector.change();
      assertThat(change.meanAfter()).isGreaterThan(change.meanBefore());
      assertThat(change.valuesSince()).isPositive();
      offBy[seed] = (int) Math.abs(change.valuesSince() - delays[seed]);
    }
    Arrays.sort(delays);
    Arrays.sort(offBy);
    assertThat(delays[STEPS / 2]).as("usual delay").isLessThanOrEqualTo(usualDelay());
    assertThat(delays[95 * STEPS / 100]).as("longest delay").isLessThanOrEqualTo(longestDelay());
    assertThat(offBy[STEPS / 2])
        .as("usual error of the estimated beginning")
        .isLessThanOrEqualTo(changePointError());
  }

  @Test
  final void aStepIsReportedOnceAndNotAgainAndAgain() {
    long alarms = 0;
    for (int seed = 0; seed < STEPS; seed++) {
      DriftDetector detector = detector();
      feed(detector, bernoulli(0.2, seed), BEFORE);
      alarms += feed(detector, bernoulli(0.6, 5000 + seed), 5000);
    }
    assertThat((double) alarms / STEPS).isBetween(1.0, alarmsPerStep());
  }

  @Test
  final void errorsThatFallAreNoDrift() {
    long alarms = 0;
    for (int seed = 0; seed < 40; seed++) {
      DriftDetector detector = detector();
      feed(detector, bernoulli(0.6, seed), BEFORE);
      alarms += feed(detector, bernoulli(0.1, 100 + seed), 5000);
    }
    assertThat(alarms)
        .as("alarms in 200,000 errors")
        .isLessThanOrEqualTo((long) Math.ceil(falseAlarmsPerMillion() / 5));
  }

  @Test
  final void errorsThatFallSlowlyAsALearnersDoAreNoDrift() {
    long alarms = 0;
    for (int seed = 0; seed < 40; seed++) {
      DriftDetector detector = detector();
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < 5000; i++) {
        double rate = 0.05 + 0.6 * Math.exp(-i / 1000.0);
        alarms += detector.add(random.nextDouble() < rate ? 1 : 0) ? 1 : 0;
      }
    }
    assertThat(alarms)
        .as("alarms in 200,000 errors")
        .isLessThanOrEqualTo((long) Math.ceil(falseAlarmsPerMillion() / 5));
  }

  @Test
  final void afterAnAlarmALaterStepIsSeenToo() {
    int seen = 0;
    for (int seed = 0; seed < 20; seed++) {
      DriftDetector detector = detector();
      feed(detector, bernoulli(0.05, seed), BEFORE);
      assertThat(untilAlarm(detector, bernoulli(0.4, 200 + seed), 2000)).isPositive();
      feed(detector, bernoulli(0.4, 300 + seed), BEFORE);
      seen += untilAlarm(detector, bernoulli(0.9, 400 + seed), 2000) > 0 ? 1 : 0;
    }
    assertThat(seen).isEqualTo(20);
  }

  /** Errors of a regression task: absolute, against three of the label's standard deviations. */
  @Test
  final void aRiseOfRealValuedErrorsIsSeenToo() {
    for (int seed = 0; seed < 20; seed++) {
      DriftDetector detector = detector();
      feed(detector, absoluteErrors(0.3, seed), BEFORE);
      assertThat(untilAlarm(detector, absoluteErrors(2, 600 + seed), 2000))
          .as("stream %d", seed)
          .isBetween(1, realValuedDelay());
    }
  }

  @Test
  final void stationaryRealValuedErrorsGiveNoMoreAlarmsThanStated() {
    long alarms = 0;
    for (int seed = 0; seed < 10; seed++) {
      alarms += feed(detector(), absoluteErrors(0.7, seed), 100_000);
    }
    assertThat((double) alarms).isLessThanOrEqualTo(Math.ceil(falseAlarmsPerMillion()));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.25, 1})
  final void aConstantErrorIsNoDriftAndIsItsMean(double error) {
    DriftDetector detector = detector();
    assertThat(feed(detector, () -> error, 20_000)).isZero();
    assertThat(detector.mean()).isCloseTo(error, within(1e-9));
    assertThat(detector.change()).isNull();
  }

  @Test
  final void theMeanIsUnknownAtFirstAndThenFollowsTheStream() {
    DriftDetector detector = detector();
    assertThat(detector.mean()).isNaN();
    feed(detector, bernoulli(0.1, 3), 5000);
    assertThat(detector.mean()).isCloseTo(0.1, within(0.1));
    feed(detector, bernoulli(0.8, 4), 5000);
    assertThat(detector.mean()).isCloseTo(0.8, within(0.15));
  }

  @Test
  final void theStatisticRisesTowardsAnAlarmAndIsNeverNegativeOrUnknown() {
    DriftDetector detector = detector();
    assertThat(detector.statistic()).isZero();
    DoubleSupplier calm = bernoulli(0.2, 1);
    for (int i = 0; i < BEFORE; i++) {
      detector.add(calm.getAsDouble());
      assertThat(detector.statistic()).isFinite().isNotNegative();
    }
    DoubleSupplier step = bernoulli(0.6, 2);
    double highest = 0;
    while (!detector.add(step.getAsDouble())) {
      highest = Math.max(highest, detector.statistic());
    }
    assertThat(highest).as("just before the alarm").isGreaterThan(0.5);
    assertThat(detector.statistic()).isFinite().isNotNegative();
  }

  @Test
  final void aRestoredDetectorGoesOnBitForBit() throws IOException {
    SplittableRandom random = new SplittableRandom(11);
    DriftDetector undisturbed = detector();
    DriftDetector restored = detector();
    int alarms = 0;
    for (int i = 0; i < 12_000; i++) {
      double rate = i / 2000 % 2 == 0 ? 0.1 : 0.5;
      double error =
          random.nextInt(3) == 0 ? random.nextDouble() * rate : random.nextDouble() < rate ? 1 : 0;
      if (random.nextInt(40) == 0) {
        byte[] saved = bytes(restored);
        restored = detector();
        restored.read(reader(saved));
        assertThat(bytes(restored)).isEqualTo(saved);
      }
      boolean alarm = undisturbed.add(error);
      assertThat(restored.add(error)).as("error %d", i).isEqualTo(alarm);
      alarms += alarm ? 1 : 0;
    }
    assertThat(alarms).as("the stream has alarms to agree on").isPositive();
    assertThat(bytes(restored)).isEqualTo(bytes(undisturbed));
    assertThat(restored.change()).isEqualTo(undisturbed.change());
    assertThat(restored.mean()).isEqualTo(undisturbed.mean());
  }

  @Test
  final void stateThatEndsTooEarlyIsRefused() throws IOException {
    DriftDetector detector = detector();
    feed(detector, bernoulli(0.2, 1), 500);
    byte[] saved = bytes(detector);
    for (int length = 0; length < saved.length; length++) {
      byte[] cut = Arrays.copyOf(saved, length);
      assertThatThrownBy(() -> detector().read(reader(cut)))
          .as("the first %d of %d bytes", length, saved.length)
          .isInstanceOf(StateFormatException.class);
    }
  }

  @Test
  final void itsStateStaysSmall() throws IOException {
    DriftDetector detector = detector();
    feed(detector, bernoulli(0.2, 1), 100_000);
    assertThat(bytes(detector)).hasSizeLessThan(8192);
  }

  static DoubleSupplier bernoulli(double rate, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return () -> random.nextDouble() < rate ? 1 : 0;
  }

  static DoubleSupplier absoluteErrors(double deviation, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return () -> Math.min(1, Math.abs(deviation * random.nextGaussian()) / 3);
  }

  /** Feeds so many errors and returns the number of alarms. */
  static long feed(DriftDetector detector, DoubleSupplier stream, int errors) {
    long alarms = 0;
    for (int i = 0; i < errors; i++) {
      alarms += detector.add(stream.getAsDouble()) ? 1 : 0;
    }
    return alarms;
  }

  /** How many errors it took until an alarm; 0 if there was none. */
  static int untilAlarm(DriftDetector detector, DoubleSupplier stream, int errors) {
    for (int i = 1; i <= errors; i++) {
      if (detector.add(stream.getAsDouble())) {
        return i;
      }
    }
    return 0;
  }

  static byte[] bytes(DriftDetector detector) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    detector.write(new StateWriter(new DataOutputStream(bytes)));
    return bytes.toByteArray();
  }

  static StateReader reader(byte[] bytes) {
    return new StateReader(new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
