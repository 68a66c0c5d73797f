package dev.samgs.connectors.csv;

import dev.samgs.spec.TaskSpec;
import java.util.List;

/**
 * What a first pass over a file has found.
 *
 * @param features names of the features, in the order of the file
 * @param labels what was found about each label column, in the order of the file
 * @param rows data rows that can be used
 * @param rejected data rows that cannot
 */
public record CsvInference(
    List<String> features, List<LabelColumn> labels, long rows, long rejected) {
  public CsvInference {
    features = List.copyOf(features);
    labels = List.copyOf(labels);
  }

  /** The tasks, in the order of the file. */
  public List<TaskSpec> tasks() {
    return labels.stream().map(LabelColumn::task).toList();
  }

  /**
   * A label column.
   *
   * @param task the task with its kind, inferred or as told
   * @param told whether the kind was told and not inferred
   * @param labels labels that are present
   * @param smallest NaN without labels
   * @param largest NaN without labels
   */
  public record LabelColumn(
      TaskSpec task, boolean told, long labels, double smallest, double largest) {}
}
