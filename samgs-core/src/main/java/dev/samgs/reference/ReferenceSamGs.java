package dev.samgs.reference;

import dev.samgs.surgery.SamGs;
import dev.samgs.surgery.SurgeryStep.Branch;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * SAM-GS (arXiv:2506.06130) operation by operation in double precision, with every intermediate.
 * Meant for gradients whose products stay inside the range of double; norms and similarities are
 * right over the whole of it.
 */
public final class ReferenceSamGs {
  /** Which step count corrects the bias of a task's first moment. */
  public enum StepCount {
    /** The number of updates that this task's moment has had. */
    PER_TASK,
    /** The number of all steps, as in the published code, which knows no absent tasks. */
    GLOBAL
  }

  /**
   * One step with its intermediates.
   *
   * @param similarities gradient magnitude similarity of each pair of the tasks that took part,
   *     {@code K × K}; null in a plain step
   * @param meanSimilarity mean over the pairs; NaN in a plain step
   * @param momentum m after the step, {@code tasks × parameters}
   * @param v the scalar second moment after the step
   * @param correctedMomentum m̂, {@code tasks × parameters}; null in a plain step
   * @param correctedV v̂; NaN in a plain step
   * @param adjusted the gradients g_i', {@code tasks × parameters}; zero where the task took no
   *     part
   * @param sum Σ g_i'
   * @param direction the sum, times the number of tasks where so set, clipped
   */
  public record Step(
      Branch branch,
      INDArray similarities,
      double meanSimilarity,
      INDArray momentum,
      double v,
      INDArray correctedMomentum,
      double correctedV,
      INDArray adjusted,
      INDArray sum,
      INDArray direction) {}

  private final SamGs.Settings settings;
  private final StepCount stepCount;
  private final int tasks;
  private final INDArray momentum;
  private final long[] momentumSteps;
  private double v;
  private long steps;

  /** Moments start at zero and are corrected by each task's own step count. */
  public ReferenceSamGs(SamGs.Settings settings, int tasks, int parameters) {
    this(settings, Nd4j.zeros(DataType.DOUBLE, tasks, parameters), StepCount.PER_TASK);
  }

  /**
   * @param initialMomentum m before the first step, {@code tasks × parameters}; copied. The
   *     authors' reinforcement-learning code starts at [0, 1, 1, …] for every task.
   */
  public ReferenceSamGs(SamGs.Settings settings, INDArray initialMomentum, StepCount stepCount) {
    this.settings = settings;
    this.stepCount = stepCount;
    this.tasks = initialMomentum.rows();
    this.momentum = initialMomentum.castTo(DataType.DOUBLE).dup();
    this.momentumSteps = new long[tasks];
  }

  /** A step in which every task is present. */
  public Step step(INDArray gradients) {
    boolean[] all = new boolean[tasks];
    Arrays.fill(all, true);
    return step(gradients, all);
  }

  /**
   * Takes one step.
   *
   * @param gradients {@code tasks × parameters}, double; rows of absent tasks are not read
   * @param present which tasks had a label
   */
  public Step step(INDArray gradients, boolean[] present) {
    double[] norms = new double[tasks];
    for (int task = 0; task < tasks; task++) {
      norms[task] = present[task] ? norm(gradients.getRow(task)) : 0;
    }
    int[] active = IntStream.range(0, tasks).filter(task -> norms[task] > 0).toArray();
    INDArray adjusted = Nd4j.zeros(DataType.DOUBLE, tasks, gradients.columns());
    if (active.length < 2) {
      for (int task : active) {
        adjusted.putRow(task, gradients.getRow(task));
      }
      INDArray sum = adjusted.sum(0);
      return new Step(
          Branch.PLAIN,
          null,
          Double.NaN,
          momentum.dup(),
          v,
          null,
          Double.NaN,
          adjusted,
          sum,
          clipped(sum));
    }

    INDArray activeNorms =
        Nd4j.createFromArray(Arrays.stream(active).mapToDouble(task -> norms[task]).toArray());
    INDArray similarities = similarities(activeNorms);
    double meanSimilarity = meanOfPairs(similarities);
    updateMoments(gradients, present, meanSimilarity);
    INDArray correctedMomentum = correctedMomentum();
    double correctedV = v / (1 - Math.pow(settings.beta2(), steps));

    boolean equalise =
        settings.trigger() == SamGs.Trigger.MEAN
            ? meanSimilarity < settings.gamma()
            : similarities.minNumber().doubleValue() < settings.gamma();
    double meanNorm = activeNorms.meanNumber().doubleValue();
    for (int task : active) {
      INDArray gradient = gradients.getRow(task);
      adjusted.putRow(
          task,
          equalise
              ? gradient.div(norms[task]).muli(meanNorm)
              : gradient
                  .mul(Transforms.abs(correctedMomentum.getRow(task)))
                  .divi(Math.sqrt(correctedV)));
    }
    INDArray sum = adjusted.sum(0);
    double scale = settings.scale() == SamGs.Scale.TASKS ? active.length : 1;
    return new Step(
        equalise ? Branch.EQUALISED : Branch.MODULATED,
        similarities,
        meanSimilarity,
        momentum.dup(),
        v,
        correctedMomentum,
        correctedV,
        adjusted,
        sum,
        clipped(sum.mul(scale)));
  }

  /** s_ij = 2‖g_i‖‖g_j‖ / (‖g_i‖² + ‖g_j‖²). */
  private static INDArray similarities(INDArray norms) {
    double scale = powerOfTwo(norms.maxNumber().doubleValue());
    INDArray column = norms.div(scale).reshape(norms.length(), 1);
    INDArray squares = column.mul(column);
    return column.mmul(column.transpose()).muli(2).divi(squares.add(squares.transpose()));
  }

  private static double meanOfPairs(INDArray similarities) {
    int count = similarities.rows();
    double sum = 0;
    for (int i = 0; i < count; i++) {
      for (int j = i + 1; j < count; j++) {
        sum += similarities.getDouble(i, j);
      }
    }
    return sum / (count * (count - 1) / 2);
  }

  private void updateMoments(INDArray gradients, boolean[] present, double meanSimilarity) {
    double beta1 = settings.beta1();
    double beta2 = settings.beta2();
    steps++;
    v = beta2 * v + (1 - beta2) * Math.pow(1 - meanSimilarity, 2) + 1e-8;
    for (int task = 0; task < tasks; task++) {
      if (present[task]) {
        momentumSteps[task]++;
        momentum.getRow(task).muli(beta1).addi(gradients.getRow(task).mul(1 - beta1));
      }
    }
  }

  private INDArray correctedMomentum() {
    INDArray corrected = momentum.dup();
    for (int task = 0; task < tasks; task++) {
      long count = stepCount == StepCount.GLOBAL ? steps : momentumSteps[task];
      if (count > 0) {
        corrected.getRow(task).divi(1 - Math.pow(settings.beta1(), count));
      }
    }
    return corrected;
  }

  private INDArray clipped(INDArray sum) {
    return settings.maxNorm() > 0
        ? sum.mul(Math.min(1, settings.maxNorm() / (norm(sum) + 1e-6)))
        : sum;
  }

  /** Euclidean norm, computed at a scale where the squares neither overflow nor underflow. */
  private static double norm(INDArray vector) {
    double scale = powerOfTwo(Transforms.abs(vector).maxNumber().doubleValue());
    return scale * vector.div(scale).norm2Number().doubleValue();
  }

  /** The power of two next to a number; dividing by it costs no accuracy. */
  private static double powerOfTwo(double size) {
    return size == 0 ? 1 : Math.scalb(1.0, Math.getExponent(size));
  }
}
