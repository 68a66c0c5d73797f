package dev.samgs.bench;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.surgery.SurgeryMethod;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks whose names contain the first argument, all without one, and prints each
 * beside its floor of the same run. Microseconds per call, means over the iterations of one fork.
 */
public final class Benchmarks {
  private static final int ITERATIONS = 5;

  private Benchmarks() {}

  public static void main(String[] arguments) throws RunnerException {
    OptionsBuilder options = new OptionsBuilder();
    options
        .include(arguments.length > 0 ? arguments[0] : "dev.samgs.bench")
        .mode(Mode.AverageTime)
        .timeUnit(TimeUnit.MICROSECONDS)
        .forks(1)
        .warmupIterations(3)
        .warmupTime(TimeValue.milliseconds(300))
        .measurementIterations(ITERATIONS)
        .measurementTime(TimeValue.milliseconds(200))
        .param("method", SurgeryMethod.all().stream().map(SurgeryMethod::name).toArray(String[]::new))
        .param(
            "detector", DetectorMethod.all().stream().map(DetectorMethod::name).toArray(String[]::new));
    print(new Runner(options.build()).run());
  }

  private static void print(Collection<RunResult> results) {
    Map<String, Double> floors = new TreeMap<>();
    for (RunResult result : results) {
      if (method(result).equals("floor")) {
        floors.put(group(result), result.getPrimaryResult().getScore());
      }
    }
    System.out.printf("%n%-72s %12s %12s %8s%n", "benchmark", "µs", "floor µs", "ratio");
    for (RunResult result : results) {
      if (!method(result).equals("floor")) {
        double score = result.getPrimaryResult().getScore();
        Double floor = floors.get(group(result));
        System.out.printf(
            Locale.ROOT,
            "%-72s %12.3f %12s %8s%n",
            group(result) + " " + method(result),
            score,
            floor == null ? "" : String.format(Locale.ROOT, "%.3f", floor),
            floor == null ? "" : String.format(Locale.ROOT, "%.2f", score / floor));
      }
    }
  }

  private static String method(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Class and parameters: what a benchmark has in common with its floor. */
  private static String group(RunResult result) {
    BenchmarkParams params = result.getParams();
    String name = params.getBenchmark();
    String type = name.substring(0, name.lastIndexOf('.'));
    List<String> values = params.getParamsKeys().stream().map(params::getParam).toList();
    return type.substring(type.lastIndexOf('.') + 1) + " " + String.join(" ", values);
  }
}
