package dev.samgs.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.drift.Adwin;
import dev.samgs.learn.LearnerState;
import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.spec.Activation;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.OptimizerKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SamGs;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LearnerMetricsTest {
  private static final int SERIES = 16 + 2 * 17;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @Test
  void aScrapeShowsEveryNameWithItsType() {
    LearnerMetrics metrics = new LearnerMetrics(registry, 1000);
    metrics.register("line-1", new LearnerState(spec(LearningSpec.defaults()), 1));
    Map<String, String> expected = new TreeMap<>();
    for (String counter :
        List.of(
            "rows",
            "mini_batches",
            "updates",
            "refused_updates",
            "parameter_restores",
            "labels",
            "drift_alarms",
            "missing_labels",
            "label_shift_alarms",
            "feature_shift_alarms",
            "models_without_metrics")) {
      expected.put("samgs_" + counter + "_total", "counter");
    }
    for (String gauge :
        List.of(
            "loss",
            "baseline_loss",
            "gradient_norm",
            "score",
            "baseline_score",
            "label_delay_seconds",
            "label_stability_index",
            "gradient_weight",
            "gradient_lowest_cosine",
            "drift_statistic_ratio",
            "drifting",
            "feature_stability_index",
            "missing_features_ratio",
            "gradient_similarity_ratio",
            "drift_error_ratio",
            "version",
            "latest_event_timestamp_seconds",
            "lifetime_rows",
            "lifetime_updates",
            "lifetime_drift_alarms",
            "lifetime_labels")) {
      expected.put("samgs_" + gauge, "gauge");
    }
    assertThat(new Scrape(registry).types).isEqualTo(expected);
  }

  @Test
  void aScrapeKeepsTheNamingRulesOfPrometheus() {
    LearnerMetrics metrics = new LearnerMetrics(registry, 1000);
    metrics.register("line-1", new LearnerState(spec(LearningSpec.defaults()), 1));
    Scrape scrape = new Scrape(registry);
    assertThat(scrape.types).isNotEmpty();
    scrape.types.forEach(
        (name, type) -> {
          assertThat(name).matches("samgs(_[a-z0-9]+)+");
          assertThat(name.endsWith("_total")).as(name).isEqualTo(type.equals("counter"));
          // suffixes of histograms and summaries, names of types, and units that are not base units
          assertThat(name).doesNotMatch(".*_(count|sum|bucket|info)");
          assertThat(Set.of(name.split("_")))
              .doesNotContainAnyElementsOf(
                  Set.of(
                      "counter",
                      "gauge",
                      "histogram",
                      "summary",
                      "ms",
                      "millis",
                      "milliseconds",
                      "minutes",
                      "hours",
                      "percent",
                      "kb",
                      "mb"));
          assertThat(scrape.help).as("%s has a description", name).containsKey(name);
        });
    assertThat(scrape.labelNames).isSubsetOf("model", "task", "detector", "branch", "reason");
  }

  @Test
  void countersBeginAtZeroForEveryTaskAndBranch() {
    LearnerMetrics metrics = new LearnerMetrics(registry, 1000);
    metrics.register("line-1", new LearnerState(spec(LearningSpec.defaults()), 1));
    Scrape scrape = new Scrape(registry);
    for (String branch : List.of("equalised", "modulated", "plain")) {
      assertThat(scrape.value("samgs_updates_total", "branch", branch)).isZero();
    }
    for (String task : List.of("width", "scrap")) {
      assertThat(scrape.value("samgs_labels_total", "task", task)).isZero();
      assertThat(scrape.value("samgs_drift_alarms_total", "task", task)).isZero();
    }
    assertThat(scrape.value("samgs_models_without_metrics_total")).isZero();
    assertThat(scrape.value("samgs_loss", "task", "width")).isNaN();
    assertThat(scrape.value("samgs_version")).isEqualTo(1L << 32);
  }

  @Test
  void aScrapeAgreesWithTheLearnersOwnFigures() {
    LearnerMetrics metrics = new LearnerMetrics(registry, 1000);
    Stream stream = new Stream(spec(LearningSpec.defaults()), metrics);
    stream.rows(600, 0);
    stream.rows(600, 30);
    LearnerState state = stream.learner.state();
    Scrape scrape = new Scrape(registry);

    assertThat(scrape.value("samgs_rows_total")).isEqualTo(1200);
    assertThat(scrape.value("samgs_mini_batches_total")).isEqualTo(stream.miniBatches);
    assertThat(
            scrape.value("samgs_updates_total", "branch", "equalised")
                + scrape.value("samgs_updates_total", "branch", "modulated")
                + scrape.value("samgs_updates_total", "branch", "plain"))
        .isEqualTo(state.updates());
    assertThat(scrape.value("samgs_updates_total", "branch", "equalised"))
        .isEqualTo(state.equalisedUpdates());
    assertThat(scrape.value("samgs_updates_total", "branch", "modulated")).isPositive();
    assertThat(scrape.value("samgs_labels_total", "task", "width")).isEqualTo(1200);
    assertThat(scrape.value("samgs_labels_total", "task", "scrap")).isEqualTo(400);
    assertThat(scrape.value("samgs_loss", "task", "width")).isEqualTo(state.score(0).fadingLoss());
    assertThat(scrape.value("samgs_baseline_loss", "task", "scrap"))
        .isEqualTo(state.score(1).fadingBaselineLoss());
    assertThat(scrape.value("samgs_gradient_norm", "task", "width")).isPositive();
    assertThat(scrape.value("samgs_gradient_similarity_ratio")).isBetween(0.0, 1.0);
    assertThat(scrape.value("samgs_drift_error_ratio", "task", "width"))
        .isEqualTo(state.detector(0).mean());
    assertThat(scrape.value("samgs_latest_event_timestamp_seconds")).isEqualTo(1_700_001_199.5);
    assertThat(state.alarms()).as("the step of the labels is seen").isPositive();
    assertThat(
            scrape.value("samgs_drift_alarms_total", "task", "width")
                + scrape.value("samgs_drift_alarms_total", "task", "scrap"))
        .isEqualTo(state.alarms());
    assertThat(scrape.label("samgs_drift_alarms_total", "detector")).containsOnly("adwin");
  }

  @Test
  void afterARestartCountersBeginAgainAndLifetimeGaugesGoOn() {
    Stream before = new Stream(spec(LearningSpec.defaults()), new LearnerMetrics(registry, 1000));
    before.rows(320, 0);
    LearnerState restored = before.learner.state().copy();

    PrometheusMeterRegistry afterwards = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new LearnerMetrics(afterwards, 1000).register("line-1", restored);
    Scrape scrape = new Scrape(afterwards);
    assertThat(scrape.value("samgs_rows_total")).isZero();
    assertThat(scrape.value("samgs_labels_total", "task", "width")).isZero();
    assertThat(scrape.value("samgs_lifetime_rows")).isEqualTo(320);
    assertThat(scrape.value("samgs_lifetime_labels", "task", "width")).isEqualTo(320);
    assertThat(scrape.value("samgs_lifetime_updates")).isEqualTo(restored.updates());
    assertThat(scrape.value("samgs_loss", "task", "width"))
        .isEqualTo(restored.score(0).fadingLoss());
  }

  @Test
  void refusedStepsAndRestoredParametersAreCounted() {
    LearningSpec d = LearningSpec.defaults();
    LearningSpec absurd =
        new LearningSpec(
            32,
            8,
            0,
            0,
            OptimizerKind.SGD,
            1000,
            d.beta1(),
            d.beta2(),
            d.epsilon(),
            d.scaleWindow(),
            0,
            2,
            true,
            1);
    Stream stream = new Stream(spec(absurd), new LearnerMetrics(registry, 1000));
    stream.rows(320, 0);
    Scrape scrape = new Scrape(registry);
    assertThat(scrape.value("samgs_refused_updates_total"))
        .isPositive()
        .isEqualTo(stream.learner.state().refusedUpdates());
    assertThat(scrape.value("samgs_parameter_restores_total")).isPositive();
  }

  @Test
  void removingAModelTakesItsSeriesAndNoOthers() {
    LearnerMetrics metrics = new LearnerMetrics(registry, 1000);
    LearnerState state = new LearnerState(spec(LearningSpec.defaults()), 1);
    ModelMetrics first = metrics.register("line-1", state);
    metrics.register("line-2", state);
    assertThat(new Scrape(registry).label("samgs_rows_total", "model"))
        .containsExactlyInAnyOrder("line-1", "line-2");
    assertThat(new Scrape(registry).series("line-1")).isEqualTo(SERIES);
    first.close();
    first.close();
    assertThat(new Scrape(registry).series("line-1")).isZero();
    assertThat(new Scrape(registry).series("line-2")).isEqualTo(SERIES);
    metrics.close();
    assertThat(new Scrape(registry).types).isEmpty();
  }

  @Test
  void aModelThatChangedHandsIsNotRemovedByItsEarlierOwner() {
    LearnerMetrics metrics = new LearnerMetrics(registry, SERIES);
    LearnerState state = new LearnerState(spec(LearningSpec.defaults()), 1);
    ModelMetrics earlier = metrics.register("line-1", state);
    metrics.register("line-1", state);
    earlier.close();
    assertThat(new Scrape(registry).series("line-1")).isEqualTo(SERIES);
    assertThat(new Scrape(registry).value("samgs_models_without_metrics_total")).isZero();
  }

  @Test
  void modelsBeyondTheLimitTrainWithoutSeriesAndAreCounted() {
    LearnerMetrics metrics = new LearnerMetrics(registry, 2 * SERIES + 1);
    LearnerState state = new LearnerState(spec(LearningSpec.defaults()), 1);
    ModelMetrics first = metrics.register("line-1", state);
    metrics.register("line-2", state);
    Stream third = new Stream(spec(LearningSpec.defaults()), metrics, "line-3");
    third.rows(64, 0);
    third.metrics.close();
    Scrape scrape = new Scrape(registry);
    assertThat(scrape.series("line-3")).isZero();
    assertThat(scrape.series("line-1")).isEqualTo(SERIES);
    assertThat(scrape.value("samgs_models_without_metrics_total")).isEqualTo(1);

    first.close();
    metrics.register("line-3", state);
    assertThat(new Scrape(registry).series("line-3"))
        .as("room that became free is used")
        .isEqualTo(SERIES);
  }

  private static ModelSpec spec(LearningSpec learning) {
    return new ModelSpec(
        List.of("a", "b"),
        List.of(TaskSpec.regression("width"), TaskSpec.binary("scrap")),
        new NetworkSpec(List.of(8), Activation.RELU, List.of(), true),
        learning,
        SamGs.Settings.published(SamGs.Trigger.MEAN, SamGs.Scale.TASKS, 0.7, 0.9, 0.99, 1.0),
        Adwin.Settings.defaults());
  }

  /** A learner with its metrics on a synthetic stream; every third row has the label scrap. */
  private static final class Stream {
    final OnlineLearner learner;
    final ModelMetrics metrics;
    final SplittableRandom random = new SplittableRandom(7);
    int miniBatches;
    int seen;

    Stream(ModelSpec spec, LearnerMetrics all) {
      this(spec, all, "line-1");
    }

    Stream(ModelSpec spec, LearnerMetrics all, String model) {
      List<ModelMetrics> holder = new ArrayList<>();
      OnlineLearner[] self = new OnlineLearner[1];
      learner =
          new OnlineLearner(
              spec,
              report -> {
                miniBatches++;
                holder.get(0).update(report, self[0].state());
              });
      self[0] = learner;
      metrics = all.register(model, learner.state());
      holder.add(metrics);
    }

    void rows(int count, double shift) {
      RowBatch batch = new RowBatch(learner.state().spec());
      for (int r = 0; r < count; r++) {
        double a = random.nextGaussian();
        double b = random.nextGaussian();
        double width = 3 * a - b + shift + 0.1 * random.nextGaussian();
        double scrap = seen % 3 == 0 ? (a > 0 ? 1 : 0) : Double.NaN;
        batch.clear();
        batch.add(
            new Row(
                1_700_000_000_500L + 1000L * seen++,
                new double[] {a, b},
                new double[] {width, scrap}));
        learner.arrive(batch);
        learner.release(batch);
      }
      learner.finish();
    }
  }

  /** A scrape in Prometheus' text format, read line by line. */
  private static final class Scrape {
    private static final Pattern SAMPLE =
        Pattern.compile("([a-zA-Z0-9_:]+)(?:\\{(.*)\\})? ([^ ]+)");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\",?");

    final Map<String, String> types = new TreeMap<>();
    final Map<String, String> help = new TreeMap<>();
    final Set<String> labelNames = new LinkedHashSet<>();
    private final List<Sample> samples = new ArrayList<>();

    private record Sample(String name, Map<String, String> labels, double value) {}

    Scrape(PrometheusMeterRegistry registry) {
      for (String line : registry.scrape().split("\n")) {
        if (line.startsWith("# TYPE ")) {
          String[] words = line.split(" ");
          types.put(words[2], words[3]);
        } else if (line.startsWith("# HELP ")) {
          String[] words = line.split(" ", 4);
          help.put(words[2], words[3]);
        } else if (!line.isBlank()) {
          Matcher sample = SAMPLE.matcher(line);
          assertThat(sample.matches()).as(line).isTrue();
          Map<String, String> labels = new LinkedHashMap<>();
          Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
          while (label.find()) {
            labels.put(label.group(1), label.group(2));
          }
          labelNames.addAll(labels.keySet());
          samples.add(new Sample(sample.group(1), labels, Double.parseDouble(sample.group(3))));
        }
      }
    }

    double value(String name) {
      return only(samples.stream().filter(s -> s.name().equals(name)).toList());
    }

    double value(String name, String label, String value) {
      return only(
          samples.stream()
              .filter(s -> s.name().equals(name) && value.equals(s.labels().get(label)))
              .toList());
    }

    private static double only(List<Sample> found) {
      assertThat(found).hasSize(1);
      return found.get(0).value();
    }

    Set<String> label(String name, String label) {
      return samples.stream()
          .filter(s -> s.name().equals(name))
          .map(s -> s.labels().get(label))
          .collect(Collectors.toSet());
    }

    long series(String model) {
      return samples.stream().filter(s -> model.equals(s.labels().get("model"))).count();
    }
  }
}
