package dev.samgs.bench;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.drift.DriftDetector;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One error fed to a drift detector, without a drift. */
@State(Scope.Thread)
public class DetectorBenchmark {
  private static final int EVENTS = 4096;

  /** Filled with all names of the registry by {@link Benchmarks}. */
  @Param("adwin")
  public String detector;

  private DriftDetector detecting;
  private double[] errors;

  @Setup(Level.Trial)
  public void setUp() {
    detecting = DetectorMethod.create(DetectorMethod.named(detector).defaults());
    Random random = new Random(1);
    errors = random.doubles(EVENTS).map(u -> u < 0.1 ? 1 : 0).toArray();
  }

  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public int event() {
    int alarms = 0;
    for (double error : errors) {
      if (detecting.add(error)) {
        alarms++;
      }
    }
    return alarms;
  }
}
