package dev.samgs.network;

import dev.samgs.spec.LossKind;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import java.util.Arrays;

/** Training loss of one task over a batch with missing labels. */
abstract class TaskLoss {
  private final float weight;
  private final int width;

  private TaskLoss(TaskSpec task) {
    this.weight = (float) task.weight();
    this.width = task.outputs();
  }

  static TaskLoss of(TaskSpec task) {
    if (task.kind() == TaskKind.REGRESSION) {
      return task.loss() == LossKind.HUBER ? new Huber(task) : new Squared(task);
    }
    return task.kind() == TaskKind.BINARY
        ? new BinaryCrossEntropy(task)
        : new SoftmaxCrossEntropy(task);
  }

  /**
   * Mean loss over the labelled rows, times the task's weight, and its gradient.
   *
   * @param outputs raw outputs, {@code rows × width}
   * @param targets {@code rows × tasks}; column {@code task} is read; NaN where unknown
   * @param gradient receives {@code rows × width}; zero in unlabelled rows
   * @return the loss, infinite where outputs are not finite; NaN if no row is labelled (the
   *     gradient is then undefined)
   */
  final double backward(
      float[] outputs, float[] targets, int task, int tasks, int rows, float[] gradient) {
    int labelled = 0;
    for (int r = 0; r < rows; r++) {
      if (!Float.isNaN(targets[r * tasks + task])) {
        labelled++;
      }
    }
    if (labelled == 0) {
      return Double.NaN;
    }
    float scale = weight / labelled;
    double sum = 0;
    for (int r = 0; r < rows; r++) {
      float target = targets[r * tasks + task];
      if (Float.isNaN(target)) {
        Arrays.fill(gradient, r * width, (r + 1) * width, 0f);
      } else {
        sum += row(outputs, r * width, target, scale, gradient);
      }
    }
    double loss = weight * sum / labelled;
    return Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss;
  }

  /** Unweighted loss of one row; writes its gradient times {@code scale}. */
  abstract double row(float[] outputs, int at, float target, float scale, float[] gradient);

  private static final class Squared extends TaskLoss {
    Squared(TaskSpec task) {
      super(task);
    }

    @Override
    double row(float[] outputs, int at, float target, float scale, float[] gradient) {
      float error = outputs[at] - target;
      gradient[at] = 2f * error * scale;
      return (double) error * error;
    }
  }

  private static final class Huber extends TaskLoss {
    private final float delta;

    Huber(TaskSpec task) {
      super(task);
      this.delta = (float) task.huberDelta();
    }

    @Override
    double row(float[] outputs, int at, float target, float scale, float[] gradient) {
      float error = outputs[at] - target;
      float size = Math.abs(error);
      gradient[at] = Math.max(-delta, Math.min(delta, error)) * scale;
      return size <= delta ? 0.5 * error * error : delta * (size - 0.5 * delta);
    }
  }

  private static final class BinaryCrossEntropy extends TaskLoss {
    private final float[] classWeights;

    BinaryCrossEntropy(TaskSpec task) {
      super(task);
      this.classWeights = classWeights(task);
    }

    @Override
    double row(float[] outputs, int at, float target, float scale, float[] gradient) {
      double logit = outputs[at];
      float classWeight = classWeights[(int) target];
      double e = Math.exp(-Math.abs(logit));
      double onePlus = 1 + e;
      double probability = (logit >= 0 ? 1 : e) / onePlus;
      gradient[at] = (float) ((probability - target) * scale * classWeight);
      // log(1 + e^z) − y·z, written so that neither sign of z overflows; the second term of the
      // logarithm gives back what rounding 1 + e took.
      double logOnePlus = Math.log(onePlus) - (onePlus - 1 - e) / onePlus;
      return classWeight * (Math.max(logit, 0) - logit * target + logOnePlus);
    }
  }

  private static final class SoftmaxCrossEntropy extends TaskLoss {
    private final int classes;
    private final float[] classWeights;
    private final double[] probabilities;

    SoftmaxCrossEntropy(TaskSpec task) {
      super(task);
      this.classes = task.classes();
      this.classWeights = classWeights(task);
      this.probabilities = new double[classes];
    }

    @Override
    double row(float[] outputs, int at, float target, float scale, float[] gradient) {
      double sum = Probabilities.softmax(outputs, at, classes, probabilities, 0);
      double logSum = Probabilities.largest(outputs, at, classes) + Math.log(sum);
      int label = (int) target;
      float factor = scale * classWeights[label];
      for (int c = 0; c < classes; c++) {
        gradient[at + c] = (float) ((probabilities[c] - (c == label ? 1 : 0)) * factor);
      }
      return classWeights[label] * (logSum - outputs[at + label]);
    }
  }

  private static float[] classWeights(TaskSpec task) {
    float[] weights = new float[task.labelClasses()];
    Arrays.fill(weights, 1f);
    for (int c = 0; c < task.classWeights().size(); c++) {
      weights[c] = task.classWeights().get(c).floatValue();
    }
    return weights;
  }
}
