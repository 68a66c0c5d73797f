package dev.samgs.connectors.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.Provenance;
import dev.samgs.snapshot.SnapshotFormatException;
import dev.samgs.snapshot.SnapshotSignature;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The forms of what stands on topics. The records under {@code format-2} were written once, by the
 * version that introduced that format, signed with a key of which only the public half is left;
 * every later version has to read them.
 */
class SnapshotRecordTest {
  static SnapshotRecord frozen(String name) throws IOException {
    Map<String, String> headers =
        new ObjectMapper()
            .readValue(
                bytes(name + ".headers.json"), new TypeReference<TreeMap<String, String>>() {});
    return new SnapshotRecord(
        headers.get(SnapshotHeaders.MODEL),
        Long.parseLong(headers.get(SnapshotHeaders.VERSION)),
        bytes(name + ".value"),
        headers);
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = SnapshotRecordTest.class.getResourceAsStream("format-2/" + name)) {
      return in.readAllBytes();
    }
  }

  private static PublicKey key() throws IOException, URISyntaxException {
    return SnapshotSignature.publicKey(
        Path.of(SnapshotRecordTest.class.getResource("format-2/samgs.pub").toURI()));
  }

  @Test
  void aFrozenRecordOfFormat2IsWholeSignedAndReadable() throws Exception {
    SnapshotRecord record = frozen("model");
    assertThat(SnapshotSignature.verifies(key(), record.headers())).isTrue();
    assertThat(Provenance.sha256(record.onnx()))
        .isEqualTo(record.headers().get(SnapshotHeaders.SHA256));
    assertThat(record.isClaimCheck()).isFalse();
    assertThat(OnnxDecoder.decode(record.onnx()).version()).isEqualTo(record.version());
    Map<String, String> metadata = OnnxDecoder.metadata(record.onnx());
    assertThat(record.headers())
        .containsKeys("samgs.parent", "samgs.offsets", "samgs.gate", "samgs.library");
    record
        .headers()
        .forEach(
            (name, value) -> {
              if (metadata.containsKey(name)) {
                assertThat(metadata).containsEntry(name, value);
              }
            });
  }

  @Test
  void aFrozenClaimCheckOfFormat2NamesTheSameModel() throws Exception {
    SnapshotRecord claimed = frozen("claim");
    SnapshotRecord whole = frozen("model");
    assertThat(claimed.isClaimCheck()).isTrue();
    assertThat(SnapshotSignature.verifies(key(), claimed.headers())).isTrue();
    assertThat(claimed.claimCheck().uri())
        .isEqualTo(
            "s3://models/claims/line-3/4294967299-" + claimed.claimCheck().sha256() + ".onnx");
    claimed.claimCheck().check(whole.onnx());
    assertThatThrownBy(() -> claimed.claimCheck().check(new byte[3]))
        .isInstanceOf(SnapshotFormatException.class)
        .hasMessageContaining("holds 3 bytes, but should hold");
    byte[] damaged = whole.onnx().clone();
    damaged[7]++;
    assertThatThrownBy(() -> claimed.claimCheck().check(damaged))
        .hasMessageContaining("has the SHA-256");
  }

  @Test
  void aClaimCheckForAnotherModelThanTheHeadersSayIsRefused() throws Exception {
    SnapshotRecord claimed = frozen("claim");
    Map<String, String> headers = new TreeMap<>(claimed.headers());
    headers.put(SnapshotHeaders.SHA256, "00");
    assertThatThrownBy(() -> new SnapshotRecord("line-3", 1, claimed.value(), headers).claimCheck())
        .isInstanceOf(SnapshotFormatException.class)
        .hasMessageContaining("for another model");
    for (String value : new String[] {"", "null", "{}", "{\"uri\":\"x\",\"bytes\":1}", "[1]"}) {
      assertThatThrownBy(() -> ClaimCheck.fromJson(value.getBytes(StandardCharsets.UTF_8)))
          .as("'%s'", value)
          .isInstanceOf(SnapshotFormatException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PIN,17",
    "PIN,",
    "UNPIN,",
    "ROLLBACK,4294967299",
    "ROLLBACK,",
    "PROMOTE,",
    "REPUBLISH,17"
  })
  void aCommandIsReadAsItWasWritten(ControlCommand.Action action, Long version) throws Exception {
    ControlCommand command =
        new ControlCommand(
            "line-3",
            action,
            version == null ? OptionalLong.empty() : OptionalLong.of(version),
            "anna",
            "a bad batch");
    ProducerRecord<byte[], byte[]> record = command.toProducerRecord("control");
    assertThat(ControlCommand.parse(record.key(), record.value())).isEqualTo(command);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "line-3|{\"action\":\"explode\"}|there is no action 'explode'; the actions are pin, unpin,",
        "line-3|{}|there is no action ''",
        "line-3|nonsense|the command is not JSON",
        "line 3|{\"action\":\"pin\"}|is not a model's name",
        "line-3|{\"action\":\"promote\",\"version\":4}|the action 'promote' takes no version",
        "line-3|{\"action\":\"pin\",\"version\":\"four\"}|is not a whole number"
      })
  void whatIsNoCommandIsRefusedWithASentence(String model, String json, String sentence) {
    assertThatThrownBy(
            () ->
                ControlCommand.parse(
                    model.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(SnapshotFormatException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void aCommandWithoutKeyOrValueIsRefused() {
    assertThatThrownBy(() -> ControlCommand.parse(null, new byte[0]))
        .isInstanceOf(SnapshotFormatException.class);
    assertThatThrownBy(() -> ControlCommand.parse(new byte[] {'a'}, null))
        .isInstanceOf(SnapshotFormatException.class);
  }
}
