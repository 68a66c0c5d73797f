package dev.samgs.connectors.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.samgs.connectors.snapshot.SnapshotHeaders;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.snapshot.Provenance;
import dev.samgs.snapshot.SnapshotFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotStoreTest {
  @TempDir private Path directory;
  private SnapshotStore store;

  @BeforeEach
  void open() {
    store = reopened();
  }

  private SnapshotStore reopened() {
    return new SnapshotStore(directory.toUri().toString(), 3);
  }

  private static SnapshotRecord record(long version, String bytes) {
    byte[] onnx = bytes.getBytes(StandardCharsets.UTF_8);
    Map<String, String> headers = new TreeMap<>();
    headers.put(SnapshotHeaders.MODEL, "line-3");
    headers.put(SnapshotHeaders.VERSION, Long.toString(version));
    headers.put(SnapshotHeaders.SHA256, Provenance.sha256(onnx));
    headers.put(SnapshotHeaders.CONTENT, SnapshotHeaders.ONNX);
    return new SnapshotRecord("line-3", version, onnx, headers);
  }

  private SnapshotRecord claimed(long version, String bytes) throws IOException {
    SnapshotRecord record = record(version, bytes);
    return record.stored(store.putClaim(record));
  }

  private List<String> files(String under) throws IOException {
    Path root = directory.resolve(under);
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  private String latest() throws IOException {
    return Files.readString(directory.resolve("models/line-3/LATEST")).strip();
  }

  @Test
  void aCommittedVersionIsThereWithItsManifestAndMarkedAsTheLatest() throws IOException {
    store.register(record(7, "seven"));
    assertThat(files("models"))
        .containsExactly("line-3/7/manifest.json", "line-3/7/model.onnx", "line-3/LATEST");
    assertThat(latest()).isEqualTo("7");
    assertThat(store.get("line-3", 7)).asString().isEqualTo("seven");
    assertThat(store.get("line-3", 8)).isNull();
    assertThat(SnapshotStore.readLatest(directory.resolve("models").toUri().toString(), "line-3"))
        .asString()
        .isEqualTo("seven");
    JsonNode manifest =
        new ObjectMapper().readTree(directory.resolve("models/line-3/7/manifest.json").toFile());
    assertThat(manifest.get("samgs.version").textValue()).isEqualTo("7");
    assertThat(manifest.get("bytes").longValue()).isEqualTo(5);
  }

  @Test
  void aReplayWritesTheSameAndNeverMovesTheMarkBack() throws IOException {
    store.register(record(7, "seven"));
    store.register(record(8, "eight"));
    List<String> before = files("");
    SnapshotStore replaying = reopened();
    replaying.register(record(7, "seven"));
    assertThat(latest()).isEqualTo("8");
    replaying.register(record(8, "eight"));
    assertThat(files("")).isEqualTo(before);
    assertThat(latest()).isEqualTo("8");
  }

  @Test
  void onlyTheNewestVersionsAreKept() throws IOException {
    for (long version = 1; version <= 12; version++) {
      store.register(claimed(version, "model " + version));
    }
    assertThat(files("models"))
        .contains("line-3/10/model.onnx", "line-3/11/model.onnx", "line-3/12/model.onnx")
        .hasSize(7);
    assertThat(files("claims"))
        .hasSize(3)
        .allMatch(name -> name.matches("line-3/1[012]-[0-9a-f]{64}\\.onnx"));
  }

  @Test
  void aClaimIsCheckedAgainstItsRecord() throws IOException {
    SnapshotRecord record = claimed(4, "whole");
    Path claim = directory.resolve("claims").resolve(files("claims").get(0));
    Files.writeString(claim, "wrong");
    assertThatThrownBy(() -> store.register(record))
        .isInstanceOf(SnapshotFormatException.class)
        .hasMessageContaining("has the SHA-256");
    assertThat(files("models")).isEmpty();
    Files.writeString(claim, "whole");
    store.register(record);
    assertThat(latest()).isEqualTo("4");
  }

  @Test
  void claimsThatWereNeverCommittedGoWithTheNextCommittedVersion() throws IOException {
    // An attempt at version 5 failed; the second one came to other bytes and was committed.
    store.putClaim(record(5, "first attempt"));
    SnapshotRecord second = claimed(5, "second attempt");
    store.putClaim(record(6, "still to come"));
    store.register(second);
    assertThat(files("claims"))
        .containsExactlyInAnyOrder(
            "line-3/5-"
                + Provenance.sha256("second attempt".getBytes(StandardCharsets.UTF_8))
                + ".onnx",
            "line-3/6-"
                + Provenance.sha256("still to come".getBytes(StandardCharsets.UTF_8))
                + ".onnx");
  }

  @Test
  void withheldCandidatesStayWithTheirReasonTheNewestOnly() throws IOException {
    for (long update = 64; update <= 64 * 5; update += 64) {
      store.putWithheld("line-3", update, new byte[] {(byte) update}, "{\"reason\":\"worse\"}");
    }
    assertThat(files("withheld"))
        .hasSize(6)
        .allMatch(name -> name.matches("line-3/(192|256|320)-[0-9a-f]{64}\\.(onnx|json)"));
  }

  @Test
  void nothingUnfinishedIsLeftBehind() throws IOException {
    store.register(claimed(1, "model"));
    assertThat(files("")).noneMatch(name -> name.contains("unfinished"));
  }
}
