package dev.samgs.bench;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import dev.samgs.learn.LearnerState;
import dev.samgs.learn.RowBatch;
import dev.samgs.learn.StepReport;
import dev.samgs.learn.Trainer;
import dev.samgs.network.MultiTaskNetwork;
import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Dense;
import dev.samgs.optim.Optimizer;
import dev.samgs.spec.ModelSpec;
import dev.samgs.surgery.GradientAggregator;
import dev.samgs.surgery.SurgeryMethod;
import dev.samgs.surgery.TaskGradients;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.FloatPointer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A mini-batch from raw rows to moved parameters: scaled, predicted, scored, drift detectors fed,
 * learnt as the preset {@code fast} does, with the default surgery. {@code small}: 20 features, trunk 64-32, 3 tasks;
 * {@code large}: 100 features, trunk 256-128, 10 tasks.
 */
@State(Scope.Thread)
public class TrainingBenchmark {
  @Param({"small/32", "small/256", "large/256"})
  public String model;

  /** Whether the mixture of experts predicts, or the network alone. */
  @Param({"network", "mixture"})
  public String prediction;

  private ModelSpec spec;
  private NetworkLayout layout;
  private Trainer trainer;
  private LearnerState state;
  private RowBatch[] batches;
  private int next;
  private FloatPointer a;
  private FloatPointer b;
  private FloatPointer c;
  private int rows;
  private MultiTaskNetwork network;
  private GradientAggregator surgery;
  private Optimizer optimizer;
  private TaskGradients gradients;
  private float[] parameters;
  private float[] own;
  private float[] direction;
  private float[] inputs;
  private float[] targets;

  @Setup(Level.Trial)
  public void setUp() {
    boolean small = model.startsWith("small");
    rows = Integer.parseInt(model.substring(model.indexOf('/') + 1));
    boolean mixture = prediction.equals("mixture");
    spec =
        small
            ? TrainingModel.spec(20, List.of(64, 32), 3, rows, mixture)
            : TrainingModel.spec(100, List.of(256, 128), 10, rows, mixture);
    layout = new NetworkLayout(spec);
    trainer = new Trainer(spec);
    state = new LearnerState(spec, 0);
    batches = TrainingModel.miniBatches(spec, 8192 / rows);
    setUpNetwork();
    int room = spec.tasks().size() * rows * 256;
    a = new FloatPointer(room);
    b = new FloatPointer(room);
    c = new FloatPointer(room);
    for (long i = 0; i < room; i++) {
      a.put(i, 1f / (i % 97 + 1));
      b.put(i, 1f / (i % 89 + 1));
    }
  }

  private void setUpNetwork() {
    int tasks = spec.tasks().size();
    network = new MultiTaskNetwork(spec, layout);
    surgery = SurgeryMethod.create(spec.surgery(), tasks, layout.sharedLength(), 1);
    optimizer = new Optimizer(spec.learning(), layout.length(), 1 + tasks);
    gradients = new TaskGradients(tasks, layout.sharedLength(), layout.lastSharedLayer());
    parameters = layout.initialParameters(1);
    own = new float[layout.length()];
    direction = new float[layout.sharedLength()];
    inputs = new float[rows * layout.inputs()];
    targets = new float[rows * tasks];
    Random random = new Random(1);
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < targets.length; i++) {
      targets[i] = random.nextInt(2);
    }
  }

  /** The network's part of it: forward, backward, surgery, optimiser, on inputs that are there. */
  @Benchmark
  public float[] network() {
    network.forward(parameters, inputs, rows);
    network.backward(targets, gradients, own);
    surgery.aggregate(gradients, direction);
    double rate = spec.learning().learningRate();
    optimizer.step(0, parameters, 0, layout.sharedLength(), direction, rate);
    for (int t = 0; t < spec.tasks().size(); t++) {
      NetworkLayout.Head head = layout.heads().get(t);
      optimizer.step(1 + t, parameters, head.from(), head.to(), own, rate);
    }
    return parameters;
  }

  /** The learner's whole step. Rows per second are the mini-batch by this. */
  @Benchmark
  public StepReport learner() {
    RowBatch batch = batches[next++ % batches.length];
    trainer.predict(state, batch);
    return trainer.learn(state, batch, TrainingModel.NO_REPLAY);
  }

  /** The step's matrix products one after the other, operands where OpenBLAS wants them. */
  @Benchmark
  public FloatPointer floor() {
    int tasks = spec.tasks().size();
    forwardProducts(); // the prediction
    forwardProducts();
    for (int t = 0; t < tasks; t++) {
      for (Dense layer : layout.heads().get(t).layers()) {
        product(CblasTrans, CblasNoTrans, layer.outputs(), layer.inputs(), rows);
        product(CblasNoTrans, CblasNoTrans, rows, layer.inputs(), layer.outputs());
      }
      Dense skip = layout.heads().get(t).skip();
      product(CblasTrans, CblasNoTrans, skip.outputs(), skip.inputs(), rows);
    }
    for (int l = layout.trunk().size() - 1; l >= 0; l--) {
      Dense layer = layout.trunk().get(l);
      for (int t = 0; t < tasks; t++) {
        product(CblasTrans, CblasNoTrans, layer.outputs(), layer.inputs(), rows);
      }
      if (l > 0) {
        product(CblasNoTrans, CblasNoTrans, tasks * rows, layer.inputs(), layer.outputs());
      }
    }
    return c;
  }

  private void forwardProducts() {
    for (Dense layer : layout.trunk()) {
      product(CblasNoTrans, CblasTrans, rows, layer.outputs(), layer.inputs());
    }
    for (NetworkLayout.Head head : layout.heads()) {
      for (Dense layer : head.layers()) {
        product(CblasNoTrans, CblasTrans, rows, layer.outputs(), layer.inputs());
      }
      product(CblasNoTrans, CblasTrans, rows, head.skip().outputs(), head.skip().inputs());
    }
  }

  private void product(int opA, int opB, int m, int n, int k) {
    int strideA = opA == CblasTrans ? m : k;
    int strideB = opB == CblasTrans ? k : n;
    cblas_sgemm(CblasRowMajor, opA, opB, m, n, k, 1f, a, strideA, b, strideB, 0f, c, n);
  }
}
