package dev.samgs.reference;

import dev.samgs.spec.LearningSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The optimisers as printed in their papers, in double precision. */
public final class ReferenceOptimizer {
  private final LearningSpec spec;
  private final INDArray firstMoment;
  private final INDArray secondMoment;
  private final long[] steps;

  /**
   * @param length number of parameters
   * @param blocks number of blocks that are stepped on their own
   */
  public ReferenceOptimizer(LearningSpec spec, int length, int blocks) {
    this.spec = spec;
    this.firstMoment = Nd4j.zeros(DataType.DOUBLE, length);
    this.secondMoment = Nd4j.zeros(DataType.DOUBLE, length);
    this.steps = new long[blocks];
  }

  /**
   * Moves parameters {@code from … from + gradient.length() − 1} of a block against its gradient.
   *
   * @param parameters vector of all parameters; changed in place
   */
  public void step(
      int block, INDArray parameters, int from, INDArray gradient, double learningRate) {
    long to = from + gradient.length();
    INDArray p = parameters.get(NDArrayIndex.interval(from, to));
    INDArray m = firstMoment.get(NDArrayIndex.interval(from, to));
    INDArray v = secondMoment.get(NDArrayIndex.interval(from, to));
    long step = ++steps[block];
    double beta1 = spec.beta1();
    double beta2 = spec.beta2();
    switch (spec.optimizer()) {
      case ADAM -> {
        m.muli(beta1).addi(gradient.mul(1 - beta1));
        v.muli(beta2).addi(gradient.mul(gradient).muli(1 - beta2));
        INDArray correctedM = m.div(1 - Math.pow(beta1, step));
        INDArray correctedV = v.div(1 - Math.pow(beta2, step));
        p.subi(correctedM.mul(learningRate).divi(Transforms.sqrt(correctedV).addi(spec.epsilon())));
      }
      case MOMENTUM -> {
        m.muli(beta1).addi(gradient);
        p.subi(m.mul(learningRate));
      }
      case SGD -> p.subi(gradient.mul(learningRate));
    }
  }
}
