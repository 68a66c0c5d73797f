package dev.samgs.snapshot;

import dev.samgs.learn.FrozenModel;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.TaskMixture;
import dev.samgs.network.NetworkLayout;
import dev.samgs.network.NetworkLayout.Dense;
import dev.samgs.network.NetworkLayout.Head;
import dev.samgs.snapshot.ModelSnapshot.Mixture;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lets a new model begin where a snapshot ends. The new model may have other features and other
 * tasks: a feature that the snapshot does not know begins with weights of zero, so that what was
 * learned predicts as before; one that the new model lacks is to the rest what a missing value is;
 * a task that the snapshot does not know begins as in a fresh model.
 */
public final class WarmStart {
  private final ModelSnapshot snapshot;
  private final ModelSpec spec;
  private final LearnerState fresh;
  private final NetworkLayout from;
  private final NetworkLayout to;

  /** For each feature of the new model its place in the snapshot, or −1. */
  private final int[] features;

  /** For each task of the new model its place in the snapshot, or −1. */
  private final int[] tasks;

  private WarmStart(ModelSnapshot snapshot, ModelSpec spec) {
    this.snapshot = snapshot;
    this.spec = spec;
    this.fresh = new LearnerState(spec, 0);
    this.from = new NetworkLayout(snapshot.spec());
    this.to = fresh.layout();
    this.features =
        spec.features().stream()
            .mapToInt(name -> snapshot.spec().features().indexOf(name))
            .toArray();
    this.tasks = spec.tasks().stream().mapToInt(task -> place(task, snapshot.spec())).toArray();
  }

  private static int place(TaskSpec task, ModelSpec in) {
    for (int t = 0; t < in.tasks().size(); t++) {
      TaskSpec other = in.tasks().get(t);
      if (other.name().equals(task.name())
          && other.kind() == task.kind()
          && other.classes() == task.classes()
          && other.standardise() == task.standardise()) {
        return t;
      }
    }
    return -1;
  }

  /**
   * What a new model of that specification begins with.
   *
   * @throws IllegalArgumentException if the specification does not fit the snapshot; the message
   *     says in what
   */
  public static FrozenModel of(ModelSnapshot snapshot, ModelSpec spec) {
    refuseOtherShape(snapshot.spec(), spec);
    return new WarmStart(snapshot, spec).model();
  }

  private static void refuseOtherShape(ModelSpec old, ModelSpec spec) {
    if (spec.features().stream().noneMatch(old.features()::contains)) {
      throw misfit("it has none of the configuration's features");
    }
    if (!old.network().equals(spec.network())) {
      throw misfit(
          "its network is " + old.network() + ", that of the configuration " + spec.network());
    }
    if (old.learning().mixture() != spec.learning().mixture()) {
      throw misfit("mixture is " + old.learning().mixture() + " in it");
    }
    if (spec.tasks().stream().allMatch(task -> place(task, old) < 0)) {
      throw misfit("it has none of the configuration's tasks");
    }
  }

  private static IllegalArgumentException misfit(String how) {
    return new IllegalArgumentException(
        "the snapshot to start from does not fit the configuration: "
            + how
            + "; change the configuration, or start without it");
  }

  private FrozenModel model() {
    return FrozenModel.of(
        spec,
        parameters(snapshot.parameters(), fresh.parameters()),
        spec.learning().mixture()
            ? parameters(snapshot.averagedParameters(), fresh.averagedParameters())
            : new float[0],
        chosen(snapshot.featureMeans(), features),
        chosen(snapshot.featureDeviations(), features),
        chosen(labelMeans(), tasks),
        chosen(labelDeviations(), tasks),
        mixtures());
  }

  /** The values at those places; NaN, for unknown, at place −1. */
  private static double[] chosen(double[] values, int[] places) {
    return Arrays.stream(places).mapToDouble(p -> p < 0 ? Double.NaN : values[p]).toArray();
  }

  private double[] labelMeans() {
    return snapshot.mixtures().isEmpty()
        ? snapshot.targetMeans()
        : snapshot.mixtures().stream().mapToDouble(Mixture::labelMean).toArray();
  }

  private double[] labelDeviations() {
    return snapshot.mixtures().isEmpty()
        ? snapshot.targetDeviations()
        : snapshot.mixtures().stream().mapToDouble(Mixture::labelDeviation).toArray();
  }

  private float[] parameters(float[] old, float[] initial) {
    float[] parameters = initial.clone();
    for (int l = 0; l < to.trunk().size(); l++) {
      copy(old, from.trunk().get(l), parameters, to.trunk().get(l), l == 0);
    }
    for (int t = 0; t < tasks.length; t++) {
      if (tasks[t] >= 0) {
        Head oldHead = from.heads().get(tasks[t]);
        Head head = to.heads().get(t);
        for (int l = 0; l < head.layers().size(); l++) {
          copy(old, oldHead.layers().get(l), parameters, head.layers().get(l), false);
        }
        if (head.skip() != null) {
          copy(old, oldHead.skip(), parameters, head.skip(), true);
        }
      }
    }
    return parameters;
  }

  /**
   * @param raw whether the layer's inputs are the features
   */
  private void copy(float[] old, Dense oldLayer, float[] parameters, Dense layer, boolean raw) {
    for (int o = 0; o < layer.outputs(); o++) {
      for (int i = 0; i < layer.inputs(); i++) {
        int place = raw ? features[i] : i;
        parameters[layer.weights() + o * layer.inputs() + i] =
            place < 0 ? 0 : old[oldLayer.weights() + o * oldLayer.inputs() + place];
      }
      if (layer.bias() >= 0) {
        parameters[layer.bias() + o] = old[oldLayer.bias() + o];
      }
    }
  }

  private List<TaskMixture> mixtures() {
    List<TaskMixture> mixtures = new ArrayList<>();
    for (int t = 0; spec.learning().mixture() && t < tasks.length; t++) {
      mixtures.add(tasks[t] < 0 ? fresh.mixture(t) : mixture(t));
    }
    return mixtures;
  }

  private TaskMixture mixture(int task) {
    Mixture old = snapshot.mixtures().get(tasks[task]);
    int outputs = spec.tasks().get(task).outputs();
    List<float[]> linear = new ArrayList<>();
    for (float[] model : old.linear()) {
      linear.add(linear(model, outputs));
    }
    return TaskMixture.of(
        spec.tasks().get(task),
        features.length,
        old.weights(),
        old.stacking(),
        old.prior(),
        old.recentPrior(),
        linear);
  }

  private float[] linear(float[] old, int outputs) {
    int oldWidth = snapshot.spec().features().size() + 1;
    int width = features.length + 1;
    float[] model = new float[outputs * width];
    for (int o = 0; o < outputs; o++) {
      for (int f = 0; f < features.length; f++) {
        model[o * width + f] = features[f] < 0 ? 0 : old[o * oldWidth + features[f]];
      }
      model[o * width + features.length] = old[o * oldWidth + oldWidth - 1];
    }
    return model;
  }
}
