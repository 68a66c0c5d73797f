package dev.samgs.surgery;

import dev.samgs.spec.Setting;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.util.Arrays;

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

  private final Settings settings;
  private final int parameters;
  private final SurgeryStep step;

  public LinearScalarisation(Settings settings, int tasks, int parameters) {
    this.settings = settings;
    this.parameters = parameters;
    this.step = new SurgeryStep(tasks);
  }

  @Override
  public SurgeryStep aggregate(TaskGradients gradients, float[] direction) {
    step.begin();
    Arrays.fill(direction, 0f);
    float[] g = gradients.values();
    for (int task = 0; task < gradients.tasks(); task++) {
      if (gradients.present(task)) {
        int row = gradients.row(task);
        double taskNorm = Vectors.norm(g, row, parameters);
        if (!(taskNorm <= Double.MAX_VALUE)) {
          throw TaskGradients.notFinite(task);
        }
        step.setNorm(task, taskNorm);
        for (int j = 0; j < parameters; j++) {
          direction[j] += g[row + j];
        }
      }
    }
    double norm = Vectors.norm(direction, 0, parameters);
    double clip = settings.maxNorm() > 0 ? Math.min(1, settings.maxNorm() / (norm + 1e-6)) : 1;
    step.setDirection(norm, clip);
    if (clip < 1) {
      for (int j = 0; j < parameters; j++) {
        direction[j] *= (float) clip;
      }
    }
    return step;
  }

  @Override
  public void write(StateWriter out) {}

  @Override
  public void read(StateReader in) {}
}
