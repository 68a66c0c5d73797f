package dev.samgs.deploy.bench;

import dev.samgs.learn.Row;
import dev.samgs.spec.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Rows of eight normal features whose two tasks, a number and one of two classes, follow linear
 * rules that are replaced by others.
 */
final class DriftingRows {
  private static final int FEATURES = 8;
  private static final int ROWS = 12_000;
  private static final int CHANGE = 6_000;
  private static final int TRANSITION = 2_000;

  /** How the rules are replaced. */
  enum Kind {
    ABRUPT,
    GRADUAL,
    INCREMENTAL,
    RECURRING;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Share of the new rules at a row. */
    private double share(int row) {
      return switch (this) {
        case ABRUPT -> row < CHANGE ? 0 : 1;
        case GRADUAL, INCREMENTAL -> Math.max(0, Math.min(1, (row - CHANGE) / (double) TRANSITION));
        case RECURRING -> row / 2000 % 2;
      };
    }
  }

  private DriftingRows() {}

  static List<String> features() {
    List<String> names = new ArrayList<>();
    for (int f = 0; f < FEATURES; f++) {
      names.add("x" + f);
    }
    return names;
  }

  static List<TaskSpec> tasks() {
    return List.of(TaskSpec.regression("number"), TaskSpec.binary("class"));
  }

  static List<Row> of(Kind kind, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rules = new double[4][FEATURES];
    for (double[] rule : rules) {
      for (int f = 0; f < FEATURES; f++) {
        rule[f] = random.nextGaussian();
      }
    }
    List<Row> rows = new ArrayList<>();
    for (int r = 0; r < ROWS; r++) {
      double share = kind.share(r);
      if (kind == Kind.GRADUAL) {
        share = random.nextDouble() < share ? 1 : 0;
      }
      double[] x = new double[FEATURES];
      double number = 0;
      double margin = 0;
      for (int f = 0; f < FEATURES; f++) {
        x[f] = random.nextGaussian();
        number += x[f] * ((1 - share) * rules[0][f] + share * rules[1][f]);
        margin += x[f] * ((1 - share) * rules[2][f] + share * rules[3][f]);
      }
      rows.add(
          new Row(
              r,
              x,
              new double[] {
                number + 0.3 * random.nextGaussian(),
                margin + 0.3 * random.nextGaussian() > 0 ? 1 : 0
              }));
    }
    return rows;
  }
}
