package dev.samgs.reference;

import dev.samgs.spec.LossKind;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Loss of one task over a batch with missing labels, row by row as printed.
 *
 * @param value mean over the labelled rows, weighted; NaN if there is none
 * @param gradient with respect to the raw outputs, {@code rows × outputs}; null if there is none
 */
record ReferenceLoss(double value, INDArray gradient) {

  static ReferenceLoss of(TaskSpec task, INDArray outputs, INDArray targets) {
    int rows = outputs.rows();
    double[][] gradient = new double[rows][task.outputs()];
    double sum = 0;
    int labelled = 0;
    for (int r = 0; r < rows; r++) {
      double target = targets.getDouble(r);
      if (!Double.isNaN(target)) {
        double[] z = outputs.getRow(r).toDoubleVector();
        sum += row(task, z, target, gradient[r]);
        labelled++;
      }
    }
    if (labelled == 0) {
      return new ReferenceLoss(Double.NaN, null);
    }
    double factor = task.weight() / labelled;
    return new ReferenceLoss(sum * factor, Nd4j.createFromArray(gradient).muli(factor));
  }

  private static double row(TaskSpec task, double[] z, double target, double[] gradient) {
    if (task.kind() == TaskKind.REGRESSION) {
      double error = z[0] - target;
      if (task.loss() != LossKind.HUBER) {
        gradient[0] = 2 * error;
        return error * error;
      }
      double delta = task.huberDelta();
      if (Math.abs(error) <= delta) {
        gradient[0] = error;
        return error * error / 2;
      }
      gradient[0] = delta * Math.signum(error);
      return delta * (Math.abs(error) - delta / 2);
    }
    int label = (int) target;
    double weight = task.classWeights().isEmpty() ? 1 : task.classWeights().get(label);
    // A logit z is the softmax over [0, z].
    double[] logits = task.kind() == TaskKind.BINARY ? new double[] {0, z[0]} : z;
    double max = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      max = Math.max(max, logit);
    }
    double total = 0;
    for (double logit : logits) {
      total += Math.exp(logit - max);
    }
    int skipped = logits.length - z.length;
    for (int c = skipped; c < logits.length; c++) {
      double probability = Math.exp(logits[c] - max) / total;
      gradient[c - skipped] = weight * (probability - (c == label ? 1 : 0));
    }
    return weight * (max + Math.log(total) - logits[label]);
  }
}
