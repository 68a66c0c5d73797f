package dev.samgs.deploy.evaluate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.deploy.evaluate.TaskFigures.PrimaryScore;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Several gradient surgery methods, or settings, on the same stream, judged by the tasks' primary
 * scores, which are means over the seeds.
 *
 * <p>A method's <em>relative score</em> of a task is 1 where it is the best of the methods and
 * falls with its distance from the best: best error over own error, or own accuracy over best
 * accuracy. Its <em>worst task</em> is the smallest of these. Its <em>mean rank</em> is over the
 * tasks, equal scores sharing the mean of their ranks.
 */
public final class Comparison {
  /**
   * What one method reached.
   *
   * @param method name of the method
   * @param runs figures of each task, one for each seed
   * @param equalisedShare share of optimiser steps that equalised the gradients
   * @param microsPerStep time of the whole run per optimiser step
   */
  public record Entry(
      String method,
      Map<String, List<TaskFigures>> runs,
      double equalisedShare,
      double microsPerStep) {

    /** Means of a task's figures over the seeds. */
    public TaskFigures mean(String task) {
      return TaskFigures.mean(runs.get(task));
    }
  }

  private final List<Entry> entries;
  private final List<String> tasks;

  /**
   * @param entries one for each method, all over the same tasks
   */
  public Comparison(List<Entry> entries) {
    this.entries = List.copyOf(entries);
    this.tasks =
        entries.get(0).runs().keySet().stream()
            .filter(task -> entries.get(0).mean(task).scored() > 0)
            .toList();
  }

  /** The methods, in the order they were given. */
  public List<Entry> entries() {
    return entries;
  }

  /** Tasks with at least one scored label. */
  public List<String> tasks() {
    return tasks;
  }

  /** The smallest relative score of a method over the tasks; NaN without tasks. */
  public double worstTask(Entry entry) {
    return tasks.stream().mapToDouble(task -> relative(entry, task)).min().orElse(Double.NaN);
  }

  /** A method's relative score of a task: 1 where it is the best. */
  public double relative(Entry entry, String task) {
    double own = entry.mean(task).primary();
    double best = own;
    for (Entry other : entries) {
      double score = other.mean(task).primary();
      best = higherIsBetter(task) ? Math.max(best, score) : Math.min(best, score);
    }
    if (own == best) {
      return 1;
    }
    return higherIsBetter(task) ? own / best : best / own;
  }

  /** The entry with the lowest mean rank; the first of equals. */
  public Entry best() {
    return entries.stream().min(Comparator.comparingDouble(this::meanRank)).orElseThrow();
  }

  /** Mean over the tasks of a method's rank, 1 for the best; NaN without tasks. */
  public double meanRank(Entry entry) {
    return tasks.stream().mapToDouble(task -> rank(entry, task)).average().orElse(Double.NaN);
  }

  private double rank(Entry entry, String task) {
    double own = entry.mean(task).primary();
    int better = 0;
    int equal = 0;
    for (Entry other : entries) {
      double score = other.mean(task).primary();
      if (score == own) {
        equal++;
      } else if (score > own == higherIsBetter(task)) {
        better++;
      }
    }
    return 1 + better + (equal - 1) / 2.0;
  }

  private boolean higherIsBetter(String task) {
    return entries.get(0).mean(task).primaryScore() == PrimaryScore.ACCURACY;
  }

  /** As JSON: an object for each method, under its name. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (Entry entry : entries) {
      ObjectNode method = json.putObject(entry.method());
      put(method, "worstTask", worstTask(entry));
      put(method, "meanRank", meanRank(entry));
      put(method, "equalisedShare", entry.equalisedShare());
      put(method, "microsPerStep", entry.microsPerStep());
      ObjectNode figures = method.putObject("tasks");
      entry.runs().forEach((task, runs) -> figures.set(task, TaskFigures.toJson(runs)));
    }
    return json;
  }

  private static void put(ObjectNode json, String key, double value) {
    if (Double.isFinite(value)) {
      json.put(key, value);
    } else {
      json.putNull(key);
    }
  }
}
