package dev.samgs.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  @Test
  void printsOneObjectPerFileWithTheFixedKeysInTheirOrder() throws Exception {
    Path one = stream("one.csv", 200, 1);
    Path two = stream("two.csv", 100, 2);

    CommandRun run = CommandRun.of("evaluate", "--data", one, two, "-o", "json");

    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(2);
    JsonNode json = JSON.readTree(lines.get(0));
    assertThat(keys(json))
        .containsExactly(
            "data",
            "rows",
            "rejected",
            "updates",
            "seconds",
            "rowsPerSecond",
            "labelBlock",
            "labelDelay",
            "lostLabels",
            "surgery",
            "tasks");
    assertThat(json.get("data").asText()).isEqualTo(one.toString());
    assertThat(json.get("rows").asLong()).isEqualTo(200);
    assertThat(json.get("rejected").asLong()).isZero();
    assertThat(json.get("labelBlock").asInt()).isEqualTo(32);
    assertThat(json.get("surgery").asText()).isEqualTo("sam-gs");
    assertThat(json.get("seconds").asDouble()).isPositive();
    assertThat(json.get("rowsPerSecond").asDouble())
        .isCloseTo(200 / json.get("seconds").asDouble(), within(1e-6));
    // 200 labelled rows: six full mini-batches and the rest, each with the same number of steps.
    assertThat(json.get("updates").asLong()).isPositive();
    assertThat(json.get("updates").asLong() % 7).isZero();
    assertThat(keys(json.get("tasks"))).containsExactly("width", "fault", "grade");
    assertThat(keys(json.at("/tasks/width")))
        .containsExactly("kind", "scored", "mae", "rmse", "baselineMae", "baselineRmse");
    assertThat(keys(json.at("/tasks/fault")))
        .containsExactly(
            "kind",
            "scored",
            "accuracy",
            "macroF1",
            "logLoss",
            "averagePrecision",
            "baselineAccuracy",
            "baselineMacroF1",
            "baselineLogLoss");
    assertThat(keys(json.at("/tasks/grade")))
        .containsExactly(
            "kind",
            "scored",
            "accuracy",
            "macroF1",
            "logLoss",
            "baselineAccuracy",
            "baselineMacroF1",
            "baselineLogLoss");
    assertThat(json.at("/tasks/width/kind").asText()).isEqualTo("regression");
    assertThat(json.at("/tasks/fault/kind").asText()).isEqualTo("binary");
    assertThat(json.at("/tasks/grade/kind").asText()).isEqualTo("multiclass");
    assertThat(json.at("/tasks/width/scored").asLong()).isEqualTo(168);
    assertThat(JSON.readTree(lines.get(1)).get("rows").asLong()).isEqualTo(100);
  }

  @Test
  void baselineFiguresAreThoseWorkedOutByHand() throws Exception {
    StringBuilder csv = new StringBuilder("ts,key,f_a,y_width,y_fault\n");
    for (int i = 0; i < 32; i++) {
      csv.append(i).append(",m,").append(i % 5).append(",10,").append(i < 24 ? 0 : 1).append('\n');
    }
    csv.append("32,m,1,20,1\n").append("33,m,2,10,0\n");
    Path file = Files.writeString(directory.resolve("hand.csv"), csv);

    JsonNode json = evaluate("--data", file, "--task", "width=regression");

    assertThat(json.get("rows").asLong()).isEqualTo(34);
    JsonNode width = json.at("/tasks/width");
    assertThat(width.get("scored").asLong()).isEqualTo(2);
    // Means so far: 10, then 340/33.
    assertThat(width.get("baselineMae").asDouble())
        .isCloseTo((10 + 340.0 / 33 - 10) / 2, within(1e-9));
    JsonNode fault = json.at("/tasks/fault");
    // Majority 0 both times: wrong, then right. Counts 24 and 8, then 24 and 9.
    assertThat(fault.get("baselineAccuracy").asDouble()).isEqualTo(0.5);
    assertThat(fault.get("baselineMacroF1").asDouble()).isCloseTo((2.0 / 3) / 2, within(1e-12));
    assertThat(fault.get("baselineLogLoss").asDouble())
        .isCloseTo(-(Math.log(9.0 / 34) + Math.log(25.0 / 35)) / 2, within(1e-9));
  }

  @Test
  void figuresOverNoLabelsAreNull() throws Exception {
    StringBuilder csv = new StringBuilder("ts,f_a,y_width,y_fault\n");
    for (int i = 0; i < 40; i++) {
      csv.append(i).append(",1,").append(i).append(".5,").append(i < 2 ? i : "").append('\n');
    }
    Path file = Files.writeString(directory.resolve("few.csv"), csv);

    JsonNode fault = evaluate("--data", file).at("/tasks/fault");

    assertThat(fault.get("kind").asText()).isEqualTo("binary");
    assertThat(fault.get("scored").asLong()).isZero();
    for (String figure : List.of("accuracy", "macroF1", "logLoss", "averagePrecision")) {
      assertThat(fault.get(figure).isNull()).as(figure).isTrue();
    }
    assertThat(fault.get("baselineLogLoss").isNull()).isTrue();
  }

  @Test
  void averagePrecisionWithoutAPositiveIsNull() throws Exception {
    StringBuilder csv = new StringBuilder("ts,f_a,y_fault\n");
    for (int i = 0; i < 40; i++) {
      csv.append(i).append(",1,").append(i == 0 ? 1 : 0).append('\n');
    }
    Path file = Files.writeString(directory.resolve("negative.csv"), csv);

    JsonNode fault = evaluate("--data", file).at("/tasks/fault");

    assertThat(fault.get("scored").asLong()).isEqualTo(8);
    assertThat(fault.get("averagePrecision").isNull()).isTrue();
    assertThat(fault.get("logLoss").isNumber()).isTrue();
  }

  @Test
  void refusedRowsAreCountedReportedAndKeepTheirPlace() throws Exception {
    Path good = stream("good.csv", 100, 3);
    List<String> lines = new ArrayList<>(Files.readAllLines(good));
    lines.set(5, lines.get(5).replaceFirst("^\\d+,m1,", "4,m1,oops"));
    Path file = Files.write(directory.resolve("bad.csv"), lines);

    CommandRun run = CommandRun.of("evaluate", "--data", file, "-o", "json");

    assertThat(run.exit()).isZero();
    JsonNode json = JSON.readTree(run.out());
    assertThat(json.get("rows").asLong()).isEqualTo(100);
    assertThat(json.get("rejected").asLong()).isEqualTo(1);
    assertThat(json.at("/tasks/width/scored").asLong()).isEqualTo(67);
    assertThat(run.err().lines()).singleElement().asString().contains("bad.csv:6: feature 'a'");
  }

  @Test
  void complaintsBeyondTheFirstFewAreOnlyCounted() throws Exception {
    StringBuilder csv = new StringBuilder("ts,f_a,y_width\n");
    for (int i = 0; i < 12; i++) {
      csv.append(i).append(",inf,1.5\n");
    }
    Path file = Files.writeString(directory.resolve("worse.csv"), csv + "12,1,2.5\n");

    CommandRun run = CommandRun.of("evaluate", "--data", file, "-o", "json");

    assertThat(JSON.readTree(run.out()).get("rejected").asLong()).isEqualTo(12);
    assertThat(run.err().lines()).hasSize(6).last().asString().contains("7 more");
  }

  @Test
  void theModelOfAConfigurationIsTakenInsteadOfTheInferredOne() throws Exception {
    Path file = stream("data.csv", 120, 4);
    Path model =
        Files.writeString(
            directory.resolve("model.yaml"),
            """
            name: test
            model:
              features: [b]
              tasks:
                - {name: grade, kind: multiclass, classes: 3}
              learning: {passes: 2}
              surgery: {method: sum}
            """);

    JsonNode json = evaluate("--data", file, "--model", model);
    assertThat(keys(json.get("tasks"))).containsExactly("grade");
    assertThat(json.get("surgery").asText()).isEqualTo("sum");
    assertThat(json.get("updates").asLong()).isEqualTo(2 * 4);

    assertThat(
            evaluate("--data", file, "--model", model, "--surgery", "sam-gs")
                .get("surgery")
                .asText())
        .isEqualTo("sam-gs");
  }

  @Test
  void theSeedDecidesTheFiguresAndNothingElseDoes() throws Exception {
    Path file = stream("data.csv", 120, 5);
    JsonNode tasks = evaluate("--data", file, "--seed", 7).get("tasks");
    assertThat(evaluate("--data", file, "--seed", 7).get("tasks")).isEqualTo(tasks);
    assertThat(evaluate("--data", file, "--seed", 8).get("tasks")).isNotEqualTo(tasks);
  }

  @Test
  void severalSeedsGiveTheMeanAndTheSpreadOfTheSingleRuns() throws Exception {
    Path file = stream("data.csv", 120, 8);
    double[] maes = new double[3];
    for (int i = 0; i < maes.length; i++) {
      maes[i] = evaluate("--data", file, "--seed", 4 + i).at("/tasks/width/mae").asDouble();
    }
    double mean = (maes[0] + maes[1] + maes[2]) / 3;
    double squares = 0;
    for (double mae : maes) {
      squares += (mae - mean) * (mae - mean);
    }

    JsonNode json = evaluate("--data", file, "--seed", 4, "--seeds", 3);

    assertThat(json.get("seeds").asInt()).isEqualTo(3);
    assertThat(json.get("updates").asLong())
        .isEqualTo(evaluate("--data", file).get("updates").asLong());
    JsonNode width = json.at("/tasks/width");
    assertThat(keys(width))
        .containsExactly(
            "kind",
            "scored",
            "mae",
            "rmse",
            "baselineMae",
            "baselineRmse",
            "deviation",
            "min",
            "max",
            "values");
    // Sums of three numbers may differ by the order of their terms: a few last places.
    assertThat(width.get("mae").asDouble()).isCloseTo(mean, within(1e-12));
    assertThat(width.at("/deviation/mae").asDouble())
        .isPositive()
        .isCloseTo(Math.sqrt(squares / 2), within(1e-12));
    assertThat(width.at("/min/mae").asDouble()).isEqualTo(Arrays.stream(maes).min().orElseThrow());
    assertThat(width.at("/max/mae").asDouble()).isEqualTo(Arrays.stream(maes).max().orElseThrow());
    for (int i = 0; i < maes.length; i++) {
      assertThat(width.at("/values/mae").get(i).asDouble()).isEqualTo(maes[i]);
    }
    assertThat(width.get("baselineMae"))
        .isEqualTo(evaluate("--data", file).at("/tasks/width/baselineMae"));
  }

  @Test
  void aPresetTakesThePlaceOfTheModelsLearning() throws Exception {
    Path file = stream("data.csv", 120, 9);
    assertThat(evaluate("--data", file, "--preset", "fast").get("updates").asLong()).isEqualTo(4);
    assertThat(evaluate("--data", file, "--preset", "thorough").get("updates").asLong())
        .isGreaterThan(evaluate("--data", file).get("updates").asLong());
  }

  @Test
  void aFileThatCannotBeReadFailsWithASentenceAlsoWithSeveralSeeds() throws Exception {
    Path file = Files.writeString(directory.resolve("bad.csv"), "ts,f_a\n1,2\n");
    CommandRun run = CommandRun.of("evaluate", "--data", file, "--seeds", 2);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err().lines()).singleElement().asString().contains("no label column");
    assertThat(CommandRun.of("evaluate", "--data", file, "--seeds", 0).exit()).isEqualTo(2);
  }

  @Test
  void theLabelBlockIsReportedAndHasAnEffect() throws Exception {
    Path file = stream("data.csv", 300, 6);
    JsonNode blocks = evaluate("--data", file, "--label-block", 128);
    assertThat(blocks.get("labelBlock").asInt()).isEqualTo(128);
    assertThat(blocks.at("/tasks/width/mae").asDouble())
        .isGreaterThan(evaluate("--data", file).at("/tasks/width/mae").asDouble());
  }

  @Test
  void lateLabelsAreReportedAndCostAccuracy() throws Exception {
    Path file = stream("data.csv", 600, 6);
    double atOnce = evaluate("--data", file).at("/tasks/width/mae").asDouble();

    JsonNode rows = evaluate("--data", file, "--label-delay", 200);
    assertThat(rows.get("labelDelay").isInt()).isTrue();
    assertThat(rows.get("labelDelay").asInt()).isEqualTo(200);
    assertThat(rows.get("lostLabels").asLong()).isZero();
    assertThat(rows.at("/tasks/width/scored").asLong()).isEqualTo(600 - 32);
    assertThat(rows.at("/tasks/width/mae").asDouble()).isGreaterThan(atOnce);

    // ts counts rows: two hundred seconds are two hundred rows.
    JsonNode time = evaluate("--data", file, "--label-delay", "3m20s", "--ts-unit", "s");
    assertThat(time.get("labelDelay").asText()).isEqualTo("3m20s");
    assertThat(time.get("tasks")).isEqualTo(rows.get("tasks"));

    CommandRun text = CommandRun.of("evaluate", "--data", file, "--label-delay", "96");
    assertThat(text.out()).contains("labels in blocks of 32, 96 rows late;");
  }

  @Test
  void aDelayInTimeNeedsTimes() throws Exception {
    Path file = stream("data.csv", 40, 6);
    CommandRun noUnit = CommandRun.of("evaluate", "--data", file, "--label-delay", "2h");
    assertThat(noUnit.exit()).isEqualTo(2);
    assertThat(noUnit.err()).contains("--ts-unit");

    Path untimed = directory.resolve("untimed.csv");
    Files.writeString(untimed, "f_a,y_b\n1,2.5\n");
    CommandRun noColumn =
        CommandRun.of("evaluate", "--data", untimed, "--label-delay", "2h", "--ts-unit", "s");
    assertThat(noColumn.exit()).isEqualTo(1);
    assertThat(noColumn.err()).contains("no ts column");
  }

  @Test
  void aSweepPrintsAnObjectForEachCombination() throws Exception {
    Path file = stream("data.csv", 120, 5);
    CommandRun run =
        CommandRun.of(
            "evaluate", "--data", file, "-o", "json", "--sweep", "passes=1,2", "trunk=[8],[4,4]");
    assertThat(run.exit()).as(run.err()).isZero();
    List<JsonNode> all = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      all.add(JSON.readTree(line));
    }
    assertThat(all).hasSize(4);
    assertThat(all.stream().map(json -> json.get("sweep").toString()))
        .containsExactly(
            "{\"passes\":1,\"trunk\":\"[8]\"}",
            "{\"passes\":1,\"trunk\":\"[4,4]\"}",
            "{\"passes\":2,\"trunk\":\"[8]\"}",
            "{\"passes\":2,\"trunk\":\"[4,4]\"}");
    assertThat(all.get(2).get("updates").asLong())
        .isEqualTo(2 * all.get(0).get("updates").asLong());

    // A combination is what a configuration with those settings gives.
    Path model = directory.resolve("model.yaml");
    Files.writeString(
        model,
        """
        name: test
        model:
          features: [a, b]
          tasks:
            - {name: width, kind: regression}
            - {name: fault, kind: binary}
            - {name: grade, kind: multiclass, classes: 3}
          learning: {passes: 2}
          network: {trunk: [8]}
        """);
    assertThat(evaluate("--data", file, "--model", model).get("tasks"))
        .isEqualTo(all.get(2).get("tasks"));
  }

  @Test
  void aSweepMarksTheBestOfEachTaskAndIsDrawnInTheReport() throws Exception {
    Path file = stream("data.csv", 200, 5);
    Path report = directory.resolve("made/report");
    CommandRun run =
        CommandRun.of(
            "evaluate",
            "--data",
            file,
            "--sweep",
            "gamma=0.1,0.9",
            "learning-rate=0.0001,0.003",
            "--report",
            report);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out().lines().filter(line -> line.contains("gamma="))).hasSize(4);
    assertThat(run.out()).contains("* ").contains("mean rank");
    assertThat(Files.readString(report.resolve("index.html")))
        .contains("Relative scores over gamma")
        .contains("Relative scores over learning-rate");
  }

  @Test
  void aSweepOfNoSettingIsBadUsage() throws Exception {
    Path file = stream("data.csv", 40, 5);
    CommandRun run = CommandRun.of("evaluate", "--data", file, "--sweep", "gama=0.1,0.2");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("no setting 'gama'; did you mean 'gamma'?");
  }

  @Test
  void textShowsEveryTaskAgainstItsBaseline() throws Exception {
    Path file = stream("data.csv", 400, 7);

    CommandRun run = CommandRun.of("evaluate", "--data", file);

    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains("data.csv: 400 rows")
        .contains("learner")
        .doesNotContain("\u001b");
    for (String task : List.of("width", "fault", "grade")) {
      assertThat(run.out().lines().filter(line -> line.contains(" " + task + " ")))
          .singleElement()
          .asString()
          .contains("better");
    }
  }

  private static JsonNode evaluate(Object... options) throws Exception {
    List<Object> args = new ArrayList<>(List.of("evaluate", "-o", "json"));
    args.addAll(List.of(options));
    CommandRun run = CommandRun.of(args.toArray());
    assertThat(run.exit()).as(run.err()).isZero();
    return JSON.readTree(run.out());
  }

  private static List<String> keys(JsonNode object) {
    List<String> keys = new ArrayList<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /** A stream whose three labels follow from its two features. */
  private Path stream(String name, int rows, long seed) throws Exception {
    Random random = new Random(seed);
    StringBuilder csv = new StringBuilder("ts,key,f_a,f_b,y_width,y_fault,y_grade\n");
    for (int i = 0; i < rows; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      csv.append(i).append(",m1,").append(a).append(',').append(b).append(',');
      csv.append(3 * a - b).append(',').append(a + b > 0.5 ? 1 : 0).append(',');
      csv.append(a > 0.5 ? 2 : b > 0 ? 1 : 0).append('\n');
    }
    return Files.writeString(directory.resolve(name), csv);
  }
}
