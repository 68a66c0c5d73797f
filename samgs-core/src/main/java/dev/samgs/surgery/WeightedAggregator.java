package dev.samgs.surgery;

import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/** Aggregation by a {@link Weighting}: direction = Σ w_i g_i over the present tasks, clipped. */
final class WeightedAggregator implements GradientAggregator {
  private final Weighting weighting;
  private final SurgeryStep step;
  private final PresentTasks present;
  private final double[] weights;
  private final GradientSum sum;

  /**
   * @param maxNorm largest norm of the direction; 0 for no clipping
   */
  WeightedAggregator(Weighting weighting, int tasks, int parameters, double maxNorm) {
    this.weighting = weighting;
    this.step = new SurgeryStep(tasks);
    this.present = new PresentTasks(tasks);
    this.weights = new double[tasks];
    this.sum = new GradientSum(tasks, parameters, maxNorm);
  }

  @Override
  public SurgeryStep aggregate(TaskGradients gradients, float[] direction) {
    step.begin(gradients, 0);
    present.take(gradients, step, weighting.usesProducts());
    sum.begin();
    if (present.count() > 0) {
      weighting.weigh(present, weights);
      for (int i = 0; i < present.count(); i++) {
        sum.add(present.task(i), weights[i]);
      }
    }
    sum.write(gradients, null, step, direction);
    return step;
  }

  @Override
  public void write(StateWriter out) throws IOException {
    weighting.write(out);
  }

  @Override
  public void read(StateReader in) throws IOException {
    weighting.read(in);
  }
}
