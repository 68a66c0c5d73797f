package dev.samgs.connectors.csv;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.samgs.connectors.event.NearestName;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/**
 * A recorded stream: a CSV file, plain or compressed with gzip, one row to an event, oldest first.
 * Its header names the columns {@code ts}, {@code key}, {@code f_<feature>} and {@code y_<label>};
 * the first two may be absent. An empty cell is a missing value. UTF-8, with or without a byte
 * order mark.
 *
 * <p>A row with a bad feature or time, or too many or too few cells, is rejected; a bad label
 * refuses that label only. Both are reported with file and line, and counted.
 */
public final class CsvStream {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path path;
  private final CsvHeader header;

  private CsvStream(Path path, CsvHeader header) {
    this.path = path;
    this.header = header;
  }

  /**
   * Reads the header of a file.
   *
   * @throws CsvFileException if the file cannot be read, or its header is not as it should be
   */
  public static CsvStream open(Path path) {
    try (CsvReader<CsvRecord> reader = reader(path)) {
      var records = reader.iterator();
      if (!records.hasNext()) {
        throw new CsvFileException(path + " is empty: there is no header");
      }
      CsvRecord first = records.next();
      return new CsvStream(
          path, CsvHeader.parse(path.toString(), first.getStartingLineNumber(), first.getFields()));
    } catch (IOException | RuntimeException e) {
      throw CsvRows.problem(path, 0, e);
    }
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** Names of the features, without {@code f_}, in the order of the file. */
  public List<String> features() {
    return header.features();
  }

  /** Names of the labels, without {@code y_}, in the order of the file. */
  public List<String> labels() {
    return header.labels();
  }

  /** Whether the file has a {@code ts} column. */
  public boolean timed() {
    return header.timestampColumn() >= 0;
  }

  /**
   * Goes through the file once to find out what its labels are: classes if and only if every label
   * is an integer, every value from 0 to the largest occurs and the largest is 1 to 29 (1: binary);
   * otherwise regression.
   *
   * @param kinds kinds that are told instead, by label name without {@code y_}
   * @param complaints is told of rejected rows and refused labels, a sentence each
   * @throws CsvFileException if the file cannot be read to its end, a name in {@code kinds} is not
   *     a label, or a kind is impossible
   */
  public CsvInference infer(Map<String, TaskKind> kinds, Consumer<String> complaints) {
    for (String name : kinds.keySet()) {
      if (!labels().contains(name)) {
        throw unknown("label", "y_", name, labels());
      }
    }
    List<LabelStatistics> statistics = labels().stream().map(LabelStatistics::new).toList();
    long accepted = 0;
    try (CsvRows rows = rows(features(), numbers(labels()), TimestampUnit.ROW, complaints)) {
      for (CsvRow row = rows.next(); row != null; row = rows.next()) {
        accepted++;
        for (int t = 0; t < statistics.size(); t++) {
          double label = row.row().labels()[t];
          if (!Double.isNaN(label)) {
            statistics.get(t).add(label);
          }
        }
      }
      List<CsvInference.LabelColumn> columns = new ArrayList<>();
      for (int t = 0; t < statistics.size(); t++) {
        columns.add(statistics.get(t).column(path.toString(), kinds.get(labels().get(t))));
      }
      return new CsvInference(features(), columns, accepted, rows.rejected());
    }
  }

  /** Label columns of which nothing is known but that they are numbers. */
  static List<TaskSpec> numbers(List<String> labels) {
    return labels.stream().map(TaskSpec::regression).toList();
  }

  /**
   * The rows of the file in the form that a model takes. Columns that the model does not have are
   * passed over, see {@link #unusedBy}.
   *
   * @throws CsvFileException if the file lacks a feature or a label of the model
   */
  public CsvRows rows(ModelSpec spec, TimestampUnit unit, Consumer<String> complaints) {
    return rows(spec.features(), spec.tasks(), unit, complaints);
  }

  /**
   * The rows of the file with these features and labels, in this order.
   *
   * @param unit what the {@code ts} column holds; without such a column the position of a row
   *     stands for its time
   * @param complaints is told of rejected rows and refused labels, a sentence each
   * @throws CsvFileException if the file lacks a feature or a label
   */
  public CsvRows rows(
      List<String> features,
      List<TaskSpec> tasks,
      TimestampUnit unit,
      Consumer<String> complaints) {
    int[] featureColumns = new int[features.size()];
    Arrays.setAll(
        featureColumns,
        f -> column("feature", "f_", features.get(f), features(), header.featureColumns()));
    int[] labelColumns = new int[tasks.size()];
    Arrays.setAll(
        labelColumns,
        t -> column("label", "y_", tasks.get(t).name(), labels(), header.labelColumns()));
    CsvColumns columns =
        new CsvColumns(
            header.columns(),
            header.timestampColumn(),
            header.keyColumn(),
            featureColumns,
            labelColumns,
            List.copyOf(features),
            List.copyOf(tasks),
            unit);
    try {
      return new CsvRows(path, reader(path), columns, complaints);
    } catch (IOException e) {
      throw CsvRows.problem(path, 0, e);
    }
  }

  /** Columns, as the header names them, that a model of this specification does not look at. */
  public List<String> unusedBy(ModelSpec spec) {
    List<String> unused = new ArrayList<>();
    features().stream()
        .filter(f -> !spec.features().contains(f))
        .forEach(f -> unused.add("f_" + f));
    List<String> tasks = spec.tasks().stream().map(TaskSpec::name).toList();
    labels().stream().filter(l -> !tasks.contains(l)).forEach(l -> unused.add("y_" + l));
    return unused;
  }

  private int column(
      String what, String prefix, String name, List<String> names, List<Integer> columns) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw unknown(what, prefix, name, names);
    }
    return columns.get(index);
  }

  private CsvFileException unknown(String what, String prefix, String name, List<String> names) {
    String nearest = NearestName.to(name, names);
    return new CsvFileException(
        path
            + " has no "
            + what
            + " '"
            + name
            + "' (column "
            + prefix
            + name
            + ")"
            + (nearest == null ? "" : "; did you mean '" + nearest + "'?"));
  }

  /**
   * Lenient on purpose: a wrong number of cells or a stray quote shall spoil its row only, which
   * {@link CsvColumns} then rejects.
   */
  @SuppressWarnings("removal") // The only way to read past a stray quote.
  private static CsvReader<CsvRecord> reader(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new CsvFileException(path + " is a directory");
    }
    InputStream raw;
    try {
      raw = new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES);
    } catch (NoSuchFileException e) {
      throw new CsvFileException("there is no file " + path, e);
    }
    try {
      InputStream bytes =
          startsWith(raw, 0x1f, 0x8b)
              ? new BufferedInputStream(new GZIPInputStream(raw, BUFFER_BYTES), BUFFER_BYTES)
              : raw;
      if (startsWith(bytes, 0xef, 0xbb, 0xbf)) {
        bytes.skipNBytes(3);
      }
      return CsvReader.builder()
          .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
          .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
          .allowExtraCharsAfterClosingQuote(true)
          .ofCsvRecord(
              new InputStreamReader(
                  bytes,
                  StandardCharsets.UTF_8
                      .newDecoder()
                      .onMalformedInput(CodingErrorAction.REPORT)
                      .onUnmappableCharacter(CodingErrorAction.REPORT)));
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private static boolean startsWith(InputStream in, int... expected) throws IOException {
    in.mark(expected.length);
    boolean same = true;
    for (int b : expected) {
      same &= in.read() == b;
    }
    in.reset();
    return same;
  }
}
