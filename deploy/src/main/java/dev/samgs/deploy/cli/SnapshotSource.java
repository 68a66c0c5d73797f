package dev.samgs.deploy.cli;

import dev.samgs.connectors.event.NearestName;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.ClaimChecks;
import dev.samgs.connectors.snapshot.SnapshotHistory;
import dev.samgs.connectors.snapshot.SnapshotHistory.Entry;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.snapshot.OnnxDecoder;
import dev.samgs.snapshot.Provenance;
import dev.samgs.snapshot.SnapshotSignature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where snapshots are looked up. */
final class SnapshotSource {
  /** How a snapshot is named on the command line. */
  static final String REFERENCE = "MODEL[@VERSION]";

  private static final String FILE_SUFFIX = ".onnx";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      defaultValue = "model-snapshots",
      description = "Topic of the snapshots (default: ${DEFAULT-VALUE}).")
  private String topic;

  @Option(
      names = "--public-key",
      paramLabel = "FILE",
      description =
          "Take only what was signed with the other half of this Ed25519 key, a PEM file; may be"
              + " given several times, one of them must fit.")
  private List<Path> publicKeys = new ArrayList<>();

  KafkaConnection connection() throws IOException {
    return kafka.connection();
  }

  String topic() {
    return topic;
  }

  /** Reads what the topic holds without fetching or verifying anything. */
  void read(Consumer<Entry> reader) throws IOException {
    SnapshotHistory.read(kafka.connection(), topic, reader);
  }

  /** Reads and verifies what the topic holds. */
  void verify(Consumer<Entry> reader) throws IOException {
    List<PublicKey> trusted = new ArrayList<>();
    for (Path key : publicKeys) {
      trusted.add(SnapshotSignature.publicKey(key));
    }
    SnapshotHistory.verify(kafka.connection(), topic, trusted, ClaimChecks.FILES, reader);
  }

  /**
   * The snapshot that somebody named: {@code MODEL} for its newest version, {@code MODEL@VERSION},
   * or an ONNX file.
   *
   * @throws CommandFailure if there is none, or it cannot be trusted
   */
  SnapshotRecord find(String reference) throws IOException, CommandFailure {
    return reference.endsWith(FILE_SUFFIX) ? file(Path.of(reference)) : published(reference);
  }

  /** A file says of itself what a record says in its headers. */
  private static SnapshotRecord file(Path file) throws IOException {
    byte[] onnx = Files.readAllBytes(file);
    Map<String, String> headers = new TreeMap<>(OnnxDecoder.metadata(onnx));
    headers.keySet().removeIf(name -> name.matches("samgs\\.(features|tasks|network)"));
    String version = headers.getOrDefault(Provenance.VERSION, "0");
    return new SnapshotRecord(
        headers.getOrDefault(Provenance.MODEL, file.toString()),
        Long.parseLong(version),
        onnx,
        headers);
  }

  private SnapshotRecord published(String reference) throws IOException, CommandFailure {
    int at = reference.lastIndexOf('@');
    String model = at < 0 ? reference : reference.substring(0, at);
    Long version = at < 0 ? null : version(reference.substring(at + 1));
    Map<String, List<Long>> versions = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    SnapshotRecord[] found = new SnapshotRecord[1];
    verify(
        entry -> {
          if (entry.problem() != null && entry.model().equals(model)) {
            problems.add(entry.problem());
          }
          if (entry.removal()) {
            versions.remove(entry.model());
          }
          if (entry.removal() && entry.model().equals(model)) {
            found[0] = null;
          }
          if (entry.snapshot() != null) {
            versions
                .computeIfAbsent(entry.model(), m -> new ArrayList<>())
                .add(entry.snapshot().version());
            if (entry.model().equals(model)
                && (version == null || version == entry.snapshot().version())) {
              found[0] = entry.snapshot();
            }
          }
        });
    if (found[0] == null) {
      throw new CommandFailure(missing(model, version, versions, problems));
    }
    return found[0];
  }

  private long version(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new ParameterException(
          command.commandLine(),
          "the version in MODEL@VERSION must be a number, not '" + text + "'");
    }
  }

  private String missing(
      String model, Long version, Map<String, List<Long>> versions, Collection<String> problems) {
    String sentence;
    if (versions.containsKey(model)) {
      sentence =
          "topic "
              + topic
              + " holds no version "
              + version
              + " of "
              + model
              + "; it holds "
              + versions.get(model);
    } else {
      String nearest = NearestName.to(model, versions.keySet());
      sentence =
          "topic "
              + topic
              + " holds no usable snapshot of "
              + model
              + (nearest == null ? "" : "; did you mean " + nearest + "?");
    }
    return problems.isEmpty() ? sentence : sentence + "; " + String.join("; ", problems);
  }
}
