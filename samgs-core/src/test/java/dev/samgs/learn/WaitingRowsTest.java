package dev.samgs.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.samgs.spec.ModelSpec;
import dev.samgs.spec.TaskSpec;
import dev.samgs.state.StateFormatException;
import dev.samgs.state.StateReader;
import dev.samgs.state.StateWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingRowsTest {
  private static final ModelSpec SPEC = Rows.spec();

  @Test
  void aRowComesBackWithItsFirstPredictionAndItsLabels() {
    RowBatch predicted = predicted(2);
    double[] second =
        Arrays.copyOfRange(predicted.predictions(), predicted.stride(), 2 * predicted.stride());
    WaitingRows waiting = new WaitingRows(SPEC, 5);
    waiting.add("a", predicted, 0);
    waiting.add("b", predicted, 1);
    // The batch is used again for other rows.
    Arrays.fill(predicted.predictions(), -1);

    RowBatch released = new RowBatch(SPEC);
    assertThat(waiting.release("b", new double[] {1, 0, 2}, released)).isTrue();

    assertThat(released.size()).isEqualTo(1);
    assertThat(released.row(0).timestamp()).isEqualTo(predicted.row(1).timestamp());
    assertThat(released.row(0).features()).isEqualTo(predicted.row(1).features());
    assertThat(released.row(0).labels()).containsExactly(1, 0, 2);
    assertThat(Arrays.copyOf(released.predictions(), released.stride())).isEqualTo(second);
    assertThat(waiting.size()).isEqualTo(1);
  }

  @Test
  void theRowThatHasWaitedLongestGivesWayAndItsLabelsAreCounted() {
    RowBatch predicted = predicted(3);
    WaitingRows waiting = new WaitingRows(SPEC, 2);
    waiting.add("a", predicted, 0);
    waiting.add("b", predicted, 1);
    waiting.add("c", predicted, 2);

    RowBatch released = new RowBatch(SPEC);
    assertThat(waiting.gaveWay()).isEqualTo(1);
    assertThat(waiting.release("a", new double[] {1, 0, 2}, released)).isFalse();
    assertThat(waiting.unmatched()).isEqualTo(1);
    assertThat(released.size()).isZero();
    assertThat(waiting.release("b", new double[] {1, 0, 2}, released)).isTrue();
    assertThat(waiting.release("c", new double[] {1, 0, 2}, released)).isTrue();
    assertThat(waiting.release("c", new double[] {1, 0, 2}, released))
        .as("labels that come a second time")
        .isFalse();
    assertThat(waiting.unmatched()).isEqualTo(2);
  }

  @Test
  void aRepeatedEventKeepsItsFirstRow() {
    RowBatch predicted = predicted(2);
    WaitingRows waiting = new WaitingRows(SPEC, 2);
    assertThat(waiting.add("a", predicted, 0)).isTrue();
    assertThat(waiting.add("a", predicted, 1)).isFalse();

    RowBatch released = new RowBatch(SPEC);
    waiting.release("a", new double[] {1, 0, 2}, released);
    assertThat(released.row(0).timestamp()).isEqualTo(predicted.row(0).timestamp());
    assertThat(waiting.repeated()).isEqualTo(1);
    assertThat(waiting.gaveWay()).isZero();
  }

  @Test
  void aSmallerRoomKeepsTheRowsThatHaveWaitedLeast() throws IOException {
    RowBatch predicted = predicted(3);
    WaitingRows wide = new WaitingRows(SPEC, 3);
    wide.add("a", predicted, 0);
    wide.add("b", predicted, 1);
    wide.add("c", predicted, 2);
    WaitingRows narrow = new WaitingRows(SPEC, 2);
    narrow.read(reader(bytes(wide)));

    assertThat(narrow.size()).isEqualTo(2);
    assertThat(narrow.gaveWay()).isEqualTo(1);
    assertThat(narrow.release("a", new double[3], new RowBatch(SPEC))).isFalse();
    assertThat(narrow.release("c", new double[3], new RowBatch(SPEC))).isTrue();
  }

  @Test
  void rowsOfAnotherModelOrOfALaterVersionAreRefusedWithASentence() throws IOException {
    WaitingRows waiting = new WaitingRows(SPEC, 3);
    waiting.add("a", predicted(1), 0);
    byte[] written = bytes(waiting);
    ModelSpec other = Rows.spec(List.of(TaskSpec.regression("width")), Rows.learning());

    assertThatThrownBy(() -> new WaitingRows(other, 3).read(reader(written)))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("of another model");
    byte[] later = written.clone();
    later[3]++;
    assertThatThrownBy(() -> new WaitingRows(SPEC, 3).read(reader(later)))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("format 2");
    byte[] cut = Arrays.copyOf(written, written.length - 1);
    assertThatThrownBy(() -> new WaitingRows(SPEC, 3).read(reader(cut)))
        .isInstanceOf(StateFormatException.class)
        .hasMessageContaining("ends too early");
  }

  private static RowBatch predicted(int rows) {
    RowBatch batch = new RowBatch(SPEC);
    Rows.make(SPEC, rows, 3).forEach(batch::add);
    new Trainer(SPEC).predict(new LearnerState(SPEC, 0), batch);
    return batch;
  }

  private static byte[] bytes(WaitingRows waiting) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    waiting.write(new StateWriter(new DataOutputStream(bytes)));
    return bytes.toByteArray();
  }

  private static StateReader reader(byte[] bytes) {
    return new StateReader(new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
