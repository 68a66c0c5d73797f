package dev.samgs.deploy.evaluate;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How a figure varies over runs that differ by their seeds; NaN where the figure is.
 *
 * @param deviation standard deviation of the sample, with n − 1; 0 for a single run
 */
public record Spread(double mean, double deviation, double min, double max) {
  /**
   * The spread of a figure.
   *
   * @param runs at least one
   */
  static <T> Spread of(List<T> runs, ToDoubleFunction<T> figure) {
    double[] values = runs.stream().mapToDouble(figure).toArray();
    double mean = 0;
    double min = values[0];
    double max = values[0];
    for (double value : values) {
      mean += value / values.length;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    // Equal values must have no deviation, whatever the rounding of their mean.
    double deviation = min == max ? 0 : Math.sqrt(squares / (values.length - 1));
    return new Spread(min == max ? min : mean, deviation, min, max);
  }

  /** The spread of a task's primary score. */
  public static Spread ofPrimary(List<TaskFigures> runs) {
    return of(runs, TaskFigures::primary);
  }
}
