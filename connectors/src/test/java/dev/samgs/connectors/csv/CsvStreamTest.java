package dev.samgs.connectors.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.drift.DetectorMethod;
import dev.samgs.spec.LearningSpec;
import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.NetworkSpec;
import dev.samgs.spec.TaskKind;
import dev.samgs.spec.TaskSpec;
import dev.samgs.surgery.SurgeryMethod;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvStreamTest {
  @TempDir private Path folder;

  private final List<String> complaints = new ArrayList<>();

  private CsvStream stream(String text) {
    return CsvStream.open(write("stream.csv", text.getBytes(StandardCharsets.UTF_8)));
  }

  private Path write(String name, byte[] bytes) {
    try {
      return Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private List<CsvRow> rows(CsvStream stream, TimestampUnit unit) {
    List<TaskSpec> tasks = stream.labels().stream().map(TaskSpec::regression).toList();
    List<CsvRow> all = new ArrayList<>();
    try (CsvRows rows = stream.rows(stream.features(), tasks, unit, complaints::add)) {
      for (CsvRow row = rows.next(); row != null; row = rows.next()) {
        all.add(row);
      }
    }
    return all;
  }

  private TaskSpec inferred(String... labels) {
    return stream(
            "f_a,y_x\n" + Stream.of(labels).map(l -> "1," + l + "\n").collect(Collectors.joining()))
        .infer(Map.of(), complaints::add)
        .tasks()
        .get(0);
  }

  @Test
  void readsTheColumnsByTheirNames() {
    CsvStream stream = stream("key,f_b,y_x,ts,f_a,y_z\nm1,1,2,3,4,5\n");
    assertThat(stream.features()).containsExactly("b", "a");
    assertThat(stream.labels()).containsExactly("x", "z");
    CsvRow row = rows(stream, TimestampUnit.MS).get(0);
    assertThat(row.line()).isEqualTo(2);
    assertThat(row.key()).isEqualTo("m1");
    assertThat(row.row().timestamp()).isEqualTo(3);
    assertThat(row.row().features()).containsExactly(1, 4);
    assertThat(row.row().labels()).containsExactly(2, 5);
  }

  @Test
  void emptyCellsAreMissingValues() {
    CsvRow row = rows(stream("key,f_a,f_b,y_x\n,,2, \n"), TimestampUnit.MS).get(0);
    assertThat(row.key()).isNull();
    assertThat(row.row().features()).containsExactly(Double.NaN, 2);
    assertThat(row.row().labelled()).isFalse();
  }

  @Test
  void withoutATsColumnThePositionIsTheTime() {
    assertThat(rows(stream("f_a\n1\nbad\n3\n"), TimestampUnit.S))
        .extracting(r -> r.row().timestamp())
        .containsExactly(0L, 2L);
  }

  @Test
  void quotesCarriageReturnsByteOrderMarkBlankLinesAndGzipAreUnderstood() throws IOException {
    String text = "\uFEFF\"ts\",key,\"f_a\",y_x\r\n1,\"a, \"\"b\"\"\",\"2.5\",1\r\n\r\n2,c,3,\r\n";
    for (byte[] bytes : List.of(text.getBytes(StandardCharsets.UTF_8), gzip(text))) {
      List<CsvRow> rows = rows(CsvStream.open(write("s.csv.gz", bytes)), TimestampUnit.MS);
      assertThat(rows).extracting(CsvRow::key).containsExactly("a, \"b\"", "c");
      assertThat(rows).extracting(CsvRow::line).containsExactly(2L, 4L);
      assertThat(rows.get(0).row().features()).containsExactly(2.5);
    }
    assertThat(complaints).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s   | 1078941600           | 1078941600000",
        "s   | 1078941600.25        | 1078941600250",
        "ms  | 1078941600000        | 1078941600000",
        "us  | 1078941600000999     | 1078941600000",
        "ns  | 1078941600000999999  | 1078941600000",
        "row | 1078941600           | 0",
        "row | whatever             | 0",
        "s   | 2004-03-10T18:00:00Z | 1078941600000",
      })
  void timesAreConvertedToMilliseconds(String unit, String ts, long millis) {
    assertThat(rows(stream("ts,f_a\n" + ts + ",1\n"), unit(unit)))
        .extracting(r -> r.row().timestamp())
        .containsExactly(millis);
  }

  private static TimestampUnit unit(String name) {
    return Arrays.stream(TimestampUnit.values())
        .filter(u -> u.toString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,1,1,1      | there are 4 cells, but the header has 3 columns",
        "1,1          | there are 2 cells, but the header has 3 columns",
        "1,one,1      | feature 'a' is 'one', which is not a finite number; leave the cell empty",
        "1,NaN,1      | feature 'a' is 'NaN', which is not a finite number",
        "1,1e999,1    | feature 'a' is '1e999', which is not a finite number",
        "1,0x1p3,1    | feature 'a' is '0x1p3', which is not a finite number",
        "1,1d,1       | feature 'a' is '1d', which is not a finite number",
        "-1,1,1       | ts is '-1', which is neither RFC 3339 text nor, taken in s, a time from 1970",
        ",1,1         | ts is '', which is neither",
        "1,\"1\"x,1    | feature 'a' is '1x', which is not a finite number",
        "1e9,1,1      | ts is '1e9', which is neither",
        "999999999999999999999999,1,1 | ts is '999999999999999999999999', which is neither",
      })
  void aBadRowIsLeftOutAndReportedWithFileAndLine(String row, String complaint) {
    CsvStream stream = stream("ts,f_a,y_x\n1,1,1\n" + row + "\n2,2,2\n");
    assertThat(rows(stream, TimestampUnit.S)).hasSize(2);
    assertThat(complaints).hasSize(1);
    assertThat(complaints.get(0))
        .startsWith(folder.resolve("stream.csv") + ":3: " + complaint)
        .endsWith("; the row is left out");
  }

  @Test
  void aBadLabelCountsAsUnknownAndTheRowStays() {
    CsvStream stream = stream("f_a,y_x,y_c\n1,1,0\n2,abc,7\n");
    try (CsvRows rows =
        stream.rows(
            List.of("a"),
            List.of(TaskSpec.regression("x"), TaskSpec.multiclass("c", 3)),
            TimestampUnit.ROW,
            complaints::add)) {
      assertThat(rows.next().row().labels()).containsExactly(1, 0);
      CsvRow second = rows.next();
      assertThat(second.row().features()).containsExactly(2);
      assertThat(second.row().labelled()).isFalse();
      assertThat(rows.next()).isNull();
      assertThat(rows.refusedLabels()).isEqualTo(2);
      assertThat(rows.rejected()).isZero();
    }
    assertThat(complaints.get(1))
        .endsWith(
            ":3: label 'c' is '7', but a label of this task must be a class number from 0 to 2;"
                + " the label counts as unknown");
  }

  @Test
  void classesAreIntegersFromZeroWithoutAGapUpToTwentyNine() {
    assertThat(inferred("0", "1", "1")).isEqualTo(TaskSpec.binary("x"));
    assertThat(inferred("1.0", "-0", "", "1")).isEqualTo(TaskSpec.binary("x"));
    assertThat(inferred("2", "0", "1")).isEqualTo(TaskSpec.multiclass("x", 3));
    assertThat(inferred(numbers(0, 29))).isEqualTo(TaskSpec.multiclass("x", 30));
  }

  @Test
  void everythingElseIsRegression() {
    TaskSpec regression = TaskSpec.regression("x");
    assertThat(inferred(numbers(0, 30))).isEqualTo(regression);
    assertThat(inferred("0", "2")).isEqualTo(regression);
    assertThat(inferred("1", "2")).isEqualTo(regression);
    assertThat(inferred("0", "0")).isEqualTo(regression);
    assertThat(inferred("1", "1")).isEqualTo(regression);
    assertThat(inferred("0", "1", "-1")).isEqualTo(regression);
    assertThat(inferred("0", "1", "0.5")).isEqualTo(regression);
    assertThat(inferred("0", "1", "1e300")).isEqualTo(regression);
    assertThat(inferred("", "")).isEqualTo(regression);
  }

  private static String[] numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toArray(String[]::new);
  }

  @Test
  void rowsThatAreLeftOutDoNotCountInTheInference() {
    CsvInference inference = stream("f_a,y_x\n1,0\nbad,5\n1,1\n").infer(Map.of(), complaints::add);
    assertThat(inference.tasks()).containsExactly(TaskSpec.binary("x"));
    assertThat(inference.rows()).isEqualTo(2);
    assertThat(inference.rejected()).isEqualTo(1);
    assertThat(complaints).hasSize(1);
  }

  @Test
  void aKindCanBeTold() {
    CsvStream stream = stream("f_a,y_x,y_y,y_z\n1,0,0,0\n1,1,1,5\n");
    CsvInference inference =
        stream.infer(Map.of("x", TaskKind.REGRESSION, "z", TaskKind.MULTICLASS), complaints::add);
    assertThat(inference.tasks())
        .containsExactly(
            TaskSpec.regression("x"), TaskSpec.binary("y"), TaskSpec.multiclass("z", 6));
    assertThat(inference.labels())
        .extracting(CsvInference.LabelColumn::told)
        .containsExactly(true, false, true);
    assertThat(inference.labels().get(2).largest()).isEqualTo(5);
    assertThatThrownBy(() -> stream.infer(Map.of("w", TaskKind.BINARY), complaints::add))
        .isInstanceOf(CsvFileException.class)
        .hasMessageContaining("has no label 'w' (column y_w); did you mean");
    assertThatThrownBy(
            () ->
                stream("f_a,y_x\n1,0.5\n").infer(Map.of("x", TaskKind.MULTICLASS), complaints::add))
        .hasMessageContaining("task 'x' cannot be multiclass");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ts;f_a;y_x    | :1: column 1 is named 'ts;f_a;y_x', but columns are separated by commas",
        "f_a,temp      | :1: column 2 is named 'temp', but columns are",
        "f_a,f_        | :1: column 2 is named 'f_', but columns are",
        "f_a,f_a       | :1: there are two columns named 'f_a'",
        "ts,y_x        | :1: there is no feature column",
      })
  void aBadHeaderIsRefusedWithTheColumn(String header, String message) {
    assertThatThrownBy(() -> stream(header + "\n1,2\n"))
        .isInstanceOf(CsvFileException.class)
        .hasMessageContaining("stream.csv" + message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n"})
  void anEmptyFileIsRefused(String text) {
    assertThatThrownBy(() -> stream(text)).hasMessageEndingWith("is empty: there is no header");
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> CsvStream.open(folder.resolve("nowhere.csv")))
        .hasMessage("there is no file " + folder.resolve("nowhere.csv"));
    assertThatThrownBy(() -> CsvStream.open(folder)).hasMessage(folder + " is a directory");
  }

  @Test
  void aCompressedFileCutShortIsReported() throws IOException {
    StringBuilder text = new StringBuilder("f_a\n");
    for (int i = 0; i < 100_000; i++) {
      text.append(i * 7919 % 10_007).append('\n');
    }
    byte[] whole = gzip(text.toString());
    CsvStream stream = CsvStream.open(write("cut.csv.gz", Arrays.copyOf(whole, whole.length / 2)));
    assertThatThrownBy(() -> rows(stream, TimestampUnit.ROW))
        .isInstanceOf(CsvFileException.class)
        .hasMessageMatching(".*cut.csv.gz: after line \\d{4,}: the compressed file ends in the.*");
  }

  @Test
  void aFileThatIsNotUtf8IsReported() {
    Path file = write("latin.csv", "key,f_a\nWürth,1\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> rows(CsvStream.open(file), TimestampUnit.ROW))
        .hasMessageEndingWith("the file is not valid UTF-8; convert it");
  }

  @Test
  void aQuoteThatIsNeverClosedSpoilsOneRowAndIsReportedWithItsLine() {
    rows(stream("key,f_a\na,1\n\"b,2\nc,3\n"), TimestampUnit.ROW);
    assertThat(complaints).hasSize(1);
    assertThat(complaints.get(0)).contains("stream.csv:3: there are 1 cells");
  }

  @Test
  void aMissingFeatureIsAnsweredWithTheNearestOne() {
    CsvStream stream = stream("f_pressure,y_x\n1,1\n");
    assertThatThrownBy(
            () -> stream.rows(List.of("presure"), List.of(), TimestampUnit.ROW, complaints::add))
        .hasMessageContaining(
            "has no feature 'presure' (column f_presure); did you mean 'pressure'?");
  }

  @Test
  void columnsThatAModelDoesNotHaveAreNamed() {
    CsvStream stream = stream("f_a,f_b,y_x,y_z\n1,2,3,4\n");
    ModelSpec spec =
        new ModelSpec(
            List.of("b"),
            List.of(TaskSpec.regression("x")),
            NetworkSpec.defaults(),
            LearningSpec.defaults(),
            SurgeryMethod.all().get(0).defaults(),
            DetectorMethod.all().get(0).defaults());
    assertThat(stream.unusedBy(spec)).containsExactly("f_a", "y_z");
    try (CsvRows rows = stream.rows(spec, TimestampUnit.ROW, complaints::add)) {
      CsvRow row = rows.next();
      assertThat(row.row().features()).containsExactly(2);
      assertThat(row.row().labels()).containsExactly(3);
    }
  }
}
