package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.event.ModelName;
import dev.samgs.connectors.kafka.KafkaAccessException;
import dev.samgs.connectors.snapshot.ControlCommand;
import dev.samgs.connectors.snapshot.ControlCommand.Action;
import dev.samgs.deploy.terminal.Terminal;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells the job which version of a model to publish; one command for each {@link Action}. */
@Command(sortOptions = false)
final class SnapshotControlCommand implements Callable<Integer> {
  private final Action action;
  private final Terminal out;

  @Spec private CommandSpec command;

  @Mixin private KafkaOptions kafka;

  @Parameters(paramLabel = "MODEL", description = "The model.")
  private String model;

  @Option(
      names = "--version",
      paramLabel = "N",
      description = "The version that is meant, as samgs snapshot list shows it.")
  private Long version;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Why, for the job's log.")
  private String reason;

  @Option(
      names = "--control-topic",
      paramLabel = "TOPIC",
      defaultValue = "model-control",
      description = "Topic of the commands (default: ${DEFAULT-VALUE}).")
  private String topic;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  SnapshotControlCommand(Action action, Terminal out) {
    this.action = action;
    this.out = out;
  }

  /** What the command says of itself. */
  String[] description() {
    String does =
        switch (action) {
          case PIN ->
              "Asks the job to publish this version, or the newest published one, until it is"
                  + " unpinned; the learner learns on.";
          case UNPIN -> "Asks the job to publish again as configured.";
          case ROLLBACK ->
              "Asks the job to bring back the parameters of this version, or of the one before the"
                  + " newest published one, into the learner, and to publish them under a new"
                  + " version.";
          case PROMOTE -> "Asks the job to publish what the learner has now, past the gate.";
          case RETIRE ->
              "Asks the job to delete all that it holds of a model and to withdraw its snapshots, so"
                  + " that predictors unload it. Events that still come begin it afresh, with"
                  + " higher versions.";
          case REPUBLISH ->
              "Asks the job to publish the newest published version again, under a higher one,"
                  + " unless it is newer than the version named. The job asks it of itself when"
                  + " what it had written was lost.";
        };
    return new String[] {does, ""};
  }

  @Override
  public Integer call() throws Exception {
    if (!ModelName.valid(model)) {
      throw usage("MODEL must be " + ModelName.RULE + ", not '" + model + "'");
    }
    if (version != null && !action.takesVersion()) {
      throw usage(action.code() + " takes no --version");
    }
    RecordMetadata sent =
        send(
            new ControlCommand(
                model,
                action,
                version == null ? OptionalLong.empty() : OptionalLong.of(version),
                System.getProperty("user.name", ""),
                reason));
    if (output == OutputFormat.JSON) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("model", model);
      json.put("action", action.code());
      json.put("version", version);
      json.put("topic", topic);
      json.put("partition", sent.partition());
      json.put("offset", sent.offset());
      out.print(json.toString());
    } else {
      out.print(
          "the job was asked to "
              + action.code()
              + " "
              + model
              + (version == null ? "" : " at version " + version)
              + (action == Action.RETIRE
                  ? "; samgs model list shows when it is done"
                  : "; samgs snapshot list shows what it publishes"));
    }
    return 0;
  }

  private ParameterException usage(String problem) {
    return new ParameterException(command.commandLine(), problem);
  }

  private RecordMetadata send(ControlCommand asked) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            kafka.connection().with(Map.of("acks", "all", "max.block.ms", 15_000)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      return producer.send(asked.toProducerRecord(topic)).get();
    } catch (ExecutionException e) {
      throw new KafkaAccessException(
          "the command could not be written to topic " + topic,
          e,
          "the topic has to exist: the job creates it when it starts");
    }
  }
}
