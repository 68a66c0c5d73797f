package dev.samgs.spec;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Everything that defines one model: what goes in, what is predicted, and how it is learned. */
public record ModelSpec(
    @Setting("names of the features, in the order of the network's inputs") List<String> features,
    @Setting("the tasks, in the order of their heads") List<TaskSpec> tasks,
    @Setting("shape of the network") NetworkSpec network,
    @Setting("how rows become updates") LearningSpec learning,
    @Setting("how the tasks' gradients become one") SurgerySpec surgery,
    @Setting("how drift of a task's error is detected") DetectorSpec drift,
    @Setting("how a shift of features and labels is detected") ShiftSpec shift)
    implements Serializable {

  /** Name of a snapshot's only input; no task's output can have it. */
  public static final String INPUT_NAME = "features";

  public ModelSpec {
    features = List.copyOf(features);
    tasks = List.copyOf(tasks);
    if (features.isEmpty()) {
      throw new InvalidSettingException("features", "a model needs at least one feature");
    }
    if (tasks.isEmpty()) {
      throw new InvalidSettingException("tasks", "a model needs at least one task");
    }
    Set<String> seen = new HashSet<>();
    for (String feature : features) {
      if (feature.isBlank() || !seen.add(feature)) {
        throw new InvalidSettingException(
            "features", "feature '" + feature + "' is blank or stands there twice");
      }
    }
    seen.clear();
    for (TaskSpec task : tasks) {
      if (task.name().isBlank() || !seen.add(task.name())) {
        throw new InvalidSettingException(
            "tasks", "task '" + task.name() + "' is blank or stands there twice");
      }
    }
    seen.clear();
    seen.add(INPUT_NAME);
    for (TaskSpec task : tasks) {
      if (!seen.add(task.outputName())) {
        throw new InvalidSettingException(
            "tasks",
            "task '"
                + task.name()
                + "' would have the output '"
                + task.outputName()
                + "' in snapshots, a name that is taken; rename the task");
      }
    }
  }

  /** The same model, learned in another way. */
  public ModelSpec withLearning(LearningSpec other) {
    return new ModelSpec(features, tasks, network, other, surgery, drift, shift);
  }

  /** A model whose shifts are detected with default settings. */
  public ModelSpec(
      List<String> features,
      List<TaskSpec> tasks,
      NetworkSpec network,
      LearningSpec learning,
      SurgerySpec surgery,
      DetectorSpec drift) {
    this(features, tasks, network, learning, surgery, drift, ShiftSpec.defaults());
  }

  /** Sum of the widths of all tasks' outputs. */
  public int outputs() {
    int outputs = 0;
    for (TaskSpec task : tasks) {
      outputs += task.outputs();
    }
    return outputs;
  }

  /** Position of a task's first output among the outputs of all tasks, in task order. */
  public int outputOffset(int task) {
    int offset = 0;
    for (int i = 0; i < task; i++) {
      offset += tasks.get(i).outputs();
    }
    return offset;
  }

  /**
   * The part of the spec that decides whether saved parameters fit: features, tasks and network
   * shape, in one line of text. Two specs with equal structure can share state; learning rates and
   * the like may differ.
   */
  public String structure() {
    String taskList =
        tasks.stream()
            .map(
                t ->
                    t.name()
                        + ":"
                        + t.kind().name().toLowerCase(Locale.ROOT)
                        + (t.classes() > 0 ? ":" + t.classes() : ""))
            .collect(Collectors.joining(","));
    return "features="
        + String.join(",", features)
        + " tasks="
        + taskList
        + " trunk="
        + network.trunk()
        + " activation="
        + network.activation().name().toLowerCase(Locale.ROOT)
        + " head="
        + network.head()
        + " skip="
        + network.skip()
        + " mixture="
        + learning.mixture();
  }
}
