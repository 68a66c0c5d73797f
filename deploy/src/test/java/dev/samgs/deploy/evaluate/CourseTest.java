package dev.samgs.deploy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.samgs.deploy.evaluate.TaskFigures.PrimaryScore;
import dev.samgs.job.config.JobConfiguration;
import dev.samgs.learn.Row;
import dev.samgs.spec.ModelSpec;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CourseTest {
  @Test
  void theCurvesOfAWholeStreamMeanWhatTheFiguresSay() throws Exception {
    ModelSpec spec = spec();
    Evaluation evaluation = new Evaluation(spec, 32, LabelDelay.NONE);
    evaluation.follow();
    stream(evaluation, 3000);

    Course course = evaluation.course();
    TaskFigures width = evaluation.figures().get("width");
    TaskFigures fault = evaluation.figures().get("fault");
    assertThat(whole(course, course.scoreChannel(0, PrimaryScore.MAE, false)))
        .isCloseTo(width.mae(), within(1e-9));
    assertThat(whole(course, course.scoreChannel(0, PrimaryScore.MAE, true)))
        .isCloseTo(width.baselineMae(), within(1e-9));
    assertThat(whole(course, course.scoreChannel(1, PrimaryScore.ACCURACY, false)))
        .isCloseTo(fault.accuracy(), within(1e-9));
    assertThat(whole(course, course.scoreChannel(1, PrimaryScore.LOG_LOSS, false)))
        .isCloseTo(fault.logLoss(), within(1e-9));
    assertThat(whole(course, course.scoreChannel(1, PrimaryScore.LOG_LOSS, true)))
        .isCloseTo(fault.baselineLogLoss(), within(1e-9));
    assertThat(whole(course, course.equalisedChannel()))
        .isCloseTo((double) evaluation.equalisedUpdates() / evaluation.updates(), within(1e-9));
    assertThat(course.magnitude(0, 1)).isEqualTo(course.magnitude(1, 0)).isBetween(0.0, 1.0);
    assertThat(course.cosine(0, 1)).isEqualTo(course.cosine(1, 0)).isBetween(-1.0, 1.0);
  }

  @Test
  void followingChangesNoFigure() throws Exception {
    Evaluation followed = new Evaluation(spec(), 32, LabelDelay.NONE);
    followed.follow();
    Evaluation alone = new Evaluation(spec(), 32, LabelDelay.NONE);
    stream(followed, 500);
    stream(alone, 500);
    assertThat(followed.figures()).isEqualTo(alone.figures());
    assertThat(alone.course()).isNull();
  }

  @Test
  void alarmsStandAtTheRowThatRaisedThemAndAreBounded() throws Exception {
    Evaluation evaluation = new Evaluation(spec(), 32, LabelDelay.NONE);
    evaluation.follow();
    stream(evaluation, 3000);
    Course course = evaluation.course();
    assertThat(course.alarmCount()).isPositive().isEqualTo(course.alarms().size());
    // The label turns round at row 1,500.
    assertThat(course.alarms())
        .anySatisfy(alarm -> assertThat(alarm.row()).isBetween(1500L, 1700L));
  }

  private static double whole(Course course, int channel) {
    return course.series().mean(channel, 0, course.series().size() - 1);
  }

  private static void stream(Evaluation evaluation, int rows) {
    Random random = new Random(5);
    for (int i = 0; i < rows; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      double width = i < rows / 2 ? 3 * a - b : 40 - 9 * a;
      evaluation.add(new Row(i, new double[] {a, b}, new double[] {width, a + b > 0.5 ? 1 : 0}));
    }
    evaluation.finish();
  }

  private static ModelSpec spec() throws Exception {
    return JobConfiguration.parse(
            "model.yaml",
            """
            name: test
            model:
              features: [a, b]
              tasks:
                - {name: width, kind: regression}
                - {name: fault, kind: binary}
              network: {trunk: [8]}
            """)
        .model();
  }
}
