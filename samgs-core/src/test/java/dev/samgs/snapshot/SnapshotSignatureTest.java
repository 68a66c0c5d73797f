package dev.samgs.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotSignatureTest {
  /** Made by OpenSSL 3.0: {@code openssl genpkey -algorithm ed25519}; for tests only. */
  private static final String PRIVATE =
      """
      -----BEGIN PRIVATE KEY-----
      MC4CAQAwBQYDK2VwBCIEIIYJsp33P5Y+ANsa+Hr/mWO3fyfjeCA2+hpKxpy7wT5/
      -----END PRIVATE KEY-----
      """;

  private static final String PUBLIC =
      """
      -----BEGIN PUBLIC KEY-----
      MCowBQYDK2VwAyEACL4J5vUU/lFK3nsq75tb0lhKNlK+eO8auBO1w9Cn+yA=
      -----END PUBLIC KEY-----
      """;

  private static final String OTHER_PUBLIC =
      """
      -----BEGIN PUBLIC KEY-----
      MCowBQYDK2VwAyEAe4xXzqkuUGpKXgFAoAxLx2vYTvYS59R/a0rdc5tLLIo=
      -----END PUBLIC KEY-----
      """;

  private static final Map<String, String> HEADERS =
      Map.of("samgs.model", "line-3", "samgs.version", "7", "samgs.sha256", "00ff");

  @TempDir private Path directory;

  private Path pem(String text) throws IOException {
    return Files.writeString(directory.resolve("key.pem"), text);
  }

  private Map<String, String> signed() throws IOException {
    PrivateKey key = SnapshotSignature.privateKey(pem(PRIVATE));
    Map<String, String> headers = new TreeMap<>(HEADERS);
    headers.put(Provenance.SIGNATURE, SnapshotSignature.sign(key, HEADERS));
    return headers;
  }

  /** Ed25519 is deterministic: OpenSSL signs the same bytes with the same result. */
  @Test
  void theSignatureIsTheOneThatOpenSslMakesOfTheDocumentedBytes() throws IOException {
    assertThat(signed().get(Provenance.SIGNATURE))
        .isEqualTo(
            "nKFwZW9Odzzr9iniz2523baZIDIHAyAZyNVJhvTCC6VRg7rLJvJfP9Rp9+btWluKIYZSb2pc8WRayQcikNTsAA==");
  }

  @Test
  void whatWasSignedVerifiesAndNothingElseDoes() throws IOException {
    PublicKey key = SnapshotSignature.publicKey(pem(PUBLIC));
    Map<String, String> headers = signed();
    assertThat(SnapshotSignature.verifies(key, headers)).isTrue();
    assertThat(SnapshotSignature.verifies(SnapshotSignature.publicKey(pem(OTHER_PUBLIC)), headers))
        .isFalse();
    for (String name : HEADERS.keySet()) {
      Map<String, String> changed = new TreeMap<>(headers);
      changed.put(name, changed.get(name) + "0");
      assertThat(SnapshotSignature.verifies(key, changed)).as("changed %s", name).isFalse();
      changed.remove(name);
      assertThat(SnapshotSignature.verifies(key, changed)).as("without %s", name).isFalse();
    }
    Map<String, String> moved = new TreeMap<>(headers);
    moved.put("samgs.more", "x");
    assertThat(SnapshotSignature.verifies(key, moved)).isFalse();
  }

  @Test
  void headersOfOthersDoNotCount() throws IOException {
    Map<String, String> headers = signed();
    headers.put("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    assertThat(SnapshotSignature.verifies(SnapshotSignature.publicKey(pem(PUBLIC)), headers))
        .isTrue();
  }

  @Test
  void aMissingOrGarbledSignatureDoesNotVerify() throws IOException {
    PublicKey key = SnapshotSignature.publicKey(pem(PUBLIC));
    assertThat(SnapshotSignature.verifies(key, HEADERS)).isFalse();
    for (String garbled : new String[] {"", "AAAA", "not base64!"}) {
      Map<String, String> headers = new TreeMap<>(HEADERS);
      headers.put(Provenance.SIGNATURE, garbled);
      assertThat(SnapshotSignature.verifies(key, headers)).as("'%s'", garbled).isFalse();
    }
  }

  @Test
  void aFileThatIsNoSuchKeyIsNamed() throws IOException {
    assertThatThrownBy(() -> SnapshotSignature.privateKey(pem(PUBLIC)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("key.pem holds no '-----BEGIN PRIVATE KEY-----'");
    assertThatThrownBy(
            () ->
                SnapshotSignature.privateKey(
                    pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")))
        .hasMessageContaining("is not an Ed25519 private key")
        .hasMessageContaining("openssl genpkey");
  }
}
