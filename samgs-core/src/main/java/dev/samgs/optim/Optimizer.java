package dev.samgs.optim;

import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.IOException;

/**
 * Updates parameters block by block; a block is the shared trunk or one task's own parameters. A
 * block whose task was absent is simply not stepped: neither its moments nor its step count move.
 * The state is part of the model.
 *
 * <p>Adam: D. Kingma, J. Ba, arXiv:1412.6980, with bias correction by the block's own step count.
 * Momentum: velocity ← β₁·velocity + gradient, parameters ← parameters − rate·velocity.
 */
public final class Optimizer {
  private final OptimizerKind kind;
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final int length;
  private float[] firstMoment;
  private float[] secondMoment;
  private long[] steps;

  /**
   * @param length number of parameters
   * @param blocks number of blocks that are stepped on their own
   */
  public Optimizer(LearningSpec spec, int length, int blocks) {
    this.kind = spec.optimizer();
    this.beta1 = spec.beta1();
    this.beta2 = spec.beta2();
    this.epsilon = spec.epsilon();
    this.length = length;
    this.firstMoment = new float[kind == OptimizerKind.SGD ? 0 : length];
    this.secondMoment = new float[kind == OptimizerKind.ADAM ? length : 0];
    this.steps = new long[blocks];
  }

  /**
   * Moves parameters {@code from … to−1} against the gradient.
   *
   * @param block which block these are
   * @param gradient read at the same places
   */
  public void step(
      int block, float[] parameters, int from, int to, float[] gradient, double learningRate) {
    long step = ++steps[block];
    switch (kind) {
      case ADAM -> adam(step, parameters, from, to, gradient, learningRate);
      case MOMENTUM -> momentum(parameters, from, to, gradient, learningRate);
      case SGD -> sgd(parameters, from, to, gradient, learningRate);
    }
  }

  private void adam(
      long step, float[] parameters, int from, int to, float[] gradient, double learningRate) {
    // Bias correction folded into the rate and ε: m̂/(√v̂ + ε) = m/(1−β₁ᵗ) · √(1−β₂ᵗ) / (√v +
    // ε·√(1−β₂ᵗ)).
    double root = Math.sqrt(biasCorrection(beta2, step));
    float rate = (float) (learningRate * root / biasCorrection(beta1, step));
    float offset = (float) (epsilon * root);
    float keep1 = (float) beta1;
    float add1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float add2 = (float) (1 - beta2);
    float[] m = firstMoment;
    float[] v = secondMoment;
    for (int i = from; i < to; i++) {
      float g = gradient[i];
      m[i] = keep1 * m[i] + add1 * g;
      v[i] = keep2 * v[i] + add2 * g * g;
      parameters[i] -= rate * m[i] / ((float) Math.sqrt(v[i]) + offset);
    }
  }

  /** 1 − β^step; StrictMath.pow would allocate. */
  private static double biasCorrection(double beta, long step) {
    return -StrictMath.expm1(step * StrictMath.log(beta));
  }

  private void momentum(
      float[] parameters, int from, int to, float[] gradient, double learningRate) {
    float keep = (float) beta1;
    float rate = (float) learningRate;
    float[] m = firstMoment;
    for (int i = from; i < to; i++) {
      m[i] = keep * m[i] + gradient[i];
      parameters[i] -= rate * m[i];
    }
  }

  private static void sgd(
      float[] parameters, int from, int to, float[] gradient, double learningRate) {
    float rate = (float) learningRate;
    for (int i = from; i < to; i++) {
      parameters[i] -= rate * gradient[i];
    }
  }

  /** Writes the state that {@link #read} needs to continue bit for bit. */
  public void write(StateWriter out) throws IOException {
    out.writeString(kind.name());
    out.writeFloats(firstMoment);
    out.writeFloats(secondMoment);
    out.writeLongs(steps);
  }

  /**
   * Replaces the state; moments written by another kind of optimiser are left out, with the step
   * counts.
   */
  public void read(StateReader in) throws IOException {
    String savedKind = in.readString();
    float[] savedFirst = in.readFloats();
    float[] savedSecond = in.readFloats();
    long[] savedSteps = in.readLongs();
    if (!savedKind.equals(kind.name())) {
      return;
    }
    if (savedFirst.length != firstMoment.length
        || savedSecond.length != secondMoment.length
        || savedSteps.length != steps.length) {
      throw new StateFormatException(
          "the saved optimiser state is of "
              + savedFirst.length
              + " parameters, but this model has "
              + length);
    }
    firstMoment = savedFirst;
    secondMoment = savedSecond;
    steps = savedSteps;
  }
}
