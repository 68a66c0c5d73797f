package dev.samgs.connectors.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.samgs.drift.DetectorMethod;
import dev.samgs.learn.OnlineLearner;
import dev.samgs.learn.Row;
import dev.samgs.learn.RowBatch;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The published schemas, held against what a learner on a drifting stream really reports. */
class SchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 6000;

  private final List<byte[]> metrics = new ArrayList<>();
  private final List<byte[]> alarms = new ArrayList<>();

  SchemaTest() {
    ModelSpec spec =
        new ModelSpec(
            List.of("a", "b"),
            List.of(
                TaskSpec.regression("y"), TaskSpec.binary("bad"), TaskSpec.multiclass("kind", 3)),
            NetworkSpec.defaults(),
            LearningSpec.defaults(),
            SurgeryMethod.all().get(0).defaults(),
            DetectorMethod.all().get(0).defaults());
    OnlineLearner[] learner = new OnlineLearner[1];
    learner[0] =
        new OnlineLearner(
            spec,
            report -> {
              for (int t = 0; t < 3; t++) {
                metrics.add(TaskMetrics.of("m", learner[0].state(), report, t).toJson());
              }
              report.alarms().forEach(a -> alarms.add(DriftAlarmRecord.of("m", a).toJson()));
            });
    Random random = new Random(3);
    for (int r = 0; r < ROWS; r++) {
      boolean drifted = r >= ROWS / 2;
      double a = random.nextGaussian() + (drifted ? 3 : 0);
      double b = r % 9 == 0 ? Double.NaN : random.nextGaussian();
      double sign = drifted ? -1 : 1;
      double[] labels = {
        r % 3 == 0 ? Double.NaN : 5 * sign * a + (drifted ? 40 : 0),
        sign * a > 0 ? 1 : 0,
        drifted ? 2 : random.nextInt(2)
      };
      RowBatch row = new RowBatch(spec);
      row.add(new Row(1000L * r, new double[] {a, b}, labels));
      learner[0].arrive(row);
      learner[0].release(row);
    }
  }

  @Test
  void everyRecordOfALearnerIsValid() throws IOException {
    assertThat(metrics).hasSizeGreaterThan(500);
    Schema schema = schema("task-metrics");
    for (byte[] record : metrics) {
      assertThat(schema.validate(JSON.readTree(record))).isEmpty();
    }
  }

  @Test
  void everyAlarmOfALearnerIsValidAndAllKindsOccur() throws IOException {
    Schema schema = schema("drift-alarms");
    for (byte[] record : alarms) {
      assertThat(schema.validate(JSON.readTree(record))).isEmpty();
    }
    assertThat(alarms)
        .extracting(record -> DriftAlarmRecord.fromJson(record).kind())
        .contains("error", "labels", "features");
  }

  @Test
  void anAlarmSaysWhenTheChangeBeganAndWhichFeatureMoved() throws IOException {
    DriftAlarmRecord first =
        DriftAlarmRecord.fromJson(
            alarms.stream()
                .filter(record -> new String(record, StandardCharsets.UTF_8).contains("\"error\""))
                .findFirst()
                .orElseThrow());
    assertThat(first.began()).isBetween(1000L * (ROWS / 2 - 60), 1000L * (ROWS / 2 + 60));
    assertThat(first.moved().get(0).feature()).isEqualTo("a");
    assertThat(first.after()).isGreaterThan(first.before());
  }

  @Test
  void theSchemasNameEveryKeyAndRequireIt() throws IOException {
    for (Class<?> type : List.of(TaskMetrics.class, DriftAlarmRecord.class)) {
      JsonNode schema =
          JSON.readTree(text(type == TaskMetrics.class ? "task-metrics" : "drift-alarms"));
      List<String> keys =
          Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
      List<String> described = new ArrayList<>();
      schema.get("properties").fieldNames().forEachRemaining(described::add);
      assertThat(described).containsExactlyElementsOf(keys);
      List<String> required = new ArrayList<>();
      schema.get("required").forEach(key -> required.add(key.asText()));
      assertThat(required).containsExactlyElementsOf(keys);
    }
  }

  @Test
  void aRecordThatIsNotOneIsRefused() throws IOException {
    JsonNode record = JSON.readTree(metrics.get(0));
    ((ObjectNode) record).put("driftState", "perhaps");
    assertThat(schema("task-metrics").validate(record)).hasSize(1);
  }

  private static Schema schema(String name) throws IOException {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(new String(text(name), StandardCharsets.UTF_8));
  }

  private static byte[] text(String name) throws IOException {
    try (InputStream in = TaskMetrics.class.getResourceAsStream(name + ".schema.json")) {
      return in.readAllBytes();
    }
  }
}
