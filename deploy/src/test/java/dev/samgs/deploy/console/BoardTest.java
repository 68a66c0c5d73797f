package dev.samgs.deploy.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class BoardTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ConsoleTopics TOPICS =
      new ConsoleTopics("metrics", "alarms", "snapshots", "letters", "control");

  private final Board board = new Board(TOPICS, 3);

  @Test
  void theFirstMessageTellsAllAndTheNextWhatIsNew() throws IOException {
    takeMetrics("b", 1);
    takeMetrics("a", 1);
    Board.Reader reader = new Board.Reader("");
    JsonNode first = JSON.readTree(board.message(reader));
    assertThat(names(first)).containsExactlyInAnyOrder("a", "b");
    assertThat(first.at("/model/name").asText()).as("the first by name").isEqualTo("a");

    takeMetrics("b", 2);
    JsonNode next = JSON.readTree(board.message(reader));
    assertThat(names(next)).containsExactly("b");
    assertThat(next.has("model")).as("what is shown has not changed").isFalse();
  }

  @Test
  void beyondItsRoomItForgetsTheModelThatIsSilentLongestAndTellsAllAgain() throws IOException {
    Board.Reader reader = new Board.Reader("a");
    for (String model : List.of("a", "b", "c")) {
      takeMetrics(model, 1);
    }
    board.message(reader);
    takeMetrics("a", 2);
    takeMetrics("d", 1);
    JsonNode message = JSON.readTree(board.message(reader));
    assertThat(message.get("all").asBoolean()).isTrue();
    assertThat(names(message)).containsExactlyInAnyOrder("a", "c", "d");
    assertThat(message.at("/state/forgotten").asInt()).isEqualTo(1);
    assertThat(board.knows("b")).isFalse();
  }

  @Test
  void theShareOfEqualisedStepsIsThatOfTheStretch() throws IOException {
    board.take(record("metrics", metrics("a", 100, 4_000, 0.5)));
    board.take(record("metrics", metrics("a", 200, 8_000, 0.75)));
    JsonNode surgery =
        JSON.readTree(board.message(new Board.Reader("a"))).at("/model/surgery/recent/equalised");
    // 50 of the first hundred steps, and all of the second.
    assertThat(surgery.get(0).asDouble()).isEqualTo(0.5);
    assertThat(surgery.get(1).asDouble()).isEqualTo(1);
  }

  @Test
  void whatCannotBeReadIsCountedAndNothingElse() throws IOException {
    board.take(record("metrics", "{"));
    board.take(record("alarms", "[]"));
    board.take(record("control", "null"));
    takeMetrics("a", 1);
    JsonNode message = JSON.readTree(board.message(new Board.Reader("")));
    assertThat(message.at("/state/unreadable").asInt()).isEqualTo(3);
    assertThat(names(message)).contains("a");
  }

  private void takeMetrics(String model, int update) {
    board.take(record("metrics", metrics(model, update, 1000L * update, 0)));
  }

  private static String metrics(String model, int update, long watermark, double equalised) {
    return ("{\"model\":\"%s\",\"task\":\"t\",\"update\":%d,\"rows\":%d,\"watermark\":%d,"
            + "\"score\":0.5,\"baselineScore\":0.25,\"equalisedShare\":%s,\"meanSimilarity\":1}")
        .formatted(model, update, update, watermark, equalised);
  }

  private static ConsumerRecord<byte[], byte[]> record(String topic, String value) {
    return new ConsumerRecord<>(
        topic,
        0,
        0,
        System.currentTimeMillis(),
        TimestampType.CREATE_TIME,
        0,
        0,
        null,
        value.getBytes(StandardCharsets.UTF_8),
        new RecordHeaders(),
        Optional.empty());
  }

  private static List<String> names(JsonNode message) {
    List<String> names = new ArrayList<>();
    message.get("models").forEach(model -> names.add(model.get(0).asText()));
    return names;
  }
}
