package dev.samgs.deploy.predict;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.snapshot.PublishedSpec;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.predict.GraphScorer;
import dev.samgs.predict.Scorer;
import dev.samgs.snapshot.ModelSnapshot;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.SnapshotFormatException;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Two snapshots, or two scorers of one, side by side. */
public final class SnapshotComparison {
  private static final int ROWS = 256;
  private static final long SEED = 1;

  /**
   * How far two evaluations in float may lie apart, as a share of what the outputs span: two
   * scorers add the same numbers in another order, and rounding grows with the width of the
   * network.
   */
  private static final double SCORER_TOLERANCE = 1e-3;

  private SnapshotComparison() {}

  /**
   * What is wrong with a snapshot whose record is sound: a sentence, or null if the built-in scorer
   * and ONNX Runtime load it and predict alike.
   */
  public static String flaw(SnapshotRecord snapshot) {
    try (Scorer builtIn = GraphScorer.load(snapshot.onnx());
        Scorer onnxRuntime = OnnxRuntimeScorer.load(snapshot.onnx())) {
      ModelSpec spec = PublishedSpec.of(snapshot.onnx());
      double[] rows = rows(snapshot, spec);
      double[] expected = predictions(onnxRuntime, rows);
      double[] actual = predictions(builtIn, rows);
      for (int c = 0; c < builtIn.columns(); c++) {
        double span = 0;
        double difference = 0;
        for (int i = c; i < expected.length; i += builtIn.columns()) {
          if (!Double.isFinite(expected[i])) {
            return "it predicts " + expected[i];
          }
          span = Math.max(span, Math.abs(expected[i]));
          difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        if (!(difference <= SCORER_TOLERANCE * Math.max(1, span))) {
          return "the built-in scorer and ONNX Runtime differ by " + difference;
        }
      }
      return null;
    } catch (IllegalArgumentException | SnapshotFormatException e) {
      return e.getMessage();
    }
  }

  /**
   * Compares two snapshots.
   *
   * @return {@code a} and {@code b} with model and version, {@code updates} between them, {@code
   *     features} and {@code tasks} with those removed and added, {@code parameterChange}, the norm
   *     of the difference as a share of a's norm, null where the networks differ, {@code scores} of
   *     each task, and {@code predictions}: mean and largest absolute difference of each task that
   *     both have, over random rows around a's feature means
   * @throws SnapshotFormatException if one cannot be read
   */
  public static ObjectNode of(SnapshotRecord a, SnapshotRecord b) throws SnapshotFormatException {
    ModelSpec specA = PublishedSpec.of(a.onnx());
    ModelSpec specB = PublishedSpec.of(b.onnx());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode provenanceA = PredictionJson.provenance(a.headers());
    ObjectNode provenanceB = PredictionJson.provenance(b.headers());
    json.set("a", name(a));
    json.set("b", name(b));
    json.put("updates", provenanceB.path("update").asLong() - provenanceA.path("update").asLong());
    json.set("features", changes(specA.features(), specB.features()));
    json.set("tasks", changes(names(specA), names(specB)));
    json.put("parameterChange", parameterChange(a, b));
    ObjectNode scores = json.putObject("scores");
    for (String task : names(specB)) {
      ObjectNode score = scores.putObject(task);
      score.set("a", loss(provenanceA, task));
      score.set("b", loss(provenanceB, task));
    }
    json.set("predictions", predictionDifferences(a, specA, b, specB));
    return json;
  }

  private static ObjectNode name(SnapshotRecord snapshot) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("model", snapshot.model())
        .put("version", snapshot.version());
  }

  private static JsonNode loss(ObjectNode provenance, String task) {
    JsonNode loss = provenance.path("scores").path(task).path("loss");
    return loss.isNumber() ? loss : JsonNodeFactory.instance.nullNode();
  }

  private static List<String> names(ModelSpec spec) {
    return spec.tasks().stream().map(TaskSpec::name).toList();
  }

  private static ObjectNode changes(List<String> before, List<String> after) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    var removed = json.putArray("removed");
    before.stream().filter(name -> !after.contains(name)).forEach(removed::add);
    var added = json.putArray("added");
    after.stream().filter(name -> !before.contains(name)).forEach(added::add);
    return json;
  }

  private static Double parameterChange(SnapshotRecord a, SnapshotRecord b) {
    ModelSnapshot before = decoded(a);
    ModelSnapshot after = decoded(b);
    if (before == null
        || after == null
        || before.parameters().length != after.parameters().length) {
      return null;
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < before.parameters().length; i++) {
      double p = before.parameters()[i];
      difference += (after.parameters()[i] - p) * (after.parameters()[i] - p);
      norm += p * p;
    }
    return norm == 0 ? null : Math.sqrt(difference / norm);
  }

  /** Null for a snapshot of format 1, whose graph does not say the shape of its network. */
  private static ModelSnapshot decoded(SnapshotRecord snapshot) {
    try {
      return OnnxDecoder.decode(snapshot.onnx());
    } catch (SnapshotFormatException e) {
      return null;
    }
  }

  private static ObjectNode predictionDifferences(
      SnapshotRecord a, ModelSpec specA, SnapshotRecord b, ModelSpec specB) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    double[] rows = rows(a, specA);
    try (Scorer before = GraphScorer.load(a.onnx());
        Scorer after = GraphScorer.load(b.onnx())) {
      double[] ofA = predictions(before, rows);
      double[] ofB = predictions(after, reordered(rows, specA.features(), specB.features()));
      for (int t = 0; t < specA.tasks().size(); t++) {
        TaskSpec task = specA.tasks().get(t);
        int u = names(specB).indexOf(task.name());
        if (u < 0 || specB.tasks().get(u).outputs() != task.outputs()) {
          continue;
        }
        double sum = 0;
        double largest = 0;
        for (int r = 0; r < ROWS; r++) {
          for (int o = 0; o < task.outputs(); o++) {
            double difference =
                Math.abs(
                    ofA[r * before.columns() + specA.outputOffset(t) + o]
                        - ofB[r * after.columns() + specB.outputOffset(u) + o]);
            sum += difference;
            largest = Math.max(largest, difference);
          }
        }
        json.putObject(task.name())
            .put("mean", sum / (ROWS * task.outputs()))
            .put("largest", largest);
      }
    }
    return json;
  }

  /** The rows with the columns of other features, by name; what is not there is missing. */
  private static double[] reordered(double[] rows, List<String> from, List<String> to) {
    double[] other = new double[ROWS * to.size()];
    Arrays.fill(other, Double.NaN);
    for (int f = 0; f < to.size(); f++) {
      int column = from.indexOf(to.get(f));
      for (int r = 0; r < ROWS && column >= 0; r++) {
        other[r * to.size() + f] = rows[r * from.size() + column];
      }
    }
    return other;
  }

  /** Random rows around the means that the snapshot has learned, one value in ten missing. */
  private static double[] rows(SnapshotRecord snapshot, ModelSpec spec) {
    ModelSnapshot decoded = decoded(snapshot);
    int features = spec.features().size();
    SplittableRandom random = new SplittableRandom(SEED);
    double[] rows = new double[ROWS * features];
    for (int i = 0; i < rows.length; i++) {
      int f = i % features;
      double mean = decoded == null ? 0 : decoded.featureMeans()[f];
      double deviation = decoded == null ? 1 : decoded.featureDeviations()[f];
      rows[i] = random.nextInt(10) == 0 ? Double.NaN : mean + deviation * random.nextGaussian();
    }
    return rows;
  }

  private static double[] predictions(Scorer scorer, double[] rows) {
    double[] predictions = new double[ROWS * scorer.columns()];
    scorer.score(rows, ROWS, predictions);
    return predictions;
  }
}
