package dev.samgs.bench;

import dev.samgs.surgery.GradientAggregator;
import dev.samgs.surgery.SurgeryMethod;
import dev.samgs.surgery.SurgeryStep;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One step of every method with its default settings, 5 tasks, 10,000 parameters. */
@State(Scope.Thread)
public class AggregatorBenchmark {
  private static final int TASKS = 5;
  private static final int PARAMETERS = 10_000;

  /** Filled with all names of the registry by {@link Benchmarks}. */
  @Param("sam-gs")
  public String method;

  private RandomGradients gradients;
  private GradientAggregator aggregator;
  private float[] direction;
  private float[] from;
  private float[] to;

  @Setup(Level.Trial)
  public void setUp() {
    gradients = new RandomGradients(TASKS, PARAMETERS);
    aggregator =
        SurgeryMethod.create(SurgeryMethod.named(method).defaults(), TASKS, PARAMETERS, 1);
    direction = new float[PARAMETERS];
    from = new float[(TASKS + 1) * PARAMETERS / 2];
    to = new float[from.length];
  }

  @Benchmark
  public SurgeryStep step() {
    return aggregator.aggregate(gradients.values(), direction);
  }

  /** Moves as many bytes: gradients read, direction written. */
  @Benchmark
  public float[] floor() {
    System.arraycopy(from, 0, to, 0, from.length);
    return to;
  }
}
