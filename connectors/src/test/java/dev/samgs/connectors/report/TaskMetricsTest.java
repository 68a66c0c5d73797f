package dev.samgs.connectors.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.DriftAlarm.MovedFeature;
import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The JSON of the reports: what dashboards and other tools read. */
public class TaskMetricsTest {
  /** Metrics of a binary task, most figures present. */
  public static final TaskMetrics METRICS =
      new TaskMetrics(
          "line-1",
          "scrap",
          "binary",
          4_294_967_301L,
          40,
          1280,
          1_767_225_600_000L,
          1100,
          180,
          500,
          0.25,
          0.5,
          0.92,
          0.6,
          0.2,
          0.45,
          0.94,
          0.58,
          1068,
          Double.NaN,
          Double.NaN,
          0.9,
          0.8,
          0.3,
          0.7,
          Double.NaN,
          Double.NaN,
          0.6,
          0.4,
          0.6,
          1.5e-3,
          0.5,
          List.of(new TaskMetrics.Similarity("width", 0.75, -0.25)),
          Double.NaN,
          0.125,
          "adwin",
          0.75,
          TaskMetrics.STABLE,
          null,
          0.1,
          1,
          0.01,
          0.02,
          0.03,
          List.of(new MovedFeature("torque", 0.02, 0)),
          2,
          0,
          new TaskMetrics.Gate("worse", "on the last 64 labels", false, 2, 1));

  /** An alarm of a risen error. */
  public static final DriftAlarmRecord ALARM =
      new DriftAlarmRecord(
          "line-1",
          "error",
          "width",
          "adwin",
          9,
          77,
          60,
          0.1,
          0.30000000000000004,
          40,
          List.of(new MovedFeature("torque", 1.5, 0.25)));

  @Test
  void hasStableKeysAndNullWhereAFigureDoesNotApply() {
    assertThat(new String(METRICS.toJson(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"model\":\"line-1\",\"task\":\"scrap\",\"kind\":\"binary\",\"version\":4294967301,"
                + "\"update\":40,\"rows\":1280,\"watermark\":1767225600000,\"labels\":1100,"
                + "\"missingLabels\":180,\"labelDelay\":500.0,\"loss\":0.25,\"baselineLoss\":0.5,"
                + "\"score\":0.92,\"baselineScore\":0.6,\"windowedLoss\":0.2,"
                + "\"windowedBaselineLoss\":0.45,\"windowedScore\":0.94,"
                + "\"windowedBaselineScore\":0.58,\"scored\":1068,\"mae\":null,\"rmse\":null,"
                + "\"accuracy\":0.9,\"macroF1\":0.8,\"logLoss\":0.3,\"averagePrecision\":0.7,"
                + "\"baselineMae\":null,\"baselineRmse\":null,\"baselineAccuracy\":0.6,"
                + "\"baselineMacroF1\":0.4,\"baselineLogLoss\":0.6,\"gradientNorm\":0.0015,"
                + "\"effectiveWeight\":0.5,\"similarities\":[{\"task\":\"width\",\"magnitude\":0.75,"
                + "\"cosine\":-0.25}],\"meanSimilarity\":null,\"equalisedShare\":0.125,"
                + "\"driftDetector\":\"adwin\",\"driftStatistic\":0.75,\"driftState\":\"stable\","
                + "\"driftBegan\":null,\"driftError\":0.1,\"taskAlarms\":1,\"labelShift\":0.01,"
                + "\"featureShift\":0.02,\"missingFeatures\":0.03,\"movedFeatures\":[{\"feature\":"
                + "\"torque\",\"stabilityIndex\":0.02,\"missingRatio\":0.0}],\"alarms\":2,\"refusedUpdates\":0,"
                + "\"gate\":{\"verdict\":\"worse\",\"reason\":\"on the last 64 labels\","
                + "\"pinned\":false,\"withheld\":2,\"rollbacks\":1}}");
  }

  @Test
  void isReadBackAsItWas() throws IOException {
    assertThat(TaskMetrics.fromJson(METRICS.toJson())).isEqualTo(METRICS);
  }

  @Test
  void aReaderPassesOverKeysOfLaterVersionsAndMissesThoseOfEarlierOnes() throws IOException {
    TaskMetrics read =
        TaskMetrics.fromJson(
            "{\"model\":\"m\",\"later\":[1],\"mae\":2}".getBytes(StandardCharsets.UTF_8));
    assertThat(read.model()).isEqualTo("m");
    assertThat(read.mae()).isEqualTo(2);
    assertThat(read.rmse()).isNaN();
  }

  @Test
  void alarmsAreReadBackAsTheyWere() throws IOException {
    DriftAlarmRecord alarm = ALARM;
    assertThat(new String(alarm.toJson(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"model\":\"line-1\",\"kind\":\"error\",\"task\":\"width\",\"detector\":\"adwin\","
                + "\"update\":9,\"timestamp\":77,\"began\":60,\"before\":0.1,"
                + "\"after\":0.30000000000000004,\"values\":40,\"moved\":[{\"feature\":\"torque\","
                + "\"stabilityIndex\":1.5,\"missingRatio\":0.25}]}");
    assertThat(DriftAlarmRecord.fromJson(alarm.toJson())).isEqualTo(alarm);
  }

  @Test
  void figuresOfALearnerComeFromItsScores() {
    ModelSpec spec =
        new ModelSpec(
            List.of("a"),
            List.of(TaskSpec.regression("y"), TaskSpec.multiclass("c", 3)),
            NetworkSpec.defaults(),
            LearningSpec.defaults(),
            SurgeryMethod.all().get(0).defaults(),
            DetectorMethod.all().get(0).defaults());
    List<TaskMetrics> reported = new ArrayList<>();
    OnlineLearner[] learner = new OnlineLearner[1];
    learner[0] =
        new OnlineLearner(
            spec,
            report -> {
              reported.clear();
              reported.add(TaskMetrics.of("m", learner[0].state(), report, 0));
              reported.add(TaskMetrics.of("m", learner[0].state(), report, 1));
            });
    RowBatch rows = new RowBatch(spec);
    for (int r = 0; r < 96; r++) {
      rows.add(new Row(r, new double[] {r % 7}, new double[] {3.0 * (r % 7), r % 3}));
    }
    learner[0].arrive(rows);
    learner[0].release(rows);

    assertThat(reported).hasSize(2);
    TaskMetrics regression = reported.get(0);
    assertThat(regression.kind()).isEqualTo("regression");
    assertThat(regression.rows()).isEqualTo(96);
    assertThat(regression.watermark()).isEqualTo(95);
    assertThat(regression.labels()).isEqualTo(96);
    assertThat(regression.scored()).isEqualTo(64);
    assertThat(regression.mae()).isEqualTo(learner[0].state().score(0).meanAbsoluteError());
    assertThat(regression.accuracy()).isNaN();
    TaskMetrics classes = reported.get(1);
    assertThat(classes.kind()).isEqualTo("multiclass");
    assertThat(classes.mae()).isNaN();
    assertThat(classes.baselineLogLoss()).isEqualTo(learner[0].state().score(1).baselineLogLoss());
    assertThat(classes.averagePrecision()).isNaN();
    assertThat(classes.equalisedShare()).isBetween(0.0, 1.0);
    assertThat(regression.score()).isEqualTo(learner[0].state().score(0).fadingScore());
    assertThat(regression.baselineScore()).isZero();
    assertThat(regression.similarities())
        .extracting(TaskMetrics.Similarity::task)
        .containsExactly("c");
    assertThat(regression.similarities().get(0).cosine())
        .isEqualTo(classes.similarities().get(0).cosine());
  }
}
