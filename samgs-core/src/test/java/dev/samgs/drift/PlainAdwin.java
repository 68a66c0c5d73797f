package dev.samgs.drift;

import java.util.ArrayList;
import java.util.List;

/**
 * ADWIN by its definition, with every value of the window kept and every mean and variance computed
 * afresh from them. Buckets are lists of values; the rest is the definition.
 */
final class PlainAdwin {
  private static final int MAX_BUCKETS = 5;
  private static final int SMALLEST_SIDE = 5;

  private final Adwin.Settings settings;

  /** Oldest first. */
  private final List<List<Double>> buckets = new ArrayList<>();

  private long seen;

  PlainAdwin(Adwin.Settings settings) {
    this.settings = settings;
  }

  boolean add(double value) {
    seen++;
    buckets.add(new ArrayList<>(List.of(value)));
    for (int size = 1; sized(size).size() > MAX_BUCKETS; size *= 2) {
      List<List<Double>> row = sized(size);
      row.get(0).addAll(row.get(1));
      buckets.remove(index(row.get(1)));
    }
    if (seen % settings.checkEvery() == 0) {
      for (int direction = cut(); direction != 0; direction = cut()) {
        if (direction > 0 && seen > settings.warmUp()) {
          buckets.subList(0, likeliestChange()).clear();
          return true;
        }
        buckets.remove(0);
      }
    }
    return false;
  }

  /** How many buckets lie before the rise with the most standard errors. */
  private int likeliestChange() {
    List<Double> window = window();
    double n = window.size();
    double largest = 0;
    int likeliest = 0;
    int border = 0;
    for (int b = 0; b < buckets.size(); b++) {
      border += buckets.get(b).size();
      if (border >= SMALLEST_SIDE && n - border >= SMALLEST_SIDE) {
        double rise = mean(window.subList(border, window.size())) - mean(window.subList(0, border));
        double standardised = rise / Math.sqrt(1.0 / border + 1 / (n - border));
        if (standardised > largest) {
          largest = standardised;
          likeliest = b + 1;
        }
      }
    }
    return likeliest;
  }

  private List<List<Double>> sized(int size) {
    return buckets.stream().filter(bucket -> bucket.size() == size).toList();
  }

  /** By identity: two buckets may hold equal values. */
  private int index(List<Double> bucket) {
    for (int i = 0; i < buckets.size(); i++) {
      if (buckets.get(i) == bucket) {
        return i;
      }
    }
    throw new IllegalStateException();
  }

  /** 1 or −1 if the first cut with different means, oldest first, is a rise or a fall; else 0. */
  private int cut() {
    List<Double> window = window();
    double n = window.size();
    double mean = mean(window);
    double variance = window.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum() / n;
    int border = 0;
    for (List<Double> bucket : buckets) {
      border += bucket.size();
      if (border >= SMALLEST_SIDE && n - border >= SMALLEST_SIDE) {
        double difference =
            mean(window.subList(border, window.size())) - mean(window.subList(0, border));
        double inverseM = 1.0 / border + 1 / (n - border);
        double logarithm = Math.log(2 / (settings.delta() / Math.log(n)));
        double epsilon =
            Math.sqrt(2 * inverseM * variance * logarithm) + 2 / 3.0 * inverseM * logarithm;
        if (Math.abs(difference) > epsilon) {
          return difference > 0 ? 1 : -1;
        }
      }
    }
    return 0;
  }

  double mean() {
    return mean(window());
  }

  private List<Double> window() {
    List<Double> window = new ArrayList<>();
    buckets.forEach(window::addAll);
    return window;
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sum() / values.size();
  }
}
