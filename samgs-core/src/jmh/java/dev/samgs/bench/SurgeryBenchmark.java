package dev.samgs.bench;

import dev.samgs.spec.SurgerySpec;
import dev.samgs.surgery.GradientAggregator;
import dev.samgs.surgery.SamGs;
import dev.samgs.surgery.SamGs.Scale;
import dev.samgs.surgery.SamGs.Trigger;
import dev.samgs.surgery.SurgeryMethod;
import dev.samgs.surgery.SurgeryStep;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One step of SAM-GS, where the norms have to be taken, and where they were while the rows were
 * made.
 */
@State(Scope.Thread)
public class SurgeryBenchmark {
  @Param({"3x10000", "3x1000000", "10x1000000", "40x100000"})
  public String shape;

  /** The published rule's two branches, and the default settings, which keep no moments. */
  @Param({"equalise", "modulate", "default"})
  public String branch;

  private RandomGradients gradients;
  private RandomGradients measured;
  private GradientAggregator samGs;
  private float[] direction;
  private float[] from;
  private float[] to;

  @Setup(Level.Trial)
  public void setUp() {
    int tasks = Integer.parseInt(shape.substring(0, shape.indexOf('x')));
    int parameters = Integer.parseInt(shape.substring(shape.indexOf('x') + 1));
    gradients = new RandomGradients(tasks, parameters);
    measured = new RandomGradients(tasks, parameters);
    for (int task = 0; task < tasks; task++) {
      measured.values().measure(task, 0, parameters);
    }
    samGs = SurgeryMethod.create(settings(), tasks, parameters, 1);
    direction = new float[parameters];
    long read = (long) tasks * parameters;
    long moments = branch.equals("default") ? 0 : 2 * read;
    int copied = (int) ((read + moments + parameters) / 2);
    from = new float[copied];
    to = new float[copied];
  }

  private SurgerySpec settings() {
    return switch (branch) {
      case "equalise" -> SamGs.Settings.published(Trigger.ANY_PAIR, Scale.TASKS, 1, 0.9, 0.99, 1);
      case "modulate" -> SamGs.Settings.published(Trigger.MEAN, Scale.TASKS, 0, 0.9, 0.99, 1);
      default -> SamGs.Settings.defaults();
    };
  }

  @Benchmark
  public SurgeryStep step() {
    return samGs.aggregate(gradients.values(), direction);
  }

  @Benchmark
  public SurgeryStep stepNormsGiven() {
    return samGs.aggregate(measured.values(), direction);
  }

  /** Moves as many bytes: gradients read, moments read and written, direction written. */
  @Benchmark
  public float[] floor() {
    System.arraycopy(from, 0, to, 0, from.length);
    return to;
  }
}
