package dev.samgs.spec;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** When a candidate is held back from the predictors. */
public record GateSpec(
    @Setting("whether candidates are compared with the published model before they go out")
        boolean enabled,
    @Setting(
            value =
                "how much worse a candidate's loss may be than the published model's on the same"
                    + " rows, as a share of it",
            min = 0,
            max = 1000)
        double tolerance,
    @Setting("the same for single tasks, by name") Map<String, Double> tolerances,
    @Setting(value = "labels of a task below which it is not compared", min = 2, max = 1_000_000)
        int labels,
    @Setting(value = "largest Euclidean norm of a candidate's parameters", min = 0)
        double largestNorm,
    @Setting(
            value =
                "candidates withheld in a row before the published model comes back into the"
                    + " learner; 0 for never",
            min = 0,
            max = 1_000_000)
        int rollbackAfter)
    implements Serializable {

  /** Settings that are used where the user gives none. */
  public static GateSpec defaults() {
    return new GateSpec(true, 0.05, Map.of(), 32, 1e6, 5);
  }

  public GateSpec {
    tolerances = Collections.unmodifiableMap(new TreeMap<>(tolerances));
    for (Map.Entry<String, Double> entry : tolerances.entrySet()) {
      if (!(entry.getValue() >= 0)) {
        throw new InvalidSettingException(
            "tolerances",
            "the tolerance of '"
                + entry.getKey()
                + "' is "
                + entry.getValue()
                + ", not at least 0");
      }
    }
  }

  /** The tolerance of a task. */
  public double tolerance(String task) {
    return tolerances.getOrDefault(task, tolerance);
  }
}
