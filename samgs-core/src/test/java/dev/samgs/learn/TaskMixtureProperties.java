package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.learn.TaskMixture.Expert;
import dev.samgs.spec.TaskSpec;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class TaskMixtureProperties {
  /**
   * Herbster and Warmuth (1998): the mixture's log-loss is at most that of its best expert, plus ln
   * of their number, plus n·ln(1/(1 − share)), whatever the experts say and the labels are. (The
   * smallest likelihood that is judged is 10⁻³, so the experts here stay above it.)
   */
  @Property(tries = 200, seed = "1")
  void theMixtureIsNeverMuchWorseThanItsBestExpert(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 400) int labels,
      @ForAll @IntRange(min = 2, max = 5) int classes) {
    SplittableRandom random = new SplittableRandom(seed);
    TaskMixture mixture = new TaskMixture(TaskSpec.multiclass("fault", classes), 1);
    double[] losses = new double[Expert.COUNT];
    double mixtureLoss = 0;
    double[] experts = new double[mixture.width()];
    double[] mixed = new double[classes];
    int goodExpert = random.nextInt(Expert.COUNT);
    for (int i = 0; i < labels; i++) {
      int label = random.nextInt(classes);
      for (int e = 0; e < Expert.COUNT; e++) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
          boolean knows = e == goodExpert && c == label;
          sum += experts[e * classes + c] = (knows ? 2 : 0.01) + random.nextDouble();
        }
        for (int c = 0; c < classes; c++) {
          experts[e * classes + c] /= sum;
        }
        losses[e] -= Math.log(experts[e * classes + label]);
      }
      mixture.mix(experts, 0, mixed, 0);
      mixtureLoss -= Math.log(mixed[label]);
      mixture.judge(experts, 0, label);
    }
    double best = Double.POSITIVE_INFINITY;
    for (double loss : losses) {
      best = Math.min(best, loss);
    }
    double regret = Math.log(Expert.COUNT) - labels * Math.log(1 - 0.001);
    assertThat(mixtureLoss).isLessThanOrEqualTo(best + regret + 1e-9);
  }

  @Property(tries = 100, seed = "1")
  void predictionsAreProbabilitiesAndValuesAreBoundedWhateverComesIn(
      @ForAll long seed, @ForAll @IntRange(max = 2) int kind) {
    SplittableRandom random = new SplittableRandom(seed);
    TaskSpec task =
        switch (kind) {
          case 0 -> TaskSpec.regression("width");
          case 1 -> TaskSpec.binary("scrap");
          default -> TaskSpec.multiclass("fault", 3);
        };
    TaskMixture mixture = new TaskMixture(task, 2);
    int outputs = task.outputs();
    double[] experts = new double[mixture.width()];
    double[] mixed = new double[outputs];
    for (int i = 0; i < 100; i++) {
      float[] inputs = {16 * random.nextFloat() - 8, 8};
      float[] network = wild(outputs, random);
      mixture.predict(inputs, 0, network, wild(outputs, random), 0, experts, 0);
      mixture.mix(experts, 0, mixed, 0);
      double label = kind == 0 ? 1e3 * random.nextGaussian() : random.nextInt(task.labelClasses());
      double sum = 0;
      for (double output : mixed) {
        assertThat(output).isFinite();
        if (kind > 0) {
          assertThat(output).isBetween(0.0, 1.0 + 1e-12);
        } else {
          assertThat(Math.abs(output)).isLessThanOrEqualTo(1e3 * 5);
        }
        sum += output;
      }
      if (kind == 2) {
        assertThat(sum).isCloseTo(1, within(1e-9));
      }
      mixture.judge(experts, 0, label);
      mixture.learn(inputs, 0, label);
      double shares = 0;
      for (double weight : mixture.weights()) {
        assertThat(weight).isGreaterThanOrEqualTo(0.999 * 0.001 / 8);
        shares += weight;
      }
      assertThat(shares).isCloseTo(1, within(1e-9));
    }
  }

  private static float[] wild(int outputs, SplittableRandom random) {
    float[] values = new float[outputs];
    for (int o = 0; o < outputs; o++) {
      values[o] = (float) Math.scalb(2 * random.nextDouble() - 1, random.nextInt(30) - 4);
    }
    return values;
  }
}
