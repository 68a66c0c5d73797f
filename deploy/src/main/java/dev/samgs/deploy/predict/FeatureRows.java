package dev.samgs.deploy.predict;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.samgs.connectors.event.NearestName;
import dev.samgs.deploy.predict.RequestRefusedException.Reason;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of a request: one, {@code {"features": …}}, or many, {@code {"instances": [ …, … ]}},
 * each an object by feature name or an array in the model's order. Null, or left out by name, is
 * missing.
 *
 * @param values {@code rows × features}, row-major; NaN where one is missing
 * @param single whether it was asked for one row
 */
record FeatureRows(double[] values, int rows, boolean single) {
  /** Most rows in a request. */
  static final int MAX_ROWS = 4096;

  private static final List<String> FIELDS = List.of("features", "instances");
  private static final int MAX_DEPTH = 8;
  private static final int MAX_TEXT = 1000;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_TEXT)
                  .maxNameLength(MAX_TEXT)
                  .maxNumberLength(MAX_TEXT)
                  .build())
          .build();

  /**
   * Reads the body of a request.
   *
   * @param features the model's features in their order
   * @throws RequestRefusedException if it is not what the model takes; the message says where
   */
  static FeatureRows read(byte[] body, List<String> features) throws RequestRefusedException {
    try (JsonParser json = FACTORY.createParser(body)) {
      return new Reader(json, features).request();
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " in line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
      throw bad("the body is no JSON that can be read: " + e.getOriginalMessage() + where);
    } catch (IOException e) {
      throw bad("the body cannot be read: " + e.getMessage());
    }
  }

  private static RequestRefusedException bad(String sentence) {
    return new RequestRefusedException(Reason.BAD_REQUEST, sentence);
  }

  /** Reads one body. */
  private static final class Reader {
    private final JsonParser json;
    private final List<String> features;
    private double[] values;
    private int rows;

    Reader(JsonParser json, List<String> features) {
      this.json = json;
      this.features = features;
      this.values = new double[features.size()];
    }

    FeatureRows request() throws IOException, RequestRefusedException {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw bad(
            "the body must be an object, {\"features\": {…}} for one row or {\"instances\": [{…},"
                + " …]} for many");
      }
      String form = json.nextFieldName();
      if (form == null) {
        throw bad("the body has neither \"features\" nor \"instances\"");
      }
      json.nextToken();
      switch (form) {
        case "features" -> row("features");
        case "instances" -> instances();
        default -> throw bad(unknown("field", form, FIELDS));
      }
      if (json.nextToken() != JsonToken.END_OBJECT) {
        throw bad(
            "behind \""
                + form
                + "\" nothing more is expected; one row has \"features\", many have \"instances\"");
      }
      if (json.nextToken() != null) {
        throw bad("something follows the end of the object");
      }
      return new FeatureRows(values, rows, form.equals("features"));
    }

    private void instances() throws IOException, RequestRefusedException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw bad("\"instances\" must be an array of rows");
      }
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (rows == MAX_ROWS) {
          throw new RequestRefusedException(
              Reason.TOO_LARGE,
              "a request can have at most " + MAX_ROWS + " instances; send several requests");
        }
        row("instances[" + rows + "]");
      }
      if (rows == 0) {
        throw bad("\"instances\" is empty; it must have at least one row");
      }
    }

    private void row(String path) throws IOException, RequestRefusedException {
      int width = features.size();
      int from = rows * width;
      if (values.length < from + width) {
        values = Arrays.copyOf(values, Math.min(MAX_ROWS * width, 2 * (from + width)));
      }
      Arrays.fill(values, from, from + width, Double.NaN);
      if (json.currentToken() == JsonToken.START_OBJECT) {
        byName(path, from);
      } else if (json.currentToken() == JsonToken.START_ARRAY) {
        inOrder(path, from);
      } else {
        throw bad(path + " must be an object of features by name, or an array of all " + width);
      }
      rows++;
    }

    private void byName(String path, int from) throws IOException, RequestRefusedException {
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        int f = features.indexOf(name);
        if (f < 0) {
          throw bad(path + ": " + unknown("feature", name, features));
        }
        json.nextToken();
        values[from + f] = number(path + "." + name);
      }
    }

    private void inOrder(String path, int from) throws IOException, RequestRefusedException {
      int f = 0;
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (f < features.size()) {
          values[from + f] = number(path + "[" + f + "]");
        } else {
          json.skipChildren();
        }
        f++;
      }
      if (f != features.size()) {
        throw bad(
            path
                + " has "
                + f
                + " values, but the model has "
                + features.size()
                + " features; write null for one that is missing");
      }
    }

    private double number(String path) throws IOException, RequestRefusedException {
      switch (json.currentToken()) {
        case VALUE_NULL:
          return Double.NaN;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT:
          double value = json.getDoubleValue();
          if (Double.isFinite(value)) {
            return value;
          }
          throw bad(path + " is too large for a double");
        default:
          throw bad(path + " must be a number, or null if it is missing");
      }
    }

    private static String unknown(String what, String name, List<String> valid) {
      return "there is no "
          + what
          + " '"
          + name
          + "'; did you mean '"
          + NearestName.to(name, valid)
          + "'?";
    }
  }
}
