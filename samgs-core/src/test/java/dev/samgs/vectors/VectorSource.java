package dev.samgs.vectors;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where recorded outputs of the published code are read from. */
public enum VectorSource {
  /** A few cases, kept in this repository. */
  REPOSITORY {
    @Override
    InputStream open(String file) {
      return VectorSource.class.getResourceAsStream("/vectors/" + file);
    }
  },
  /** All cases, in the folder that the system property {@code samgs.shared} names. */
  SHARED {
    @Override
    InputStream open(String file) throws IOException {
      String folder = System.getProperty("samgs.shared", "");
      Path path = Path.of(folder, "vectors", file);
      assumeTrue(
          !folder.isEmpty() && Files.isReadable(path),
          "skipped: there is no " + path + "; -Dsamgs.shared=FOLDER names a folder that has it");
      return Files.newInputStream(path);
    }
  };

  private static final ObjectMapper JSON = new ObjectMapper();

  abstract InputStream open(String file) throws IOException;

  /** The content of one file. */
  public JsonNode read(String file) {
    try (InputStream in = open(file)) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A number, where NaN and infinities are written as text. */
  public static double number(JsonNode node) {
    return node.isTextual() ? Double.parseDouble(node.textValue()) : node.doubleValue();
  }

  /** A list of numbers; null is NaN. */
  public static double[] vector(JsonNode node) {
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = node.get(i).isNull() ? Double.NaN : number(node.get(i));
    }
    return values;
  }

  /** A list of rows. */
  public static double[][] matrix(JsonNode node) {
    double[][] rows = new double[node.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = vector(node.get(i));
    }
    return rows;
  }
}
