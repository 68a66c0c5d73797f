package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;

/**
 * Linear scalarisation: the plain sum of the present tasks' gradients, the gradient of the summed
 * losses. The baseline that every surgery has to beat. Stateless.
 */
public final class LinearScalarisation implements GradientAggregator {
  /** Settings of linear scalarisation. */
  public record Settings(
      @Setting(value = "largest norm of the direction; 0 for no clipping", min = 0) double maxNorm)
      implements SurgerySpec {
    /** No clipping. */
    public static Settings defaults() {
      return new Settings(0);
    }
  }

  private final SurgeryStep step;
  private final GradientSum sum;

  public LinearScalarisation(Settings settings, int tasks, int parameters) {
    this.step = new SurgeryStep(tasks);
    this.sum = new GradientSum(tasks, parameters, settings.maxNorm());
  }

  @Override
  public SurgeryStep aggregate(TaskGradients gradients, float[] direction) {
    step.begin(gradients, 0);
    sum.begin();
    for (int task = 0; task < gradients.tasks(); task++) {
      if (gradients.present(task)) {
        sum.add(task, 1);
      }
    }
    sum.write(gradients, null, step, direction);
    return step;
  }

  @Override
  public void write(StateWriter out) {}

  @Override
  public void read(StateReader in) {}
}
