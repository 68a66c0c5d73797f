package dev.samgs.deploy.cli;

import dev.samgs.connectors.event.ModelName;
import dev.samgs.connectors.kafka.KafkaConnection;
import dev.samgs.connectors.snapshot.ClaimChecks;
import dev.samgs.connectors.snapshot.LiveModels;
import dev.samgs.connectors.snapshot.SnapshotFollower;
import dev.samgs.deploy.predict.OnnxRuntimeScorer;
import dev.samgs.predict.GraphScorer;
import dev.samgs.predict.Scorer;
import dev.samgs.snapshot.SnapshotSignature;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which snapshots are followed, from where, and what makes predictions of them. */
final class FollowOptions {
  /** What evaluates models. */
  enum ScorerChoice {
    BUILT_IN("built-in", GraphScorer::load),
    ONNXRUNTIME("onnxruntime", OnnxRuntimeScorer::load);

    private final String name;
    private final Scorer.Loader loader;

    ScorerChoice(String name, Scorer.Loader loader) {
      this.name = name;
      this.loader = loader;
    }

    @Override
    public String toString() {
      return name;
    }
  }

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
      names = "--model",
      paramLabel = "NAME",
      description = "Follow this model only; may be given several times (default: all).")
  private List<String> models = new ArrayList<>();

  @Option(
      names = "--scorer",
      paramLabel = "NAME",
      defaultValue = "built-in",
      description =
          "What evaluates models: built-in, plain Java, or onnxruntime (default:"
              + " ${DEFAULT-VALUE}).")
  private ScorerChoice scorer;

  @Option(
      names = "--public-key",
      paramLabel = "FILE",
      description =
          "Take only snapshots that were signed with the other half of this Ed25519 key, a PEM"
              + " file; may be given several times, one of them must fit.")
  private List<Path> publicKeys = new ArrayList<>();

  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "2",
      description = "Versions of each model that stay loaded (default: ${DEFAULT-VALUE}).")
  private int keep;

  KafkaConnection connection() throws IOException {
    return kafka.connection();
  }

  String topic() {
    return topic;
  }

  /** Models that were asked for; empty for all. */
  Set<String> models() {
    return new HashSet<>(models);
  }

  void checkUsage() {
    for (String model : models) {
      if (!ModelName.valid(model)) {
        throw usage("--model must be " + ModelName.RULE + ", not '" + model + "'");
      }
    }
    if (keep < 1) {
      throw usage("--keep must be at least 1, not " + keep);
    }
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }

  LiveModels liveModels(MeterRegistry registry) {
    return new LiveModels(scorer.loader, keep, registry);
  }

  SnapshotFollower follow(LiveModels liveModels, MeterRegistry registry) throws IOException {
    List<PublicKey> trusted = new ArrayList<>();
    for (Path key : publicKeys) {
      trusted.add(SnapshotSignature.publicKey(key));
    }
    return SnapshotFollower.start(
        connection(),
        topic,
        new SnapshotFollower.Options(models(), trusted, ClaimChecks.FILES, registry),
        liveModels);
  }
}
