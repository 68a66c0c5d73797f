package dev.samgs.job;

import dev.samgs.drift.Adwin;
import dev.samgs.learn.Row;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A small model of three kinds of task, and rows that it can learn, the same in every run. */
public final class TestModels {
  /** Labelled rows that close a mini-batch of {@link #SPEC}. */
  public static final int MINI_BATCH = 8;

  /** Optimiser steps on each of them. */
  public static final int PASSES = 2;

  /** Three features, three tasks; with replay, so that all of the state is in play. */
  public static final ModelSpec SPEC = spec(0);

  private TestModels() {}

  /** {@link #SPEC} with a gap in event time that closes mini-batches. */
  public static ModelSpec spec(long gapMillis) {
    return new ModelSpec(
        List.of("temperature", "vibration", "pressure"),
        List.of(
            TaskSpec.regression("wear"), TaskSpec.binary("leak"), TaskSpec.multiclass("grade", 3)),
        new NetworkSpec(List.of(8, 4), Activation.RELU, List.of(), true),
        new LearningSpec(
            MINI_BATCH,
            PASSES,
            6,
            32,
            OptimizerKind.ADAM,
            1e-2,
            0.9,
            0.999,
            1e-8,
            500,
            gapMillis,
            5,
            true,
            3),
        SamGs.Settings.published(SamGs.Trigger.MEAN, SamGs.Scale.TASKS, 0.7, 0.9, 0.99, 1.0),
        new Adwin.Settings(0.05, 8, 32));
  }

  /**
   * Rows of one model, one second apart: labels depend on the features, every third label and some
   * features are missing, and wear changes its sign half-way.
   */
  public static List<Row> rows(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double temperature = 20 + 10 * random.nextDouble();
      double vibration = random.nextDouble();
      double pressure = 1e5 * random.nextDouble();
      double wear = (i < count / 2 ? 3 : -3) * vibration + 0.1 * temperature;
      double[] labels = {wear, pressure > 5e4 ? 1 : 0, Math.floor(3 * vibration)};
      for (int t = 0; t < labels.length; t++) {
        if (random.nextInt(3) == 0) {
          labels[t] = Double.NaN;
        }
      }
      double[] features = {temperature, random.nextInt(10) == 0 ? Double.NaN : vibration, pressure};
      rows.add(new Row(1_700_000_000_000L + 1000L * i, features, labels));
    }
    return rows;
  }
}
