package dev.samgs.surgery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.surgery.SamGs.Scale;
import dev.samgs.surgery.SamGs.Trigger;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Keeps the surgery near the speed of memory. The benchmarks show between 1.5 and 2.5 times the
 * floor; a loop that the compiler no longer turns into vector instructions costs three times that.
 */
class SurgerySpeedTest {
  private static final int TASKS = 3;
  private static final int PARAMETERS = 1_000_000;

  /** Gradients and moments read, moments and direction written, in copies of one float each. */
  private static final int MOVED = (3 * TASKS + 1) * PARAMETERS / 2;

  private static final double SLOWEST = 4;

  /** Where other work takes the machine away, a quiet moment may take a while to come. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void equalisationIsNearTheSpeedOfMemory() {
    assertNearCopying(SamGs.Settings.published(Trigger.ANY_PAIR, Scale.TASKS, 1, 0.9, 0.99, 1));
  }

  @Test
  void modulationIsNearTheSpeedOfMemory() {
    assertNearCopying(SamGs.Settings.published(Trigger.MEAN, Scale.TASKS, 0, 0.9, 0.99, 1));
  }

  /**
   * The fastest of the steps so far against the fastest of as many copies, step and copy in turn:
   * what disturbs them makes both slower, so that neither minimum can come out too small.
   */
  private static void assertNearCopying(SamGs.Settings settings) {
    SamGs samGs = new SamGs(settings, TASKS, PARAMETERS);
    TaskGradients gradients = new TaskGradients(TASKS, PARAMETERS);
    Random random = new Random(1);
    for (int task = 0; task < TASKS; task++) {
      for (int j = 0; j < PARAMETERS; j++) {
        gradients.row(task)[j] = (float) random.nextGaussian();
      }
      gradients.setPresent(task, 1);
    }
    float[] direction = new float[PARAMETERS];
    float[] from = new float[MOVED];
    float[] to = new float[MOVED];
    long fastestStep = Long.MAX_VALUE;
    long fastestCopy = Long.MAX_VALUE;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (int round = 0;
        round < 30 || (fastestStep >= SLOWEST * fastestCopy && System.nanoTime() < deadline);
        round++) {
      long start = System.nanoTime();
      samGs.aggregate(gradients, direction);
      long between = System.nanoTime();
      System.arraycopy(from, 0, to, 0, MOVED);
      fastestStep = Math.min(fastestStep, between - start);
      fastestCopy = Math.min(fastestCopy, System.nanoTime() - between);
    }
    assertThat((double) fastestStep / fastestCopy)
        .as("%d µs for a step, %d µs for its floor", fastestStep / 1000, fastestCopy / 1000)
        .isLessThan(SLOWEST);
  }
}
