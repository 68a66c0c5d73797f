package dev.samgs.connectors.csv;

import dev.samgs.connectors.csv.CsvInference.LabelColumn;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import java.util.BitSet;

/**
 * What the labels of one column are. They are classes if and only if every one is an integer, every
 * value from 0 to the largest occurs, and the largest is 1 to {@value #LARGEST_CLASS}.
 */
final class LabelStatistics {
  private static final int LARGEST_CLASS = 29;

  /** Largest number of classes of a task that is told to be multiclass. */
  private static final int MAX_CLASSES = 1000;

  private final String name;
  private final BitSet integers = new BitSet();
  private boolean onlyClasses = true;
  private long count;
  private double smallest = Double.NaN;
  private double largest = Double.NaN;

  LabelStatistics(String name) {
    this.name = name;
  }

  void add(double label) {
    count++;
    smallest = count == 1 ? label : Math.min(smallest, label);
    largest = count == 1 ? label : Math.max(largest, label);
    if (label == Math.rint(label) && label >= 0 && label < MAX_CLASSES) {
      integers.set((int) label);
    } else {
      onlyClasses = false;
    }
  }

  /** The column with the kind that it has been told, or with the inferred one if told is null. */
  LabelColumn column(String file, TaskKind told) {
    TaskKind kind = told == null ? inferred() : told;
    TaskSpec task =
        switch (kind) {
          case REGRESSION -> TaskSpec.regression(name);
          case BINARY -> TaskSpec.binary(name);
          case MULTICLASS -> TaskSpec.multiclass(name, classes(file));
        };
    return new LabelColumn(task, told != null, count, smallest, largest);
  }

  private TaskKind inferred() {
    int classes = integers.length();
    boolean all = onlyClasses && integers.cardinality() == classes;
    if (!all || classes < 2 || classes > LARGEST_CLASS + 1) {
      return TaskKind.REGRESSION;
    }
    return classes == 2 ? TaskKind.BINARY : TaskKind.MULTICLASS;
  }

  private int classes(String file) {
    int classes = integers.length();
    if (classes < 2) {
      throw new CsvFileException(
          file
              + ": task '"
              + name
              + "' cannot be multiclass, for its column has no class number from 1 to "
              + (MAX_CLASSES - 1));
    }
    return classes;
  }
}
