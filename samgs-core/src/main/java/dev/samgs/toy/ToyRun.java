package dev.samgs.toy;

import dev.samgs.optim.Optimizer;
import dev.samgs.reference.ReferenceOptimizer;
import dev.samgs.reference.ReferenceSamGs;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.SurgerySpec;
import dev.samgs.surgery.GradientAggregator;
import dev.samgs.surgery.SamGs;
import dev.samgs.surgery.SurgeryMethod;
import dev.samgs.surgery.SurgeryStep;
import dev.samgs.surgery.SurgeryStep.Branch;
import dev.samgs.surgery.TaskGradients;
import dev.samgs.toy.ToyProblem.Evaluation;
import dev.samgs.toy.ToyProblem.Point;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One descent from one start, as the authors make it: a surgery method, then Adam with step size
 * 0.001.
 *
 * @param problem what is descended
 * @param start where from
 * @param states the state before every {@code stride}-th step
 * @param end where the last step led
 */
public record ToyRun(ToyProblem problem, Point start, List<State> states, Point end) {
  /** Closer to the drawn front than this counts as having reached it. */
  public static final double REACHED = 0.5;

  private static final double RATE = 1e-3;

  /**
   * A descent before one of its steps.
   *
   * @param similarity mean gradient magnitude similarity; NaN if a gradient is zero
   * @param direction what the optimiser was given
   */
  public record State(
      int step, Point x, Evaluation at, double similarity, Branch branch, double[] direction) {}

  /** Whether the end is at the drawn Pareto front. */
  public boolean reachedFront() {
    return problem.distanceToFront(end) <= REACHED;
  }

  /** Whether the end is at a drawn optimum of the summed losses. */
  public boolean reachedOptimum() {
    return problem.optima().stream().anyMatch(optimum -> optimum.distance(end) <= REACHED);
  }

  /** SAM-GS with the settings that the authors use on the problem. */
  public static SamGs.Settings publishedSamGs(ToyProblem problem) {
    return SamGs.Settings.published(
        SamGs.Trigger.MEAN, SamGs.Scale.TASKS, 0.1, 0.9, problem.beta2(), 1);
  }

  /**
   * Descends with any surgery method, in float as the learner does.
   *
   * @param seed of methods that draw random numbers
   * @param stride how many steps lie between two recorded states
   */
  public static ToyRun descend(
      ToyProblem problem, Point start, SurgerySpec surgery, long seed, int steps, int stride) {
    GradientAggregator aggregator = SurgeryMethod.create(surgery, 2, 2, seed);
    TaskGradients gradients = new TaskGradients(2, 2);
    Optimizer adam = new Optimizer(adam(), 2, 1);
    float[] x = {(float) start.x1(), (float) start.x2()};
    float[] direction = new float[2];
    List<State> states = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      Point here = new Point(x[0], x[1]);
      Evaluation at = problem.evaluate(here);
      for (int task = 0; task < 2; task++) {
        gradients.row(task)[0] = (float) at.gradients()[task][0];
        gradients.row(task)[1] = (float) at.gradients()[task][1];
        gradients.setPresent(task, at.losses()[task]);
      }
      SurgeryStep done = aggregator.aggregate(gradients, direction);
      if (step % stride == 0) {
        double[] applied = {direction[0], direction[1]};
        states.add(new State(step, here, at, done.meanSimilarity(), done.branch(), applied));
      }
      adam.step(0, x, 0, 2, direction, RATE);
    }
    return new ToyRun(problem, start, states, new Point(x[0], x[1]));
  }

  /** Descends with the double-precision reference of SAM-GS; some hundred times slower. */
  public static ToyRun descendInDouble(
      ToyProblem problem, Point start, SamGs.Settings settings, int steps, int stride) {
    ReferenceSamGs samGs = new ReferenceSamGs(settings, 2, 2);
    ReferenceOptimizer adam = new ReferenceOptimizer(adam(), 2, 1);
    INDArray x = Nd4j.createFromArray(start.x1(), start.x2());
    List<State> states = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      Point here = new Point(x.getDouble(0), x.getDouble(1));
      Evaluation at = problem.evaluate(here);
      ReferenceSamGs.Step done = samGs.step(Nd4j.createFromArray(at.gradients()));
      if (step % stride == 0) {
        double[] applied = done.direction().toDoubleVector();
        states.add(new State(step, here, at, done.meanSimilarity(), done.branch(), applied));
      }
      adam.step(0, x, 0, done.direction(), RATE);
    }
    return new ToyRun(problem, start, states, new Point(x.getDouble(0), x.getDouble(1)));
  }

  private static LearningSpec adam() {
    LearningSpec usual = LearningSpec.defaults();
    return new LearningSpec(
        1,
        1,
        0,
        0,
        OptimizerKind.ADAM,
        RATE,
        0.9,
        0.999,
        1e-8,
        usual.scaleWindow(),
        0,
        usual.guardPatience(),
        false,
        0);
  }
}
