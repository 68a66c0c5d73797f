package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;
import java.util.function.IntToDoubleFunction;

/**
 * GradDrop, gradient sign dropout: for every parameter one sign is drawn, positive with probability
 * P = ½(1 + Σ_i g_i / Σ_i |g_i|), and only the gradients of that sign are summed. Z. Chen et al.,
 * <em>Just Pick a Sign</em>, arXiv:2010.06808. State: its place in the random sequence.
 */
public final class GradDrop implements GradientAggregator {
  /** Settings of GradDrop. */
  public record Settings(
      @Setting(value = "share of the dropped gradients that passes all the same", min = 0, max = 1)
          double leak,
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements SurgerySpec {
    /** No leak, no clipping. */
    public static Settings defaults() {
      return new Settings(0, 0);
    }
  }

  private final Settings settings;
  private final int tasks;
  private final int parameters;
  private final SurgeryStep step;
  private final Vectors vectors = new Vectors();
  private final GradientSum sum;
  private final TaskGradients kept;
  private final RandomSequence random;
  private final IntToDoubleFunction draw;

  GradDrop(Settings settings, int tasks, int parameters, long seed) {
    this.settings = settings;
    this.tasks = tasks;
    this.parameters = parameters;
    this.step = new SurgeryStep(tasks);
    this.sum = new GradientSum(tasks, parameters, settings.maxNorm());
    this.kept = new TaskGradients(tasks, parameters);
    this.random = new RandomSequence(seed);
    this.draw = j -> random.nextDouble();
  }

  @Override
  public SurgeryStep aggregate(TaskGradients gradients, float[] direction) {
    return aggregate(gradients, direction, draw);
  }

  /** With the uniform number of each parameter given. */
  SurgeryStep aggregate(TaskGradients gradients, float[] direction, IntToDoubleFunction uniforms) {
    step.begin(gradients, 0);
    for (int j = 0; j < parameters; j++) {
      drop(gradients, j, uniforms.applyAsDouble(j));
    }
    sum.begin();
    for (int task = 0; task < tasks; task++) {
      if (gradients.present(task)) {
        sum.add(task, 1);
      }
    }
    sum.write(kept, null, step, direction);
    for (int task = 0; task < tasks; task++) {
      if (step.norm(task) > 0) {
        double norm = vectors.norm(kept.row(task), 0, parameters);
        step.setFactor(task, norm / step.norm(task));
      }
    }
    return step;
  }

  /** Keeps the gradients of one parameter whose sign a uniform number picks. */
  private void drop(TaskGradients gradients, int j, double uniform) {
    double total = 0;
    double size = 0;
    for (int task = 0; task < tasks; task++) {
      if (gradients.present(task)) {
        double element = gradients.row(task)[j];
        total += element;
        size += Math.abs(element);
      }
    }
    double positive = size > 0 ? 0.5 * (1 + total / size) : 0;
    for (int task = 0; task < tasks; task++) {
      if (gradients.present(task)) {
        float element = gradients.row(task)[j];
        boolean keep = element > 0 ? positive > uniform : positive < uniform;
        kept.row(task)[j] = keep ? element : (float) (settings.leak() * element);
      }
    }
  }

  @Override
  public void write(StateWriter out) throws IOException {
    random.write(out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    random.read(in);
  }
}
