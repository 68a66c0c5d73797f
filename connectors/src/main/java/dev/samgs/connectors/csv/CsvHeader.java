package dev.samgs.connectors.csv;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which column is what.
 *
 * @param columns number of columns
 * @param timestampColumn −1 if there is none
 * @param keyColumn −1 if there is none
 * @param features names without {@code f_}, in the order of the file
 * @param featureColumns where they stand
 * @param labels names without {@code y_}, in the order of the file
 * @param labelColumns where they stand
 */
record CsvHeader(
    int columns,
    int timestampColumn,
    int keyColumn,
    List<String> features,
    List<Integer> featureColumns,
    List<String> labels,
    List<Integer> labelColumns) {
  private static final String RULE =
      "columns are separated by commas and named ts, key, f_<feature> and y_<label>";

  static CsvHeader parse(String file, long line, List<String> names) {
    String at = file + ":" + line + ": ";
    int timestampColumn = -1;
    int keyColumn = -1;
    List<String> features = new ArrayList<>();
    List<Integer> featureColumns = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    List<Integer> labelColumns = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int column = 0; column < names.size(); column++) {
      String name = names.get(column).strip();
      if (!seen.add(name)) {
        throw new CsvFileException(at + "there are two columns named '" + name + "'");
      }
      if (name.equals("ts")) {
        timestampColumn = column;
      } else if (name.equals("key")) {
        keyColumn = column;
      } else if (name.startsWith("f_") && name.length() > 2) {
        features.add(name.substring(2));
        featureColumns.add(column);
      } else if (name.startsWith("y_") && name.length() > 2) {
        labels.add(name.substring(2));
        labelColumns.add(column);
      } else {
        throw new CsvFileException(
            at + "column " + (column + 1) + " is named '" + name + "', but " + RULE);
      }
    }
    if (features.isEmpty()) {
      throw new CsvFileException(at + "there is no feature column; " + RULE);
    }
    return new CsvHeader(
        names.size(),
        timestampColumn,
        keyColumn,
        List.copyOf(features),
        List.copyOf(featureColumns),
        List.copyOf(labels),
        List.copyOf(labelColumns));
  }
}
