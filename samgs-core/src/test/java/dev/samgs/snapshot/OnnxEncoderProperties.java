package dev.samgs.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.drift.Adwin;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.TaskMixture;
import dev.samgs.learn.TaskMixture.Expert;
import dev.samgs.learn.Trainer;
import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Dense;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.predict.GraphScorer;
import dev.samgs.predict.Scorer;
import dev.samgs.snapshot.ModelSnapshot.Mixture;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.LossKind;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * ONNX Runtime and the built-in scorer on an encoded snapshot, against the trainer that the
 * snapshot was taken from.
 */
class OnnxEncoderProperties {
  private static final double FLOAT_ROUNDING = 0x1p-24;

  @Property(tries = 150, seed = "1")
  void theOnnxModelPredictsWhatTheTrainerPredicts(
      @ForAll("specs") ModelSpec spec, @ForAll long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    learn(learner, random);
    LearnerState state = learner.state();
    fillAtRandom(state, random);

    double[] features = features(spec, random);
    RowBatch batch = new RowBatch(spec);
    batch.add(new Row(1, features, unknownLabels(spec)));
    new Trainer(spec).predict(state, batch);
    ModelSnapshot snapshot = ModelSnapshot.take(state);

    double[] other = features(spec, random);
    byte[] onnx = OnnxEncoder.encode("line-1", snapshot);
    double[] builtIn = builtIn(onnx, other, features);
    try (OnnxModel model = new OnnxModel(onnx)) {
      Map<String, double[][]> alone = model.predict(features);
      Map<String, double[][]> amongOthers = model.predict(other, features, other);
      int at = 0;
      for (int t = 0; t < spec.tasks().size(); t++) {
        TaskSpec task = spec.tasks().get(t);
        double bound = bound(snapshot, features, t);
        for (int o = 0; o < task.outputs(); o++) {
          double expected = batch.predictions()[at];
          String what = task.outputName() + "[" + o + "]";
          assertThat(Math.abs(builtIn[at++] - alone.get(task.outputName())[0][o]))
              .as(what + " of the built-in scorer")
              .isLessThanOrEqualTo(bound);
          assertThat(Math.abs(alone.get(task.outputName())[0][o] - expected))
              .as(what)
              .isLessThanOrEqualTo(bound);
          assertThat(Math.abs(amongOthers.get(task.outputName())[1][o] - expected))
              .as(what + " as the second of three rows")
              .isLessThanOrEqualTo(bound);
        }
      }
    }
  }

  /** What the built-in scorer says of a row that stands behind 40 others. */
  private static double[] builtIn(byte[] onnx, double[] other, double[] features) {
    try (Scorer scorer = GraphScorer.load(onnx)) {
      int others = 40;
      double[] rows = new double[(others + 1) * features.length];
      for (int r = 0; r < others; r++) {
        System.arraycopy(other, 0, rows, r * features.length, features.length);
      }
      System.arraycopy(features, 0, rows, others * features.length, features.length);
      double[] predictions = new double[(others + 1) * scorer.columns()];
      scorer.score(rows, others + 1, predictions);
      return Arrays.copyOfRange(predictions, others * scorer.columns(), predictions.length);
    }
  }

  @Property(tries = 30, seed = "1")
  void equalSnapshotsGiveEqualBytes(@ForAll("specs") ModelSpec spec, @ForAll long seed) {
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    learn(learner, new SplittableRandom(seed));
    LearnerState copy = learner.state().copy();
    assertThat(OnnxEncoder.encode("line-1", ModelSnapshot.take(copy)))
        .isEqualTo(OnnxEncoder.encode("line-1", ModelSnapshot.take(learner.state())));
  }

  @Property(tries = 100, seed = "1")
  void whatWasEncodedIsReadBackBitForBit(@ForAll("specs") ModelSpec spec, @ForAll long seed)
      throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    OnlineLearner learner = new OnlineLearner(spec, report -> {});
    learn(learner, random);
    fillAtRandom(learner.state(), random);
    ModelSnapshot snapshot = ModelSnapshot.take(learner.state());
    byte[] onnx = OnnxEncoder.encode("line-1", snapshot);

    ModelSnapshot read = OnnxDecoder.decode(onnx);

    assertThat(read)
        .usingRecursiveComparison()
        .withEqualsForType((a, b) -> Double.compare(a, b) == 0, Double.class)
        .withEqualsForType((a, b) -> Float.compare(a, b) == 0, Float.class)
        .ignoringFields("rows", "spec", "scores")
        .isEqualTo(snapshot);
    assertThat(read.scores()).isEqualTo(snapshot.scores());
    assertThat(OnnxEncoder.encode("line-1", read)).isEqualTo(onnx);
  }

  /**
   * How far apart trainer and ONNX model can be in a task's outputs. Both standardise in double, to
   * the same float inputs. An average of experts is off by the average of what the experts are off
   * by. The stacked expert takes log-odds or log-probabilities, which are off by no more than twice
   * the raw outputs are, and rounds their sum, each at most 14 (ln 10⁶) in size, to float. Outputs
   * of a network that learned a label in its own unit are rounded to float once more, standardised.
   */
  private static double bound(ModelSnapshot snapshot, double[] features, int task) {
    double[] inputs = inputs(snapshot, features);
    double network = networkBound(snapshot, snapshot.parameters(), inputs, task);
    TaskSpec spec = snapshot.spec().tasks().get(task);
    boolean regression = spec.kind() == TaskKind.REGRESSION;
    if (snapshot.mixtures().isEmpty()) {
      double unit = regression ? snapshot.targetDeviations()[task] : 1;
      return network * unit + inDouble(snapshot.targetMeans()[task]);
    }
    Mixture mixture = snapshot.mixtures().get(task);
    double[] offBy = new double[Expert.COUNT];
    for (int m = 0; m < TaskMixture.LINEAR_MODELS; m++) {
      offBy[Expert.LINEAR_SLOW.ordinal() + m] = linearBound(mixture.linear().get(m), inputs);
    }
    double averaged = networkBound(snapshot, snapshot.averagedParameters(), inputs, task);
    boolean ownUnit = regression && !spec.standardise();
    double unit = ownUnit ? mixture.labelDeviation() : 1;
    double rounding = ownUnit ? TaskMixture.LARGEST_VALUE * FLOAT_ROUNDING : 0;
    offBy[Expert.NETWORK.ordinal()] = network / unit + rounding;
    offBy[Expert.AVERAGED_NETWORK.ordinal()] = averaged / unit + rounding;
    double stacked = 0;
    for (int e = 0; e < TaskMixture.STACKED_EXPERTS; e++) {
      stacked += Math.abs(mixture.stacking()[e]) * (2 * offBy[e] + 14 * FLOAT_ROUNDING);
    }
    offBy[Expert.STACKED.ordinal()] = stacked;
    double sum = 0;
    for (int e = 0; e < Expert.COUNT; e++) {
      sum += mixture.weights()[e] * offBy[e];
    }
    return regression
        ? sum * mixture.labelDeviation() + inDouble(mixture.labelMean())
        : sum + inDouble(1);
  }

  /** What remains when all is done in double: a few roundings at the size of the result. */
  private static double inDouble(double size) {
    return 64 * Math.ulp(Math.max(1, Math.abs(size)));
  }

  /** The trainer rounds a linear model's output to float, the ONNX model does not. */
  private static double linearBound(float[] model, double[] inputs) {
    int width = inputs.length + 1;
    double largest = 0;
    for (int row = 0; row < model.length; row += width) {
      double size = Math.abs(model[row + inputs.length]);
      for (int f = 0; f < inputs.length; f++) {
        size += Math.abs(model[row + f]) * inputs[f];
      }
      largest = Math.max(largest, size);
    }
    return largest * FLOAT_ROUNDING;
  }

  private static double[] inputs(ModelSnapshot snapshot, double[] features) {
    double[] inputs = new double[features.length];
    for (int f = 0; f < inputs.length; f++) {
      double deviation = snapshot.featureDeviations()[f];
      double z =
          Double.isNaN(features[f]) || deviation == 0
              ? 0
              : (features[f] - snapshot.featureMeans()[f]) / deviation;
      inputs[f] = Math.min(Trainer.FEATURE_LIMIT, Math.abs(z));
    }
    return inputs;
  }

  /**
   * How far two float evaluations of the network's raw outputs can lie apart. A layer of n inputs,
   * summed in any order, is off by at most about (n + 1)·2⁻²⁴ of Σ|w||x| + |b|, and an activation
   * adds a few roundings of its own and stretches what came before by no more than 1.13 (GELU; 1
   * for the others). So the sum over the layers of (n + 16)·2⁻²⁴, times what the network gives with
   * every number replaced by its size, bounds one evaluation, and twice that the difference of two.
   * Sigmoid and softmax, whose slopes are below 1, follow in double.
   */
  private static double networkBound(
      ModelSnapshot snapshot, float[] parameters, double[] inputs, int task) {
    NetworkLayout layout = new NetworkLayout(snapshot.spec());
    List<Dense> path = new ArrayList<>(layout.trunk());
    Head head = layout.heads().get(task);
    path.addAll(head.layers());
    double[] sizes = inputs;
    double roundings = 0;
    for (Dense layer : path) {
      sizes = sizes(parameters, layer, sizes);
      roundings += layer.inputs() + 16;
    }
    if (head.skip() != null) {
      double[] skipped = sizes(parameters, head.skip(), inputs);
      for (int o = 0; o < sizes.length; o++) {
        sizes[o] += skipped[o];
      }
      roundings += inputs.length + 1;
    }
    return 2 * roundings * FLOAT_ROUNDING * Arrays.stream(sizes).max().orElseThrow();
  }

  private static double[] sizes(float[] parameters, Dense layer, double[] inputs) {
    double[] sizes = new double[layer.outputs()];
    for (int o = 0; o < sizes.length; o++) {
      sizes[o] = layer.bias() < 0 ? 0 : Math.abs(parameters[layer.bias() + o]);
      for (int i = 0; i < inputs.length; i++) {
        sizes[o] +=
            1.13 * inputs[i] * Math.abs(parameters[layer.weights() + o * inputs.length + i]);
      }
    }
    return sizes;
  }

  private static void learn(OnlineLearner learner, SplittableRandom random) {
    ModelSpec spec = learner.state().spec();
    RowBatch batch = new RowBatch(spec);
    for (int r = 0; r < 40; r++) {
      double[] labels = unknownLabels(spec);
      for (int t = 0; t < labels.length; t++) {
        if (random.nextInt(3) > 0) {
          TaskSpec task = spec.tasks().get(t);
          labels[t] =
              task.kind() == TaskKind.REGRESSION
                  ? 1e4 * (t + 1) + 250 * random.nextGaussian()
                  : random.nextInt(task.labelClasses());
        }
      }
      batch.clear();
      batch.add(new Row(r, features(spec, random), labels));
      learner.arrive(batch);
      learner.release(batch);
    }
  }

  /** Feature 0 is constant, 1 never there, 2 a large counter, 3 tiny; some of the rest missing. */
  private static double[] features(ModelSpec spec, SplittableRandom random) {
    double[] values = new double[spec.features().size()];
    for (int f = 0; f < values.length; f++) {
      values[f] =
          switch (f % 6) {
            case 0 -> 42.5;
            case 1 -> Double.NaN;
            case 2 -> 1e9 + random.nextInt(1000);
            case 3 -> 1e-7 * random.nextGaussian();
            case 4 -> random.nextInt(4) == 0 ? Double.NaN : random.nextGaussian();
            default -> random.nextInt(10) == 0 ? 1e6 : random.nextGaussian();
          };
    }
    return values;
  }

  private static double[] unknownLabels(ModelSpec spec) {
    double[] labels = new double[spec.tasks().size()];
    Arrays.fill(labels, Double.NaN);
    return labels;
  }

  /** As a learner long in use: no number is still where it began. */
  private static void fillAtRandom(LearnerState state, SplittableRandom random) {
    for (float[] parameters : List.of(state.parameters(), state.averagedParameters())) {
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] += (float) (0.3 * random.nextGaussian());
      }
    }
    for (int t = 0; t < state.spec().tasks().size(); t++) {
      TaskMixture mixture = state.mixture(t);
      if (mixture != null) {
        double[] weights = mixture.weights();
        double sum = 0;
        for (int e = 0; e < weights.length; e++) {
          weights[e] = random.nextDouble();
          sum += weights[e];
        }
        for (int e = 0; e < weights.length; e++) {
          weights[e] /= sum;
        }
        double[] stacking = mixture.stacking();
        for (int e = 0; e < stacking.length; e++) {
          stacking[e] = random.nextGaussian();
        }
      }
    }
  }

  @Provide
  Arbitrary<ModelSpec> specs() {
    Arbitrary<List<Integer>> trunk =
        Arbitraries.integers().between(1, 40).list().ofMinSize(1).ofMaxSize(3);
    Arbitrary<List<Integer>> head = Arbitraries.integers().between(1, 12).list().ofMaxSize(2);
    Arbitrary<NetworkSpec> network =
        Combinators.combine(
                trunk, Arbitraries.of(Activation.class), head, Arbitraries.of(true, false))
            .as(NetworkSpec::new);
    Arbitrary<List<TaskSpec>> tasks =
        Arbitraries.integers().between(0, 3).list().ofMinSize(1).ofMaxSize(4).map(this::tasks);
    return Combinators.combine(
            Arbitraries.integers().between(1, 12), tasks, network, Arbitraries.of(true, false))
        .as(OnnxEncoderProperties::spec);
  }

  private List<TaskSpec> tasks(List<Integer> kinds) {
    List<TaskSpec> tasks = new ArrayList<>();
    for (int kind : kinds) {
      String name = "task-" + tasks.size();
      tasks.add(
          switch (kind) {
            case 0 ->
                new TaskSpec(
                    name,
                    TaskKind.REGRESSION,
                    0,
                    LossKind.SQUARED,
                    1,
                    1,
                    tasks.size() % 2 == 0,
                    List.of());
            case 1 -> TaskSpec.binary(name);
            default -> TaskSpec.multiclass(name, kind * 2 - 1);
          });
    }
    return tasks;
  }

  private static ModelSpec spec(
      int features, List<TaskSpec> tasks, NetworkSpec network, boolean mixture) {
    LearningSpec l = LearningSpec.defaults();
    List<String> names = new ArrayList<>();
    for (int f = 0; f < features; f++) {
      names.add("sensor-" + f);
    }
    return new ModelSpec(
        names,
        tasks,
        network,
        new LearningSpec(
            l.miniBatch(),
            l.passes(),
            l.replayRows(),
            l.replayCapacity(),
            l.optimizer(),
            l.learningRate(),
            l.beta1(),
            l.beta2(),
            l.epsilon(),
            l.scaleWindow(),
            l.gapMillis(),
            l.guardPatience(),
            mixture,
            l.seed()),
        SamGs.Settings.defaults(),
        Adwin.Settings.defaults());
  }
}
